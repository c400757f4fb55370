"""The comparing of two worlds: what is random or a matter of the clock is passed over, and every other difference is found."""

import datetime
import json
import unittest

from rig.alike import Alike, Clock
from rig.http import Answer

HEADERS = [("content-type", "application/json"), ("date", "now"), ("etag", '"k3J9xQ7wLm2ZpR8vT5nB"')]


def clock(offset: float) -> Clock:
    made = Clock()
    made.set(1_494_592_800_000_000 + int(offset * 1e6), 1000.0)
    for step in range(5):
        made.begin(step, 1000.0 + 10 * step)
    return made


def micros(of: Clock, at: float) -> int:
    return int((at + of.offset) * 1e6)


class Worlds(unittest.TestCase):
    def setUp(self):
        self.first, self.second = clock(0), clock(7.5)
        self.alike = Alike(self.first, self.second)

    def body(self, world: Clock, thing: str, at: float, **more) -> dict:
        return {"id": thing, "things": [{"id": thing, "at": micros(world, at)}, {"id": "A-" + "2" * 12}], **more}

    def answers(self, first, second, status=(200, 200), headers=(HEADERS, HEADERS)):
        made = [Answer(s, h, json.dumps(b).encode()) for s, h, b in zip(status, headers, (first, second))]
        return self.alike.answers(*made)

    def test_names_and_clocks_are_passed_over(self):
        first, second = self.body(self.first, "A-7KQ4M9T2XCHW", 1012), self.body(self.second, "A-9999M9T2XCHZ", 1014)
        self.assertIsNone(self.answers(first, second))

    def test_a_random_name_without_digits_is_found_in_an_address(self):
        first, second = '<form action="/org/keys/t-YBPTKACUNMJX">', '<form action="/org/keys/t-7BP4KAC2NMJX">'
        self.assertIsNone(self.alike.text(first, second))
        self.assertIsNotNone(self.alike.text(first, second.replace("7", "8")))

    def test_a_secret_of_ours_is_random_without_a_digit_too(self):
        secrets = "nra_fyXFksgUbdXCRNwt_eMEwQZDOFGfjqBWVyPyJxOZFrE", "nra_3X9qLm2ZpR8vT5nBk7Jc4Ws6Yd1HfQzUbGtEoNiAaVx"
        self.assertIsNone(self.alike.text(*(f'<input name="_once" value="{secret}">' for secret in secrets)))
        words = "the-first-long-word-of-letters", "another-long-word-of-letters-x"
        self.assertIsNotNone(self.alike.text(*(f'<input name="_once" value="{word}">' for word in words)))

    def test_a_minute_that_passes_between_two_looks_is_a_clock_in_words_too(self):
        said = "最終更新 {}（自動で更新しています）"
        for first, second in [("21時40分", "21時39分"), ("22時", "21時59分"), ("21:40", "21:39")]:
            self.assertIsNone(self.alike.text(said.format(first), said.format(second)), first)
        for first, second in [("21時40分", "21時37分"), ("2時間", "3時間"), ("2時間", "2時")]:
            self.assertIsNotNone(self.alike.text(said.format(first), said.format(second)), first)

    def test_a_minute_that_passes_between_two_looks_shows_in_what_is_left_too(self):
        units = {True: ("{h} h {m} min", "{m} min"), False: ("{h}時間{m}分", "{m}分")}

        def counted(text: str) -> str:
            hours, minutes = units[text.isascii()]
            return f'<b data-until="1494619200000000" data-hours="{hours}" data-minutes="{minutes}">{text}</b>'

        for first, second in [("9時間59分", "10時間"), ("1時間", "59分"), ("5分", "4分"), ("10 h", "9 h 59 min"), ("1 h", "59 min")]:
            self.assertIsNone(self.alike.text(counted(first), counted(second)), first)
            # How long something took is told to the minute, too, and there a minute is a difference.
            self.assertIsNotNone(self.alike.text(f"<b>{first}</b>", f"<b>{second}</b>"), first)
        for first, second in [("9時間58分", "10時間"), ("2時間", "1時間"), ("5分", "3分"), ("2 h", "1 h"), ("5分", "5 min"), ("9時間", "9時")]:
            self.assertIsNotNone(self.alike.text(counted(first), counted(second)), first)

    def test_every_fault_is_found(self):
        ours, theirs = self.body(self.first, "A-7KQ4M9T2XCHW", 1012), self.body(self.second, "A-9999M9T2XCHZ", 1012)
        faults = {
            "a count": ({**ours, "total": 4}, {**theirs, "total": 3}),
            "a word": ({**ours, "say": "来ている"}, {**theirs, "say": "来ていない"}),
            "a member": ({**ours, "more": None}, theirs),
            "an entry": ({**ours, "things": ours["things"][:1]}, theirs),
            "an order": ({**ours, "things": ours["things"][::-1]}, theirs),
            "a later step": (self.body(self.first, "A-7KQ4M9T2XCHW", 1023), theirs),
            "another name for one thing": ({**ours, "again": "A-8888M9T2XCHW"}, {**theirs, "again": "A-9999M9T2XCHZ"}),
            "one name for two things": ({**ours, "again": "A-7KQ4M9T2XCHW"}, {**theirs, "again": "A-3333M9T2XCHZ"}),
            "a longer name": ({**ours, "key": "k3J9xQ7wLm2ZpR8vT5nBa"}, {**theirs, "key": "a4J9xQ7wLm2ZpR8vT5nB"}),
            "a type": ({**ours, "n": 1}, {**theirs, "n": "1"}),
            "a deadline": ({**ours, "due": micros(self.first, 90_000)}, {**theirs, "due": micros(self.second, 90_060)}),
        }
        for fault, (first, second) in faults.items():
            with self.subTest(fault):
                self.alike = Alike(self.first, self.second)
                self.assertIsNotNone(self.answers(first, second))

    def test_status_headers_and_pages_count(self):
        ours, theirs = self.body(self.first, "A-7KQ4M9T2XCHW", 1012), self.body(self.second, "A-9999M9T2XCHZ", 1012)
        self.assertIn("status", self.answers(ours, theirs, status=(403, 404)))
        self.assertIn("headers", self.answers(ours, theirs, headers=([*HEADERS, ("x-more", "1")], HEADERS)))
        self.assertIn("x-n", self.answers(ours, theirs, headers=([*HEADERS, ("x-n", "1")], [*HEADERS, ("x-n", "2")])))
        self.assertIsNone(self.alike.text("<p>21:40 R-7KQ4M9T2XCHW 3件</p>", "<p>21:41 R-9999M9T2XCHZ 3件</p>"))
        self.assertIsNotNone(self.alike.text("<p>21:40 R-7KQ4M9T2XCHW 3件</p>", "<p>21:41 R-9999M9T2XCHZ 2件</p>"))
        self.assertIsNone(self.alike.text("?next=%2Finfo%2FR%2D7KQ4M9T2XCHW", "?next=%2Finfo%2FR%2D9999M9T2XCHZ"))

    def test_seconds_are_as_exact_as_they_are_told(self):
        def at(world: Clock, moment: float) -> str:
            return datetime.datetime.fromtimestamp(int(moment + world.offset), datetime.timezone.utc).isoformat()

        self.assertIsNone(self.alike.text(at(self.first, 1010.3), at(self.second, 1011.2)))
        self.assertIsNotNone(self.alike.text(at(self.first, 1015), at(self.second, 1025)))


if __name__ == "__main__":
    unittest.main()
