#!/usr/bin/env python3
"""kill -9 at any moment: kill.py [--database URL] [--rounds N] [--writers N]

Members write all at once, each request under an idempotency key, and the server is killed in the middle of it. After each
start everything that was acknowledged is there once, in the order in which its writer was told so; what was not answered
is sent again under its old key and is there once; what was answered is sent again and gets the old answer. In the end the
journal's chain of hashes holds, with one line for every act. --database is a PostgreSQL whose role may create databases;
without it, SQLite."""

import argparse
import collections
import contextlib
import hashlib
import json
import random
import secrets
import sqlite3
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from rig import postgres
from rig.http import Person, person_for
from rig.server import DidNotStart, Server
from rig.tally import Tally, run

OPEN = "/api/v1/consultations"
# Each consultation gets so many posts before its writer opens the next.
POSTS = 4


class Writer:
    """One member that consults: what it asked for, and what it was told."""

    def __init__(self, person: Person):
        self.person = person
        # In the order asked: [key, path, body, the id that was answered or None].
        self.asked: list = []
        self.refused: list = []
        self.thing, self.posts = None, 0

    def write_on(self, stop: threading.Event) -> None:
        """Writes until the server is gone."""
        while not stop.is_set():
            text = f"{self.person.name} {secrets.token_hex(8)}"
            path = OPEN if self.thing is None or self.posts == POSTS else f"{OPEN}/{self.thing}/posts"
            entry = [secrets.token_hex(12), path, {"text": text}, None]
            self.asked.append(entry)
            if not self.send(entry):
                return

    def send(self, entry: list) -> bool:
        """Sends one request; whether it was answered well."""
        key, path, body, _ = entry
        try:
            answer = self.person.post(path, body, key=key)
        except OSError:
            self.person.hang_up()
            return False
        if answer.status not in (200, 201):
            self.refused.append(answer)
            return False
        if path == OPEN:
            self.thing, self.posts = answer.json()["id"], 0
            entry[3] = self.thing
        else:
            self.posts += 1
            entry[3] = path.split("/")[-2]
        return True

    def stored(self) -> list:
        """The texts of all that is stored of this writer, by thing, oldest first."""
        things, before = [], ""
        while True:
            page = self.person.get(f"{OPEN}?limit=200{before}").json()
            things += page["things"]
            if "next" not in page:
                break
            before = f"&before={page['next']}"
        bodies = [layer["body"] for thing in things for layer in thing["layers"] if layer["layer"] == "consultation"]
        bodies.sort(key=lambda body: body["opened_at"])
        return [[post["text"] for post in body["posts"]] for body in bodies]


