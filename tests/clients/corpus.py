#!/usr/bin/env python3
"""Real corpora go in by `noroshi import` and come out through TAXII as the same set: every version in its place, unknown
and custom properties kept. Reads them from $NOROSHI_CORPUS (../shared/data where it is not set) and says so where there is
none. Starts a demo council of its own."""

import gzip
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from taxii2client.v21 import Server, as_pages

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from rig.server import DidNotStart, clean_environment, corpus, demo, program
from rig.tally import Tally, run

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


def bring(server, paths: list[Path], tally: Tally) -> dict:
    done = subprocess.run([program(), "import", *map(str, paths), "--data", str(server.data), "--scope", "all", "--json"],
                          env=clean_environment(), capture_output=True, text=True, check=False)
    names = ", ".join(path.name for path in paths)
    if not tally.check(f"import takes {names}", done.returncode == 0, done.stderr):
        return {}
    return json.loads(done.stdout)


def library(server, who: str, **filters) -> list[dict]:
    token = server.accounts()[who]["api_token"]
    known = Server(f"{server.base}/taxii2/", user="x", password=token)
    coll = next(c for c in known.default.collections if c.title == "library")
    got: list[dict] = []
    for page in as_pages(coll.get_objects, per_request=1000, **filters):
        got += page.get("objects", [])
    return got


def whole(tally: Tally, data: Path) -> None:
    """Each corpus, in a council of its own: set-equal."""
    for name, count in ONES:
        path = data / name
        given = objects(path)
        tally.equal(f"{path.name} has its objects", len(given), count)
        with demo("consulted") as server:
            counts = bring(server, [path], tally)
            tally.equal("all of them are in", counts.get("added"), count)
            got = library(server, "ga", version="all")
            tally.check("they come out set-equal", Counter(map(exact, got)) == Counter(map(exact, given)),
                        f"{len(got)} of {len(given)}")
            counts = bring(server, [path], tally)
            tally.equal("again: nothing is new", (counts.get("added"), counts.get("known")), (0, count))


def history(tally: Tally, data: Path) -> None:
    """Every version of each object, in its place."""
    path, count, ids = data / HISTORY[0], HISTORY[1], HISTORY[2]
    given = objects(path)
    want = firsts(given)
    tally.equal("the history has its versions", (len(given), len({t["id"] for t in given})), (count, ids))
    with demo("consulted") as server:
        counts = bring(server, [path], tally)
        tally.equal("all versions are in", counts.get("added"), len(want))
        got = library(server, "c2a", version="all")
        tally.check("they come out set-equal", Counter(map(exact, got)) == Counter(want.values()),
                    f"{len(got)} of {len(want)}")
        by_id: dict[str, list[str]] = {}
        for thing in given:
            by_id.setdefault(thing["id"], []).append(version(thing))
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
        bring(server, good, tally)
        got = library(server, "c1a", version="all")
        want = firsts(given)
        tally.check(f"{len(good)} files of others come out set-equal", Counter(map(exact, got)) == Counter(want.values()),
                    f"{len(got)} of {len(want)}")


def main() -> Tally:
    tally = Tally("real corpora, in and out")
    data = corpus()
    if data is None:
        print("   skipped: there is no corpus; name its folder by NOROSHI_CORPUS (1 skipped)", flush=True)
        tally.check("without a corpus there is nothing to compare, and this says so", True)
        return tally
    try:
        for part in (whole, history, others):
            part(tally, data)
    except DidNotStart as error:
        tally.check("the demo council starts", False, error)
    return tally


if __name__ == "__main__":
    run(main)
