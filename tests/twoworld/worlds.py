"""One of two worlds: a demo council of its own, everybody of its cast, a mail sink, and who listens to live events."""

import contextlib
import json
import re
import secrets
import sys
import time
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from rig.alike import Clock
from rig.http import Answer, Person
from rig.listen import Listener
from rig.mail import Sink
from rig.server import demo

# The members without a face of the demo that watch too, beside the whole cast.
WATCHERS = ("g001", "g002", "g003")
NOBODY = "nobody"


class StepFailed(Exception):
    """A step of the script was refused."""


class World:
    """A council that a script is played in."""

    def __init__(self, name: str):
        self.name, self.clock, self.saved = name, Clock(), {}
        self.people: dict = {}
        self.browsers: dict = {}
        self.ears: dict = {}
        self._mails: dict | None = None
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.sink = stack.enter_context(Sink())
            mail = {"NOROSHI_SMTP_HOST": "127.0.0.1", "NOROSHI_SMTP_PORT": str(self.sink.port), "NOROSHI_SMTP_TLS": "none",
                    "NOROSHI_SMTP_FROM": "noroshi@council.example"}
            self.server = stack.enter_context(demo("empty", env=mail))
            self._stack = stack.pop_all()
        self.members = json.loads((self.server.data / "demo-members.json").read_text("utf-8"))
        self.accounts = {**self.server.accounts(), **{short: self.members[short] for short in WATCHERS}}
        for short, account in self.accounts.items():
            self.people[short] = Person(self.server.base, account["api_token"], name=short)
            self.saved[f"{short}.org"] = account["org"]
            self.saved[f"{short}.password"] = account.get("password") or ""
        self.people[NOBODY] = Person(self.server.base)
        self._set_clock()
        return self

    def __exit__(self, *error):
        for ear in self.ears.values():
            ear.close()
        return self._stack.__exit__(*error)

    def _set_clock(self) -> None:
        """Reads the server's clock from something that somebody outside the script does in private."""
        best = None
        for _ in range(5):
            someone = Person(self.server.base, self.members[max(self.members)]["api_token"])
            someone.get("/api/v1/me")
            before = time.time()
            thing = someone.post("/api/v1/consultations", {"text": "時刻を合わせます。"}).json()["id"]
            after = time.time()
            micros = someone.get(f"/api/v1/consultations/{thing}").json()["layers"][0]["added_at"]
            if best is None or after - before < best[0]:
                best = (after - before, micros, (before + after) / 2)
        self.clock.set(best[1], best[2])

    def listen(self) -> None:
        """Everybody opens the stream of live events."""
        for short, person in self.people.items():
            if short != NOBODY:
                self.ears[short] = Listener(person)

    def fill(self, value, other: "World | None" = None):
        """Puts what was saved into the places {like_this}; from the other world where this one has none."""
        if isinstance(value, str):
            known = {**(other.saved if other else {}), **self.saved}
            return re.sub(r"\{([\w.]+)\}", lambda m: str(known.get(m[1], m[0])), value)
        if isinstance(value, list):
            return [self.fill(entry, other) for entry in value]
        if isinstance(value, dict):
            return {self.fill(key, other): self.fill(entry, other) for key, entry in value.items()}
        return value

    def play(self, number: int, step: dict, variant: str = "") -> Answer:
        """Plays one step of the script. Raises StepFailed."""
        method, path = step["do"].split(" ", 1)
        who, body = step.get("as" + variant, step["as"]), step.get("json" + variant, step.get("json"))
        headers = {"Idempotency-Key": secrets.token_hex(12)}
        # A kept connection may have been closed meanwhile, and what acts is not asked twice.
        self.people[who].hang_up()
        self.clock.begin(number, time.time())
        answer = self.people[who].ask(method, self.fill(path), self.fill(body) if body is not None else None, headers)
        if answer.status not in step.get("expect", [200, 201]):
            raise StepFailed(f"step {number} in world {self.name}: {step['do']} as {who}: {answer}")
        if "save" in step:
            self.saved[step["save"]] = (answer.json() or {}).get(step.get("field", "id"))
        return answer

    def browser(self, short: str) -> Person | None:
        """Somebody's browser, signed in; nothing for those who cannot sign in or where there are no pages."""
        if short not in self.browsers:
            self.browsers[short] = self._sign_in(short)
        return self.browsers[short]

    def _sign_in(self, short: str) -> Person | None:
        browser = Person(self.server.base, name=short)
        if short == NOBODY:
            return browser
        account = self.accounts[short]
        if not account.get("password"):
            return None
        form = urllib.parse.urlencode({"email": account["email"], "password": account["password"], "next": "/"}).encode()
        answer = browser.ask("POST", "/sign-in", form, {
            "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin", "Origin": browser.base})
        return browser if answer.status in (302, 303) and browser.cookies else None

    def heard(self, short: str) -> list:
        """The live events of somebody, as (what, step): several of one step are one."""
        told = []
        for event in self.ears[short].heard:
            number = re.search(r"^id: (\d+)$", event, re.M)
            step = self.clock.step(int(number[1]) / 1e6) if number else None
            said = (re.sub(r"^id: \d+$", "id", event, flags=re.M), step)
            if not told or told[-1] != said:
                told.append(said)
        return told

    def mails(self, address: str) -> list:
        """The mails to somebody, in order, without what relays and clocks put into them. Read once, when no more come."""
        if self._mails is None:
            self._mails = {}
            for envelope, message in self.sink.messages():
                del message["Date"]
                text = self.plain(message.as_string())
                for to in envelope["to"]:
                    self._mails.setdefault(to, []).append(text)
        return self._mails.get(address, [])

    def plain(self, text: str) -> str:
        """A text without the place where this server happens to listen."""
        return text.replace(f"127.0.0.1:{self.server.port}", "council.example")
