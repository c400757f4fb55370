#!/usr/bin/env python3
"""Real corpora go in by `noroshi import`, by the API and by page, and come out through TAXII as the same set: every version
in its place, unknown and custom properties kept. Reads them from $NOROSHI_CORPUS (../shared/data where it is not set) and
says so where there is none. Starts demo councils of its own."""

import gzip
import html
import json
import re
import subprocess
import sys
import urllib.parse
from collections import Counter
from pathlib import Path

from taxii2client.v21 import Server, as_pages
from urllib3 import encode_multipart_formdata

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from rig.http import browser_for, hidden_fields, person_for
from rig.server import DidNotStart, clean_environment, corpus, demo, program
from rig.tally import Tally, clip, run

# File, and how many objects it has; the last holds every version of each.
ONES = [("stix/attack/ics-attack-18.1.json.gz", 1826), ("stix/capec-2.1.json.gz", 2683)]
HISTORY = ("stix/attack/ics-history.jsonl.gz", 7946, 2295)


def text(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")


def objects(path: Path) -> list[dict]:
    """The objects of a bundle, or of lines."""
    if ".jsonl" in path.name:
        return [json.loads(line) for line in text(path).splitlines() if line.strip()]
    return json.loads(text(path))["objects"]


def version(thing: dict) -> str:
    return thing.get("modified") or thing.get("created") or ""


def exact(thing: dict) -> str:
    """An object as a text that differs where anything in it does."""
    return json.dumps(thing, sort_keys=True, ensure_ascii=False)


def firsts(things: list[dict]) -> dict[tuple, str]:
    """Each version, as it was first said."""
    known: dict[tuple, str] = {}
    for thing in things:
        known.setdefault((thing["id"], version(thing)), exact(thing))
    return known


class NotTaken(Exception):
    """What was brought was refused; with what was said."""


def by_command(server, *paths: Path) -> dict:
    """As an operator does, beside the running server."""
    done = subprocess.run([program(), "import", *map(str, paths), "--data", str(server.data), "--scope", "all", "--json"],
                          env={**clean_environment(), **server.database()}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotTaken(done.stderr)
    return json.loads(done.stdout)


def by_api(server, path: Path) -> dict:
    """As a program does: the objects themselves, unpacked."""
    scope = urllib.parse.quote(json.dumps({"classes": ["class1", "class2", "general"]}))
    answer = person_for(server.base, server.accounts(), "c1a").ask(
        "POST", f"/api/v1/stix?scope={scope}", text(path).encode(), {"Content-Type": "application/stix+json"})
    if answer.status != 201:
        raise NotTaken(answer)
    return answer.json()


def plain(page) -> str:
    """What a page says below its head, without its marks."""
    words = re.sub(r"<[^>]*>", " ", "<main" + page.text.partition("<main")[2])
    return f"{page.status} {' '.join(words.split())}"


def by_page(server, path: Path) -> dict:
    """As somebody does in a browser without scripts: the file as it lies there, then the form that says what is in it."""
    person = browser_for(server.base, server.accounts(), "c1a")
    fields = hidden_fields(person.get("/stix").text, "/stix/check")
    checked = person.send("/stix/check", *encode_multipart_formdata({**fields, "file": (path.name, path.read_bytes())}))
    fields = hidden_fields(checked.text, "/stix")
    if "held" not in fields:
        raise NotTaken(plain(checked))
    # A catalogue is full of words that look like names; whoever brings it has looked.
    said = {"scope": "all", "basis": "voluntary", "consent": "prior", "names_seen": "1", "do": "import"}
    shared = person.send("/stix", urllib.parse.urlencode({**fields, **said}).encode())
    if shared.status != 303:
        raise NotTaken(plain(shared))
    page = person.get(shared.header("location"))
    said = re.search(r'id="counts">([^<]*)<', page.text)
    if page.status != 200 or not said:
        raise NotTaken(plain(page))
    # Of those that were known nothing is said where there are none.
    added, known = [int(number.replace(",", "")) for number in [*re.findall(r"\d[\d,]*", said[1]), "0"]][:2]
    return {"added": added, "known": known}


WAYS = {"the command": by_command, "the API": by_api, "the page": by_page}


def bring(tally: Tally, server, how: str, *paths: Path) -> tuple:
    """Brings files in one of the ways; how many versions were new to somebody, and how many known to all."""
    counts, said = {}, ""
    try:
        counts = WAYS[how](server, *paths)
    except (NotTaken, OSError) as error:
        said = str(error)
    tally.check(f"{how} takes {clip(', '.join(path.name for path in paths), 100)}", counts, said)
    return counts.get("added"), counts.get("known")


def library(server, who: str, **filters) -> list[dict]:
    token = server.accounts()[who]["api_token"]
    known = Server(f"{server.base}/taxii2/", user="x", password=token)
    coll = next(c for c in known.default.collections if c.title == "library")
    got: list[dict] = []
    for page in as_pages(coll.get_objects, per_request=1000, **filters):
        got += page.get("objects", [])
    return got


def named(things: Counter) -> str:
    """How many objects these are, and which."""
    return f"{things.total()} {clip([json.loads(thing)['id'] for thing in things], 300)}"


def equal_sets(tally: Tally, sentence: str, server, who: str, wanted) -> None:
    """Whether somebody gets exactly these objects, each as it was given."""
    got, want = Counter(map(exact, library(server, who, version="all"))), Counter(wanted)
    tally.check(sentence, got == want, f"given and not there: {named(want - got)}; there and not given: {named(got - want)}")


def whole(tally: Tally, data: Path) -> None:
    """Each corpus in each way, in a council of its own: set-equal."""
    for name, count in ONES:
        path = data / name
        given = objects(path)
        tally.equal(f"{path.name} has its objects", len(given), count)
        for how in WAYS:
            with demo("consulted") as server:
                tally.equal("all of them are in", bring(tally, server, how, path), (count, 0))
                equal_sets(tally, "they come out set-equal", server, "ga", map(exact, given))
                tally.equal("again: nothing is new", bring(tally, server, how, path), (0, count))


def history(tally: Tally, data: Path) -> None:
    """Every version of each object, in its place."""
    path, count, ids = data / HISTORY[0], HISTORY[1], HISTORY[2]
    given = objects(path)
    want = firsts(given)
    tally.equal("the history has its versions", (len(given), len({t["id"] for t in given})), (count, ids))
    by_id: dict[str, list[str]] = {}
    for thing in given:
        by_id.setdefault(thing["id"], []).append(version(thing))
    for how in WAYS:
        with demo("consulted") as server:
            added, _ = bring(tally, server, how, path)
            tally.equal("all versions are in", added, len(want))
            equal_sets(tally, "they come out set-equal", server, "c2a", want.values())
            for which, best in (("last", max), ("first", min)):
                got = library(server, "c2a", version=which)
                wanted = {(id, best(versions)) for id, versions in by_id.items()}
                tally.check(f"the {which} version of each", {(t["id"], version(t)) for t in got} == wanted
                            and len(got) == len(wanted), f"{len(got)} of {len(wanted)}")
            tally.check("nothing said is the last", Counter(map(exact, library(server, "c2a")))
                        == Counter(map(exact, library(server, "c2a", version="last"))))


def others(tally: Tally, data: Path) -> None:
    """Smaller files of many makers, old and new, all into one council."""
    paths = sorted(p for folder in ("oasis-examples", "idioms-2.1", "attack-flow", "unit42-2.0")
                   for p in (data / "stix" / folder).glob("*.json"))
    good, given = [], []
    for path in paths:
        content = json.loads(text(path))
        if isinstance(content, dict) and content.get("type") == "bundle" and content.get("objects"):
            good.append(path)
            given += content["objects"]
    with demo("consulted") as server:
        bring(tally, server, "the command", *good)
        equal_sets(tally, f"{len(good)} files of others come out set-equal", server, "c1a", firsts(given).values())


def wannacry(tally: Tally, data: Path) -> None:
    """What is known of WannaCry goes into an analysis by page, as the story's analyst would bring it, and class 1 reads it."""
    path = data / "wannacry" / "wannacry.stix21.json"
    patterns = [thing["pattern"] for thing in objects(path) if thing["type"] == "indicator"]
    given = {value for pattern in patterns for value in re.findall(r"(?:domain-name:value|'SHA-256'|file:name) = '([^']*)'", pattern)}
    with demo("consulted") as server:
        person = browser_for(server.base, server.accounts(), "c1c")
        checked = person.send("/analysis/check", *encode_multipart_formdata({"file": (path.name, path.read_bytes())}))
        lines = re.search(r'<textarea[^>]* name="indicators"[^>]*>\n(.*?)</textarea>', checked.text, re.S)
        form = {"title": "SMBで自己増殖するランサムウェア", "technique": "445/tcpで広がる。", "scope": "class1",
                "except_my_regulators": "1", "basis": "voluntary", "consent": "prior", "tlp": "amber", "pap": "amber",
                "not_classified": "1", "indicators": html.unescape(lines[1]) if lines else "", "do": "send"}
        sent = person.send("/analysis/send", urllib.parse.urlencode(form).encode())
        tally.check("the bundle is brought as an analysis", sent.status == 303, plain(sent))
        item = (sent.header("location") or "").partition("?")[0].rpartition("/")[2]
        read = person_for(server.base, server.accounts(), "c1a").ask("GET", f"/api/v1/items/{item}").json()
        got = {indicator["value"] for layer in read.get("layers", []) for indicator in layer["body"].get("indicators") or []}
        tally.check(f"class 1 reads all {len(given)} of its domains, hashes and files", given and given <= got, given - got)
        again = bring(tally, server, "the API", path)
        tally.equal("its objects go in as they are, too", again, (len(objects(path)), 0))


def main() -> Tally:
    tally = Tally("real corpora, in and out")
    data = corpus()
    if data is None:
        print("   skipped: there is no corpus; name its folder by NOROSHI_CORPUS (1 skipped)", flush=True)
        tally.check("without a corpus there is nothing to compare, and this says so", True)
        return tally
    try:
        for part in (whole, history, others, wannacry):
            part(tally, data)
    except DidNotStart as error:
        tally.check("the demo council starts", False, error)
    return tally


if __name__ == "__main__":
    run(main)
