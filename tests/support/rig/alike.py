"""Whether two servers said the same, but for what is random in each and for when each was asked.

Random names must correspond one to one, throughout. Moments must lie in the same step of the script that both servers were
led through. Everything else must be equal to the letter: words, numbers, order, counts, names of headers."""

import datetime
import json
import re

PIECE = re.compile(
    r"(?P<micros>\b1[4-9]\d{14}\b)"
    r"|(?P<iso>\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)"
    r"|(?P<uuid>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)"
    r"|(?P<id>\b[A-Za-z]{1,12}(?:-[a-z]+)?-[2-9A-HJ-NP-Za-hj-np-z]{12}\b)"
    r"|(?P<reference>\burn:noroshi:reference:[0-9a-z]+)"
    r"|(?P<clock>\b\d{1,2}:\d\d(?::\d\d)?\b|\b\d{1,2}時(?!間)(?:\d\d分)?)"
    r"|(?P<left>(?:(?<=data-minutes=\"\{m\}分\">)|(?<=data-minutes=\"\{m\} min\">))(?:\d+時間(?:\d+分)?|\d+分|\d+ h(?: \d+ min)?|\d+ min)(?=<))"
    r"|(?P<secret>[A-Za-z0-9_+-]{20,}={0,2})")
# What concerns one connection only, and the lengths of bodies that are compared themselves.
PASSED_OVER = {"date", "content-length", "connection", "keep-alive", "transfer-encoding"}


class Clock:
    """One world's time: when each step began, and how its server's clock stands to ours."""

    def __init__(self):
        self.offset, self.begun = 0.0, []

    def set(self, micros: int, at: float) -> None:
        """The server's clock showed `micros` when ours showed `at`."""
        self.offset = micros / 1e6 - at

    def begin(self, step: int, at: float) -> None:
        """A step begins."""
        self.begun.append((step, at))

    def step(self, seconds: float):
        """The step that a moment of the server's lies in; 0 where it lies before all of them, None in the future."""
        at = seconds - self.offset
        if not self.begun or at < self.begun[0][1] - 0.02:
            return 0
        if at > self.begun[-1][1] + 3600:
            return None
        return next(step for step, began in reversed(self.begun) if began - 0.02 <= at)

    def steps(self, seconds: float, width: float) -> set:
        """The steps that a moment may lie in which is told no more exactly than this."""
        ends = {self.step(seconds), self.step(seconds + width)}
        inner = {step for step, began in self.begun if seconds <= began + self.offset <= seconds + width}
        return ends | inner


