"""The mail tools: what is sent through them arrives, and nowhere else."""

import smtplib
import unittest
from email.message import EmailMessage

from rig.mail import Sink


def letter(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "noroshi@council.example", "it@g001.example", subject
    message.set_content("月曜の始業まで、電源を入れないでください。\n")
    return message


def send(port: int, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as door:
        door.send_message(message)


class SinkKeeps(unittest.TestCase):
    def test_what_was_sent(self):
        with Sink() as sink:
            send(sink.port, letter("緊急：お知らせがあります"))
            [(envelope, message)] = sink.wait_for(1)
            self.assertEqual(envelope["to"], ["it@g001.example"])
            self.assertEqual(message["Subject"], "緊急：お知らせがあります")
            self.assertIn("電源を入れない", message.get_content())

    def test_nothing_that_it_refused(self):
        with Sink("--refuse-first", "1", "--unknown", "ghost") as sink:
            with self.assertRaises(smtplib.SMTPDataError):
                send(sink.port, letter("first"))
            send(sink.port, letter("second"))
            ghost = letter("third")
            ghost.replace_header("To", "ghost@g001.example")
            with self.assertRaises(smtplib.SMTPRecipientsRefused):
                send(sink.port, ghost)
            self.assertEqual([message["Subject"] for _, message in sink.messages()], ["second"])


if __name__ == "__main__":
    unittest.main()
