#!/usr/bin/env python3
"""Two worlds: twoworld.py SCENARIO.json [--prove] [--thorough] [--verbose]

Two demo councils live through the same script; only in the first there are the hidden steps as well (or, where a step has
«json_b» or «as_b», each world has its own version of it). Whoever stands outside the audience of the hidden steps then asks
both for everything: every GET of the OpenAPI document with every id, pages, TAXII, live events, mail, and every act upon the
hidden thing and upon one that never was. Each pair of answers must be alike, but for random names and clocks. Those inside
the audience must see a difference, or the run proves nothing. Pages and acts are tried by one of each class; with --thorough
by everybody.

--prove counts somebody of the audience among the outsiders on purpose, and passes only where that is found out.

A scenario: {"about", "prove": who, "script": [{"as", "do": "POST /api/v1/…", "json", "save": name, "field", "expect": [200],
"hidden": true, "audience": ["c1a", "@class1"], "json_b", "as_b", "settle": seconds}]}. {name} stands for what was saved,
{c1a.org} and {c1a.password} for what is known of the cast."""

import argparse
import html
import json
import re
import sys
import time
from pathlib import Path

from worlds import NOBODY, StepFailed, World
from rig.alike import Alike
from rig.server import DidNotStart
from rig.tally import Tally, run

NEVER = "A-NEVERWAS2345"
PAGES_MOST = 35
SETTLE = 0.35