class Alike:
    """What is known to correspond, and the comparing."""

    def __init__(self, first: Clock | None = None, second: Clock | None = None, slack: float = 2.0):
        self.clocks = (first or Clock(), second or Clock())
        self.slack, self.there, self.back, self.alike = slack, {}, {}, set()

    def same(self, first: str, second: str) -> bool:
        """Whether two random names correspond; if neither is known, they do from now on."""
        if first in self.there or second in self.back:
            return self.there.get(first) == second and self.back.get(second) == first
        self.there[first], self.back[second] = second, first
        return True

    def _moment(self, first: float, second: float, width: float) -> bool:
        if first == second:
            return True
        steps = [clock.steps(moment, width) for clock, moment in zip(self.clocks, (first, second))]
        if None not in steps[0] | steps[1]:
            return bool(steps[0] & steps[1])
        # A deadline: only the distance of the two clocks may lie between them.
        apart = (first - self.clocks[0].offset) - (second - self.clocks[1].offset)
        return steps[0] == steps[1] and abs(apart) <= self.slack + width

    def _token(self, kind: str, first: str, second: str) -> bool:
        if kind == "micros":
            return self._moment(int(first) / 1e6, int(second) / 1e6, 0)
        if kind == "iso":
            return self._moment(_iso(first), _iso(second), _width(first))
        if kind == "clock":
            # Shown to the minute, two clocks may stand on either side of one; the moments themselves are compared elsewhere.
            return abs(_minutes(first) - _minutes(second)) in (0, 1, 1439)
        if kind == "left":
            # Likewise what a page counts down, and nowhere else: how long something took is no matter of the clock.
            return first.isascii() == second.isascii() and abs(_left(first) - _left(second)) <= 1
        return len(first) == len(second) and self.same(first, second)

    def text(self, first: str, second: str) -> str | None:
        """The first difference between two texts, or None."""
        # Within addresses, names may be written otherwise. No name and no moment goes over a line's end.
        ours, theirs = (text.replace("%2D", "-").replace("%2F", "/").split("\n") for text in (first, second))
        for a, b in zip(ours, theirs):
            # What was said before, alike in both worlds, corresponds ever after: most lines and the names of most members.
            if a == b and a in self.alike:
                continue
            if said := self._line(a, b):
                return said
            if a == b:
                self.alike.add(a)
        if len(ours) != len(theirs):
            return _apart("\n".join(ours[len(theirs):]), "\n".join(theirs[len(ours):]))
        return None

    def _line(self, first: str, second: str) -> str | None:
        ours, theirs = list(_pieces(first)), list(_pieces(second))
        for (kind, a), (other, b) in zip(ours, theirs):
            if kind != other or (kind == "plain" and a != b) or (kind != "plain" and not self._token(kind, a, b)):
                return _apart(a, b)
        if len(ours) != len(theirs):
            return _apart("".join(t for _, t in ours[len(theirs):]), "".join(t for _, t in theirs[len(ours):]))
        return None

    def tree(self, first, second, place: str = "") -> str | None:
        """The first difference between two pieces of JSON, or None."""
        if type(first) is not type(second):
            return f"{place}: {_apart(first, second)}"
        if isinstance(first, dict):
            if len(first) != len(second):
                return f"{place}: {_apart(sorted(first), sorted(second))}"
            # The names of members may be random too; they stand in one order.
            for (a, x), (b, y) in zip(first.items(), second.items()):
                if said := self.text(a, b):
                    return f"{place}: the member {said}"
                if said := self.tree(x, y, f"{place}.{a}"):
                    return said
            return None
        if isinstance(first, list):
            if len(first) != len(second):
                return f"{place}: {len(first)} instead of {len(second)} entries"
            return next(filter(None, (self.tree(x, y, f"{place}[{n}]") for n, (x, y) in enumerate(zip(first, second)))), None)
        if isinstance(first, str) or (isinstance(first, int) and not isinstance(first, bool)):
            said = self.text(str(first), str(second))
            return said and f"{place}: {said}"
        return None if first == second else f"{place}: {_apart(first, second)}"

    def answers(self, first, second) -> str | None:
        """The first difference between two answers of rig.http, or None."""
        if first.status != second.status:
            return f"status {first.status} instead of {second.status}"
        ours, theirs = ([h for h in answer.headers if h[0] not in PASSED_OVER] for answer in (first, second))
        if [name for name, _ in ours] != [name for name, _ in theirs]:
            return f"headers {_apart([n for n, _ in ours], [n for n, _ in theirs])}"
        for (name, a), (_, b) in zip(ours, theirs):
            if said := self.text(a, b):
                return f"header {name}: {said}"
        a, b = first.json(), second.json()
        if a is not None and b is not None:
            return self.tree(a, b)
        return self.text(first.text, second.text)


def _pieces(text: str):
    done = 0
    for found in PIECE.finditer(text):
        kind = found.lastgroup
        # A long word is random only where digits and letters mix. A secret of ours says what it is by its beginning, and one in
        # some hundreds happens to have no digit.
        ours = re.match(r"nr[a-z]_", found[0])
        if kind == "secret" and not ours and not (re.search(r"\d", found[0]) and re.search(r"[A-Za-z]", found[0])):
            continue
        if found.start() > done:
            yield "plain", text[done:found.start()]
        yield kind, found[0]
        done = found.end()
    if done < len(text):
        yield "plain", text[done:]


def _iso(text: str) -> float:
    moment = datetime.datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)).timestamp()


def _width(text: str) -> float:
    """How exactly a moment is told: to the fraction, the second or the minute."""
    time = re.split(r"[Z+]", text.split("T")[1])[0]
    return 0.001 if "." in time else 1.0 if time.count(":") == 2 else 60.0


def _minutes(text: str) -> int:
    hours, minutes = (re.findall(r"\d+", text) + ["0"])[:2]
    return int(hours) * 60 + int(minutes)


def _left(text: str) -> int:
    hours, minutes = re.search(r"(\d+)(?:時間| h)", text), re.search(r"(\d+)(?:分| min)", text)
    return (int(hours[1]) * 60 if hours else 0) + (int(minutes[1]) if minutes else 0)


def _apart(first, second) -> str:
    a, b = (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in (first, second))
    at = next((n for n, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return f"«{a[max(0, at - 40):at + 60]}» instead of «{b[max(0, at - 40):at + 60]}»"
