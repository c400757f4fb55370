"""Debian's postfix, as the tests use it. Needs root; the part mail runs it."""

import time
import unittest

from rig.mail import Postfix, Sink
from test_mail import letter, send


class PostfixRelays(unittest.TestCase):
    def test_to_the_sink_and_nowhere_else(self):
        with Sink() as sink, Postfix(sink.port) as relay:
            began = time.monotonic()
            send(relay.port, letter("緊急：お知らせがあります"))
            found = sink.wait_for(1)
            self.assertEqual(len(found), 1, relay.log())
            envelope, message = found[0]
            self.assertEqual(envelope["helo"], "relay.example")
            self.assertIn("(Postfix", message["Received"])
            self.assertEqual(message["Subject"], "緊急：お知らせがあります")
            self.assertLess(time.monotonic() - began, 20)
        self.assertFalse(relay.top.exists())


if __name__ == "__main__":
    unittest.main()