class Run:
    """One scenario in two worlds."""

    def __init__(self, scenario: dict, worlds: tuple, options):
        self.scenario, self.worlds, self.options = scenario, worlds, options
        self.alike = Alike(*(world.clock for world in worlds))
        self.alike.same(NEVER, NEVER)
        cast = list(worlds[0].accounts)
        self.hidden = [step for step in scenario["script"] if step.get("hidden")]
        inside = {who for step in self.hidden for name in self._audience(step) for who in self._named(name)}
        self.insiders = [short for short in cast if short in inside]
        self.outsiders = [short for short in cast if short not in inside] + [NOBODY]
        if options.prove:
            self.insiders.remove(scenario["prove"])
            self.outsiders.append(scenario["prove"])
        self.leaks: dict = {}
        self.seen: dict = {}
        self.compared, self.asked = 0, set()
        self.openapi: dict = {}

    @staticmethod
    def _audience(step: dict) -> list:
        return [*step["audience"], step["as"], step.get("as_b", step["as"])]

    def _named(self, name: str) -> list:
        accounts = self.worlds[0].accounts
        if name.startswith("@"):
            return [short for short, account in accounts.items() if account["class"] == name[1:]]
        orgs = accounts[name]["org"]
        return [short for short, account in accounts.items() if account["org"] == orgs]

    def note(self, who: str, channel: str, what: str, said: str | None) -> None:
        """Counts one comparison, and keeps its difference: a leak outside, proof of sight inside."""
        self.compared += 1
        if said:
            kept = self.leaks if who in self.outsiders else self.seen
            kept.setdefault((who, channel), []).append(f"{what}: {said}")

    def ask(self, who: str, channel: str, method: str, path: str, body=None, paths=None, browsers: bool = False,
            headers=None) -> tuple | None:
        """Asks both worlds the same and compares. `paths` where they differ by more than what was saved."""
        answers = []
        for n, (world, other) in enumerate(zip(self.worlds, self.worlds[::-1])):
            person = world.browser(who) if browsers else world.people[who]
            if person is None:
                return None
            if method != "GET":
                person.hang_up()
            there = paths[n] if paths else world.fill(path, other)
            filled = world.fill(body, other) if body is not None else None
            answer = person.ask(method, there, filled, headers)
            # Whoever asks for everything asks too often, and is told when to go on. That is no difference between worlds.
            while answer.status == 429:
                time.sleep(min(float(answer.header("Retry-After") or 1), 30))
                person.hang_up()
                answer = person.ask(method, there, filled, headers)
            answer.body = world.plain(answer.text).encode()
            answer.headers = [(name, world.plain(value)) for name, value in answer.headers]
            answers.append(answer)
        self.note(who, channel, f"{method} {path}", self.alike.answers(*answers))
        return tuple(answers)

    def play(self) -> None:
        """The script, in lock step; after each hidden step everybody looks at once."""
        for number, step in enumerate(self.scenario["script"], 1):
            hidden = bool(step.get("hidden"))
            variant = "json_b" in step or "as_b" in step
            answers = [self.worlds[0].play(number, step)]
            if not hidden or variant:
                answers.append(self.worlds[1].play(number, step, "_b" if variant else ""))
            else:
                # What others do after it, such as reading, they do in the same step of either world.
                self.worlds[1].clock.begin(number, time.time())
            if "save" in step and len(answers) == 2:
                name = step["save"]
                self.alike.same(*(str(world.saved[name]) for world in self.worlds))
            elif "save" in step:
                # World B knows no such thing; asked for it there, it is just as unknown as any other.
                self.alike.same(*[str(self.worlds[0].saved[step["save"]])] * 2)
            if len(answers) == 2 and step["as"] in self.outsiders and step.get("as_b", step["as"]) == step["as"]:
                self.note(step["as"], "script", step["do"], self.alike.answers(*answers))
            time.sleep(step.get("settle", 1.0 if hidden else SETTLE))
            if hidden:
                for who in self.outsiders:
                    self.lists(who)

    def lists(self, who: str) -> None:
        """Every address without a parameter."""
        for path, methods in self.openapi["paths"].items():
            if "get" in methods and "{" not in path:
                self.get(who, path, path)

    def get(self, who: str, path: str, template: str) -> tuple:
        """One GET of the API."""
        answers = self.ask(who, "api", "GET", path)
        if any(answer.status == 200 for answer in answers):
            self.asked.add(template)
        return answers

    def look(self, who: str, pages: bool) -> None:
        """Everything that somebody can ask for, with pages or without."""
        self.lists(who)
        ids = [name for name in {**self.worlds[0].saved, **self.worlds[1].saved} if "." not in name]
        for path, methods in self.openapi["paths"].items():
            if "get" not in methods:
                continue
            if "{" in path:
                for thing in [*(f"{{{name}}}" for name in ids), NEVER]:
                    self.get(who, parameters(path, thing), path)
            elif any(parameter["name"] == "before" for parameter in methods["get"].get("parameters", [])):
                self.leaf_through(who, path)
        self.taxii(who)
        if pages:
            self.pages(who)

    def leaf_through(self, who: str, path: str) -> None:
        """A list, one entry a page."""
        asked = [f"{path}?limit=1"] * 2
        for _ in range(6):
            answers = self.ask(who, "api", "GET", f"{path}?limit=1&before=…", paths=asked)
            ends = [(answer.json() or {}).get("next") for answer in answers]
            if None in ends:
                return
            asked = [f"{path}?limit=1&before={end}" for end in ends]

    def taxii(self, who: str) -> None:
        """What a TAXII client reads: discovery, roots, collections, their manifests and objects."""
        accept = {"Accept": "application/taxii+json;version=2.1"}

        def both(paths: list) -> list:
            what = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", paths[0])
            answers = self.ask(who, "taxii", "GET", what, paths=paths, headers=accept)
            return [answer.json() or {} for answer in answers]

        found = both(["/taxii2/"] * 2)
        for roots in zip(*(world.get("api_roots", []) for world in found)):
            roots = [re.sub(r"^https?://[^/]+", "", root) for root in roots]
            both(roots)
            for pair in zip(*(world.get("collections", []) for world in both([root + "collections/" for root in roots]))):
                at = [f"{root}collections/{collection['id']}/" for root, collection in zip(roots, pair)]
                both([a + "manifest/" for a in at])
                both([a + "objects/?limit=2" for a in at])
                for things in list(zip(*(world.get("objects", []) for world in both([a + "objects/" for a in at]))))[:4]:
                    both([f"{a}objects/{thing['id']}/versions/" for a, thing in zip(at, things)])

    def pages(self, who: str) -> None:
        """Pages, from the first along every link."""
        waiting, done = [("/", "/")], set()
        for name in [*(n for n in self.worlds[0].saved if "." not in n), None]:
            thing = f"{{{name}}}" if name else NEVER
            for room in ("info", "ask", "analysis", "feedback", "release", "board", "assembly", "cases", "demands"):
                waiting.append(tuple(world.fill(f"/{room}/{thing}", other)
                                     for world, other in zip(self.worlds, self.worlds[::-1])))
        most = PAGES_MOST + len(waiting)
        while waiting and len(done) < most:
            paths = waiting.pop(0)
            if paths in done:
                continue
            done.add(paths)
            answers = self.ask(who, "page", "GET", paths[0], paths=paths, browsers=True)
            if answers is None:
                return
            # The templates write «/» of an address of ours as a character reference.
            links = [[link for link in map(html.unescape, re.findall(r'href="([^"#]*)', answer.text)) if link.startswith("/")]
                     for answer in answers]
            for pair in zip(*links):
                if not pair[0].startswith(("/assets/", "/sign-out", "/lang/", "/live", "/api/openapi")):
                    waiting.append(pair)

    def try_acts(self, who: str) -> None:
        """Every act upon the hidden thing, and upon one that never was: no world and no answer may tell which is which."""
        names = [step["save"] for step in self.hidden if "save" in step and step["save"] not in self.worlds[1].saved]
        bodies: dict = {}
        for step in self.scenario["script"]:
            bodies.setdefault(re.sub(r"\{\w+\}", "{}", step["do"]), step.get("json"))
        for path, methods in self.openapi["paths"].items():
            for method in [m.upper() for m in methods if m != "get" and "{id}" in path]:
                known = bodies.get(f"{method} " + re.sub(r"\{\w+\}", "{}", path))
                for body in [{}, *([known] if known else [])]:
                    for name in names:
                        first = self.ask(who, "act", method, parameters(path, f"{{{name}}}"), body)
                        never = self.ask(who, "act", method, parameters(path, NEVER), body)
                        self.oracle(who, f"{method} {path}", first[0], never[0], str(self.worlds[0].saved[name]))
        for path, methods in self.openapi["paths"].items():
            for name in names if "get" in methods and "{id}" in path else []:
                first = self.ask(who, "api", "GET", parameters(path, f"{{{name}}}"))
                never = self.ask(who, "api", "GET", parameters(path, NEVER))
                self.oracle(who, f"GET {path}", first[0], never[0], str(self.worlds[0].saved[name]))

    def oracle(self, who: str, what: str, hidden, never, name: str) -> None:
        """Within the first world: the hidden and the one that never was answer the same."""
        hidden.body = hidden.body.replace(name.encode(), NEVER.encode())
        alike = Alike(*[self.worlds[0].clock] * 2)
        self.note(who, "oracle", what, alike.answers(hidden, never))

    def replay(self, who: str) -> None:
        """The hidden steps once more, as somebody outside: whether it was done before must not show."""
        for step in self.hidden:
            method, path = step["do"].split(" ", 1)
            if "{" not in path and step.get("json") is not None:
                self.ask(who, "replay", method, path, step["json"])

    def channels_beside(self) -> None:
        """Live events and mail: what everybody heard and got."""
        for who in [*self.outsiders, *self.insiders]:
            if who == NOBODY:
                continue
            heard = [world.heard(who) for world in self.worlds]
            self.note(who, "events", "live events", None if heard[0] == heard[1] else f"{heard[0]} instead of {heard[1]}")
            address = self.worlds[0].accounts[who]["email"]
            self.letters(who, address)
        for short in self.worlds[0].members:
            if short not in self.worlds[0].accounts and "@general" not in sum((s["audience"] for s in self.hidden), []):
                self.outsiders.append(short)
                self.letters(short, self.worlds[0].members[short]["email"])

    def letters(self, who: str, address: str) -> None:
        """Compares the mails to one address."""
        mails = [world.mails(address) for world in self.worlds]
        if len(mails[0]) != len(mails[1]):
            self.note(who, "mail", "mails", f"{len(mails[0])} instead of {len(mails[1])}")
            return
        for number, pair in enumerate(zip(*mails), 1):
            self.note(who, "mail", f"mail {number}", self.alike.text(*pair))

    def settle(self) -> None:
        """Until no more mail comes."""
        count, quiet = -1, 0
        while quiet < 4:
            now = sum(len(list(world.sink.folder.glob("*.json"))) for world in self.worlds)
            quiet = quiet + 1 if now == count else 0
            count = now
            time.sleep(0.5)

    def go(self) -> None:
        """Everything, in order."""
        documents = [world.people[NOBODY].get("/api/openapi.json").json() for world in self.worlds]
        self.openapi = documents[0]
        self.note(NOBODY, "api", "GET /api/openapi.json", self.alike.tree(*documents))
        for world in self.worlds:
            world.listen()
        time.sleep(SETTLE)
        self.play()
        self.settle()
        self.channels_beside()
        everybody = [*[short for short in self.outsiders if short in self.worlds[0].people], *self.insiders]
        actors = [short for short in everybody if short in self.outsiders and short != NOBODY]
        chosen = self.one_of_each(actors) + [NOBODY]
        if self.options.prove and not self.options.thorough:
            # Everybody looks where nobody may find anything; that it would be found is shown by a few.
            everybody = [who for who in everybody if who in chosen or who in self.one_of_each(self.insiders)]
        for who in everybody:
            # Pages take long to draw; one of each class opens them all.
            self.look(who, self.options.thorough or who in chosen or who in self.one_of_each(self.insiders))
        for who in [*actors, NOBODY] if self.options.thorough else chosen:
            self.try_acts(who)
            if who != NOBODY:
                self.replay(who)
                self.lists(who)

    def one_of_each(self, people: list) -> list:
        """One of each class, who can sign in."""
        accounts = self.worlds[0].accounts
        classes = {accounts[short]["class"]: short for short in people if accounts[short].get("password")}
        return sorted(set(classes.values()) | {self.scenario["prove"]} & set(people))