def together(writers: list, work) -> None:
    """The same work of all writers, at once."""
    threads = [threading.Thread(target=work, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def compare(tally: Tally, when: str, writers: list) -> None:
    """Counts whether everything acknowledged is stored once and in order, and nothing is that nobody asked for."""
    lost, doubled, foreign, disorder, acknowledged = [], [], [], [], 0
    for writer in writers:
        stored = [text for thread in writer.stored() for text in thread]
        told = [entry[2]["text"] for entry in writer.asked if entry[3]]
        asked = {entry[2]["text"] for entry in writer.asked}
        acknowledged += len(told)
        lost += [text for text in told if text not in stored]
        doubled += [text for text in set(stored) if stored.count(text) > 1]
        foreign += [text for text in stored if text not in asked]
        kept = set(told)
        if [text for text in stored if text in kept] != [text for text in told if text in stored]:
            disorder.append(writer.person.name)
    tally.check(f"{when}: all {acknowledged} acknowledged writes are there", not lost, f"lost {len(lost)}: {lost[:3]}")
    tally.check(f"{when}: nothing is there twice, nothing unasked", not doubled and not foreign,
                f"twice {doubled[:3]}, unasked {foreign[:3]}")
    tally.check(f"{when}: each in the order in which it was acknowledged", not disorder, disorder)


def again(tally: Tally, writers: list) -> None:
    """Sends the unanswered again, and some of the answered: the keys double nothing."""
    wrong = []

    def work(writer: Writer) -> None:
        for entry in [e for e in writer.asked if e[3] is None]:
            if not writer.send(entry):
                wrong.append(f"{entry[1]} sent again: {writer.refused[-1:] or 'no answer'}")
        for entry in random.sample(writer.asked, min(3, len(writer.asked))):
            before, thing, posts = entry[3], writer.thing, writer.posts
            if not writer.send(entry) or entry[3] != before:
                wrong.append(f"{before} became {entry[3]}")
            writer.thing, writer.posts = thing, posts

    together(writers, work)
    tally.check("what was not answered is taken under its old key, what was is answered as before", not wrong, wrong[:3])


class Database:
    """Where the server keeps things, for a look from outside: a fresh database of a PostgreSQL, or the server's own file."""

    def __init__(self, url: str | None):
        self._beside, self.url = url, None

    def environment(self) -> dict:
        """What tells the server."""
        return {"NOROSHI_DATABASE": self.url} if self.url else {}

    def __enter__(self):
        self.url = postgres.fresh(self._beside) if self._beside else None
        return self

    def __exit__(self, *_):
        if self.url:
            postgres.drop(self.url)

    def sound(self, data: Path) -> str:
        """What the database says about itself: `ok`."""
        if self.url:
            return "ok"
        with contextlib.closing(sqlite3.connect(data / "noroshi.db")) as base:
            return base.execute("pragma integrity_check").fetchone()[0]

    def journal(self, data: Path) -> list:
        """The journal, in its order."""
        words = ("select seq, person, org, action, coalesce(thing, ''), event, charter, reason, content, hash"
                 " from journal order by seq")
        if not self.url:
            with contextlib.closing(sqlite3.connect(data / "noroshi.db")) as base:
                return base.execute(words).fetchall()
        rows = postgres.psql(self.url, f"select json_build_array({words[7:words.index(' from')]}) from journal order by seq")
        return [json.loads(row) for row in rows.splitlines()]


def unbroken(journal: list) -> bool:
    """Recounts the chain: each line's hash takes in the one before, and all of its own parts behind their lengths."""
    before = ""
    for *parts, said in journal:
        digest = hashlib.sha256()
        for part in [before, *map(str, parts)]:
            raw = part.encode()
            digest.update(len(raw).to_bytes(8, "big") + raw)
        before = digest.hexdigest()
        if before != said:
            return False
    return True


def main() -> Tally:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--database")
    words.add_argument("--rounds", type=int, default=8)
    words.add_argument("--writers", type=int, default=12)
    words.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = words.parse_args()
    random.seed(options.seed)
    kind = "PostgreSQL" if options.database else "SQLite"
    tally = Tally(f"kill -9, on {kind}, {options.rounds} times (--seed {options.seed})")
    with Database(options.database) as database, tempfile.TemporaryDirectory(prefix="noroshi-kill-") as folder:
        data = Path(folder) / "data"
        data.mkdir(mode=0o700)
        server = Server("demo", ["--until", "empty"], data=data, env=database.environment())
        try:
            play(tally, server, options)
        except DidNotStart as error:
            tally.check("the server starts again after kill -9", False, str(error))
        finally:
            server.stop()
        tally.equal("the database is sound", database.sound(data), "ok")
        journal = database.journal(data)
        tally.check(f"the journal's {len(journal)} lines are one unbroken chain", journal and unbroken(journal))
        asked = sum(len(writer.asked) for writer in tally.writers)
        chosen = {writer.person.name for writer in tally.writers}
        written = [line for line in journal if line[1].removeprefix("p-") in chosen]
        tally.equal(f"the journal has a line for each of the {asked} acts, and none twice", len(written), asked)
        if len(written) != asked:
            print(f"       lines by act: {collections.Counter((line[3], line[5]) for line in written)}", flush=True)
    return tally


def play(tally: Tally, server: Server, options) -> None:
    """Starts, writes and kills, so many times."""
    tally.writers = []
    server.start()
    members = json.loads((server.data / "demo-members.json").read_text("utf-8"))
    chosen = sorted(members)[: options.writers]
    tally.writers = writers = [Writer(person_for(server.base, members, short)) for short in chosen]
    for number in range(1, options.rounds + 1):
        stop = threading.Event()
        delay = random.choice([random.uniform(0.02, 0.3), random.uniform(0.3, 1.5)])
        killer = threading.Timer(delay, server.kill)
        killer.start()
        together(writers, lambda writer: writer.write_on(stop))
        stop.set()
        killer.join()
        server.start()
        when = f"kill {number}, after {delay:.2f} s"
        refused = [answer for writer in writers for answer in writer.refused]
        tally.check(f"{when}: nobody was refused", not refused, refused[:2])
        compare(tally, when, writers)
        again(tally, writers)
        compare(tally, f"{when}, sent again", writers)
        unanswered = [entry for writer in writers for entry in writer.asked if entry[3] is None]
        tally.check(f"{when}, sent again: nothing is open", not unanswered, unanswered[:3])


if __name__ == "__main__":
    run(main)