def parameters(path: str, thing: str) -> str:
    """An address with its places filled in. What stands in the roll's addresses is an organisation; the year is
    that of the demo."""
    thing = "o-ga" if path.startswith("/api/v1/members/") else thing
    return path.replace("{year}", "2017").replace("{id}", thing).replace("{org}", "o-ga").replace("{no}", "1").replace("{inquiry}", "q-1").replace("{version}", "1").replace("{release}", "low")


def report(tally: Tally, ran: Run) -> None:
    """Counts what was found."""
    served = [path for path, methods in ran.openapi["paths"].items() if "get" in methods]
    blind = [path for path in served if path not in ran.asked]
    leaks = [f"{who} by {channel}: {lines[0]}" for (who, channel), lines in ran.leaks.items()]
    found: dict = {}
    for (who, channel), lines in ran.seen.items():
        found.setdefault(who, []).append(channel)
    about = f"{ran.compared} pairs of answers to {len(ran.outsiders)} outsiders and {len(ran.insiders)} insiders"
    if ran.options.prove:
        who = ran.scenario["prove"]
        channels = {channel for leaker, channel in ran.leaks if leaker == who}
        tally.check(f"{about}: that {who} can see it is found, by {', '.join(sorted(channels))}", "api" in channels, leaks[:5])
        wanted = set(ran.scenario.get("prove_channels", []))
        tally.check(f"it is found by {', '.join(sorted(wanted)) or 'nothing more'}", wanted <= channels, sorted(channels))
        others = [leak for leak in leaks if not leak.startswith(f"{who} by")]
        tally.check("and nobody else is", not others, "\n             ".join(others[:8]))
        return
    tally.check(f"{about}: nobody outside can tell the two worlds apart", not leaks, "\n             ".join(leaks[:12]))
    unseeing = [who for who in ran.insiders if who not in found]
    tally.check("everybody inside can", not unseeing, unseeing)
    # Boards and receipts exist only for measures; a scenario without one is blind there.
    enough = ran.scenario.get("blind", [])
    tally.check(f"all {len(served)} GET operations answered somebody with 200", set(blind) <= set(enough), blind)
    if ran.options.verbose:
        print(json.dumps({f"{who} {channel}": lines[:3] for (who, channel), lines in ran.seen.items()}, ensure_ascii=False,
                         indent=1))


def main() -> Tally:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("scenario", type=Path)
    words.add_argument("--prove", action="store_true")
    words.add_argument("--thorough", action="store_true")
    words.add_argument("--verbose", action="store_true")
    options = words.parse_args()
    scenario = json.loads(options.scenario.read_text("utf-8"))
    tally = Tally(f"two worlds, {options.scenario.stem}{', to be found out' if options.prove else ''}: {scenario['about']}")
    try:
        with World("A") as first, World("B") as second:
            ran = Run(scenario, (first, second), options)
            ran.go()
            report(tally, ran)
    except (StepFailed, DidNotStart) as error:
        tally.check("the script is played", False, str(error))
    return tally


if __name__ == "__main__":
    run(main)
