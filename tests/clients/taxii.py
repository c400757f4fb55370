#!/usr/bin/env python3
"""taxii2-client, unmodified, and OpenCTI's way of using it: discovery, pages, filters, manifest, versions, and what each
reader may read. Runs beside a demo council (tests/support/with_server.py), into which it imports a few objects."""

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import requests
from taxii2client.common import TokenAuth
from taxii2client.exceptions import AccessError
from taxii2client.v21 import ApiRoot, Collection, Server, as_pages

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from rig.server import clean_environment, database, program
from rig.tally import Tally, run

BASE = os.environ["NOROSHI_BASE"]
ACCOUNTS = json.loads(Path(os.environ["NOROSHI_ACCOUNTS"]).read_text(encoding="utf-8"))
MEDIA = "application/taxii+json;version=2.1"


def server(who: str) -> Server:
    """The server, as somebody knows it: any user, the API token as password."""
    return Server(f"{BASE}/taxii2/", user="anybody", password=ACCOUNTS[who]["api_token"])


def collection(who: str, title: str) -> Collection:
    """A collection, as somebody knows it."""
    return next(c for c in server(who).default.collections if c.title == title)


def pages(coll: Collection, call=None, **filters) -> list[dict]:
    """Everything that the client's own paging brings."""
    got: list[dict] = []
    for page in as_pages(call or coll.get_objects, per_request=7, **filters):
        got += page.get("objects", [])
    return got


def key(thing: dict) -> tuple:
    return thing["id"], thing.get("modified") or thing.get("created") or thing.get("version")


def indicator(number: int, version: int = 1) -> dict:
    return {
        "type": "indicator", "spec_version": "2.1", "id": f"indicator--{uuid.UUID(int=number, version=4)}",
        "created": "2020-01-01T00:00:00.000Z", "modified": f"2020-01-0{version}T00:00:00.000Z", "pattern_type": "stix",
        "pattern": f"[domain-name:value = 'n{number}.example']", "valid_from": "2020-01-01T00:00:00Z", "x_number": 1.50,
    }


def bring(objects: list[dict], who: str, scope: str) -> dict:
    """Imports objects by the command."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump({"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": objects}, file)
        file.flush()
        done = subprocess.run(
            [program(), "import", file.name, "--data", os.environ["NOROSHI_DATA"], "--as", ACCOUNTS[who]["email"],
             "--scope", scope, "--json"],
            env={**clean_environment(), **database(os.environ)}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"noroshi import: {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def opencti(root_url: str, token: str, wanted: list[str], since: str | None = None) -> dict[str, list]:
    """As OpenCTI's connector does it: one cursor for all collections, `added_after` dropped as soon as there is a `next`."""
    root = ApiRoot(root_url, auth=TokenAuth(token))
    got: dict[str, list] = {}
    cursor = None
    for coll in root.collections:
        if coll.title not in wanted:
            continue
        got[coll.title] = []
        filters = {"added_after": since} if since else {}
        while True:
            # The last token of one collection goes to the next one.
            if cursor:
                filters = {"next": cursor}
            answer = coll.get_objects(limit=5, **filters)
            got[coll.title] += answer.get("objects", [])
            if "next" in answer:
                cursor = answer["next"]
            if not answer.get("more"):
                break
    return got


def discovery(tally: Tally) -> None:
    """What the server says of itself."""
    known = server("c1a")
    tally.check("discovery has a title and a default root", bool(known.title) and known.default is not None)
    tally.check("the root speaks TAXII 2.1", MEDIA in known.default.versions, known.default.versions)
    titles = [c.title for c in known.default.collections]
    tally.check("there are two collections", titles == ["council", "library"], titles)
    for coll in known.default.collections:
        tally.check(f"{coll.title}: to be read, not written", coll.can_read and not coll.can_write)
        tally.check(f"{coll.title}: a UUID of version 4", uuid.UUID(coll.id).version == 4, coll.id)
        tally.check(f"{coll.title}: no full stop in the title", "." not in coll.title)


def reading(tally: Tally) -> None:
    """Pages, filters, versions."""
    library = collection("c1a", "library")
    before = {key(o) for o in pages(library)}
    counts = bring([indicator(n) for n in range(1, 31)], "c1a", "all")
    tally.check("thirty objects go in", counts["added"] == 30, counts)
    got = [o for o in pages(library) if key(o) not in before]
    tally.check("all come out", {key(o) for o in got} == {key(indicator(n)) for n in range(1, 31)}, len(got))
    tally.check("each comes once", len(got) == len({key(o) for o in got}))
    tally.check("custom properties are kept", all(o["x_number"] == 1.5 for o in got))
    counts = bring([indicator(n) for n in range(1, 31)], "c1a", "all")
    tally.check("bringing them again changes nothing", (counts["added"], counts["known"]) == (0, 30), counts)

    manifest = pages(library, library.get_manifest)
    dates = [m["date_added"] for m in manifest]
    tally.check("the manifest rises strictly", dates == sorted(set(dates)), dates[:3])
    after = dates[len(dates) // 2]
    later = {(m["id"], m["version"]) for m in manifest if m["date_added"] > after}
    tally.check("added_after is strict and exact", {key(o) for o in pages(library, added_after=after)} == later)

    bring([indicator(1, 3), indicator(1, 2)], "c1a", "all")
    one = indicator(1)["id"]
    versions = library.object_versions(one)["versions"]
    tally.check("every version is there", sorted(versions) == [f"2020-01-0{n}T00:00:00.000Z" for n in (1, 2, 3)], versions)

    def of(**filters) -> list:
        return [o["modified"][9] for o in pages(library, id=one, **filters)]

    tally.check("the last version is what is asked for", of() == ["3"] and of(version="last") == ["3"], of())
    tally.check("the first can be asked for", of(version="first") == ["1"], of(version="first"))
    tally.check("all can be asked for", sorted(of(version="all")) == ["1", "2", "3"], of(version="all"))
    exact = library.get_object(one, version="2020-01-02T00:00:00Z")["objects"]
    tally.check("one can be named", [o["modified"] for o in exact] == ["2020-01-02T00:00:00.000Z"], exact)
    tally.check("types filter", {o["type"] for o in pages(library, type="indicator")} == {"indicator"})
    tally.check("an unknown type is no error", pages(library, type="x-not-known") == [])
    last = [o for o in pages(library) if o["id"] == one]
    tally.check("in the whole collection a version stands once, the last", [o["modified"][9] for o in last] == ["3"], last)


def readers(tally: Tally) -> None:
    """Each reads its own, and nobody can tell what it may not read from what is not there."""
    secret = indicator(900)
    bring([secret], "c1a", "class1")
    mine, theirs = collection("c1a", "library"), collection("ga", "library")
    tally.check("class 1 reads what class 1 was given", mine.get_object(secret["id"])["objects"] == [secret])
    tally.check("a general member does not", key(secret) not in {key(o) for o in pages(theirs)})
    url = f"{BASE}/taxii2/noroshi/collections/library/objects"
    auth = ("x", ACCOUNTS["ga"]["api_token"])
    hidden = requests.get(f"{url}/{secret['id']}/", auth=auth, timeout=30)
    absent = requests.get(f"{url}/{indicator(901)['id']}/", auth=auth, timeout=30)
    tally.check("hidden and absent are answered alike", (hidden.status_code, hidden.json()) == (absent.status_code, absent.json())
                and absent.status_code == 404, hidden.text)
    stamp = pages(theirs, theirs.get_manifest)[-1]["date_added"]
    first = [m["date_added"] for m in pages(mine, mine.get_manifest) if m["id"] == secret["id"]]
    bring([secret], "c1a", "all")
    news = [o["id"] for o in pages(theirs, added_after=stamp)]
    tally.check("what is opened up later is new to those who could not read it", news == [secret["id"]], news)
    twice = [o for o in pages(mine) if o["id"] == secret["id"]]
    tally.check("and not to those who could", len(twice) == 1, twice)
    moments = [m["date_added"] for m in pages(mine, mine.get_manifest) if m["id"] == secret["id"]]
    tally.check("who keep its first moment", len(moments) == 1 and moments == first, (moments, first))
    for who in ("secretariat", "operator"):
        if who in ACCOUNTS:
            seen = sum((pages(collection(who, title)) for title in ("council", "library")), [])
            tally.check(f"the office {who} reads no content", seen == [], seen[:1])


def council(tally: Tally) -> None:
    """What the council says."""
    mine, theirs = (pages(collection(who, "council"), version="all") for who in ("c1a", "ga"))
    for who, seen in (("c1a", mine), ("ga", theirs)):
        kinds = {o["type"] for o in seen}
        tally.check(f"{who} reads a course of action, its indicators and why", {"course-of-action", "indicator",
                    "relationship", "marking-definition"} <= kinds, kinds)
    tally.check("answers are sightings, for those who may see answers", any(o["type"] == "sighting" for o in mine))
    tally.check("and for nobody else", not any(o["type"] in ("sighting", "opinion", "note") for o in theirs))
    tally.check("nothing that went to class 2 first shows to the others",
                {o["id"] for o in theirs if o["type"] == "course-of-action"}
                < {o["id"] for o in mine if o["type"] == "course-of-action"})


def connectors(tally: Tally) -> None:
    """OpenCTI, and others that were read or replayed."""
    root, token = f"{BASE}/taxii2/noroshi/", ACCOUNTS["c1a"]["api_token"]
    got = opencti(root, token, ["council", "library"])
    for title in ("council", "library"):
        want = {key(o) for o in pages(collection("c1a", title))}
        tally.check(f"OpenCTI's way loses nothing of {title}", {key(o) for o in got[title]} == want,
                    f"{len(got[title])} of {len(want)}")
    url = f"{root}collections/library/objects/"

    def get(url: str, headers: dict, **query):
        return requests.get(url, headers=headers, params=query, timeout=30)

    basic = base64.b64encode(f"key:{token}".encode()).decode()
    for scheme in (f"Bearer {token}", f"bearer {token}", f"Token {token}", f"Basic {basic}", f"basic {basic}"):
        answer = get(url, {"Authorization": scheme, "Accept": MEDIA})
        tally.check(f"signs in by {scheme.split()[0]}", answer.status_code == 200, answer.text)
    bearer = {"Authorization": f"Bearer {token}"}
    answer = get(url, bearer | {"Accept": "application/taxii+json; version=2.1", "Content-Type": MEDIA}, limit=2)
    tally.check("Content-Type exactly, whatever was sent with it", answer.headers["content-type"] == MEDIA, answer.headers)
    both = get(url, bearer, next=answer.json()["next"], added_after="2001-01-01T00:00:00Z")
    tally.check("`next` together with `added_after` goes on", both.status_code == 200 and "objects" in both.json())
    future = "2999-01-01T00:00:00.000000Z"
    empty = get(url, bearer, added_after=future)
    tally.check("an empty page has no list, and says from when on was asked",
                empty.json() == {} and empty.headers["x-taxii-date-added-last"] == future, empty.text)
    elastic = get(url, bearer | {"User-Agent": "Elastic-Agent/9.0"}, added_after="2999-01-01T00:00:00Z")
    tally.check("Elastic's agent gets its list", elastic.json().get("objects") == [], elastic.text)
    other = get(url, {"Authorization": f"Bearer {ACCOUNTS['ga']['api_token']}"}, next=answer.json()["next"])
    seen = {key(o) for o in pages(collection("ga", "library"))}
    tally.check("somebody else's token opens nothing", other.status_code == 200
                and {key(o) for o in other.json().get("objects", [])} <= seen)
    wrong = requests.get(url, auth=("x", "wrong"), timeout=30)
    tally.check("a wrong key is 401, with how to sign in", wrong.status_code == 401
                and {"Bearer", "Basic"} <= set(re.findall(r"\w+", wrong.headers["www-authenticate"]))
                and isinstance(wrong.json().get("http_status"), str), wrong.text)
    for query in ("limit=0", "limit=x", "limit=1&limit=2", "added_after=yesterday", "next=AAAA", "match[id]=x",
                  "match[version]=newest", "match[colour]=red"):
        answer = requests.get(f"{url}?{query}", headers=bearer, timeout=30)
        tally.check(f"{query} is 400", answer.status_code == 400 and answer.headers["content-type"] == MEDIA, answer.text)
    try:
        collection("c1a", "library").add_objects({"objects": [indicator(5)]})
        tally.check("nothing can be added through TAXII", False)
    except (AccessError, requests.HTTPError) as error:
        tally.check("nothing can be added through TAXII", "403" in str(error) or isinstance(error, AccessError), error)
    for address in (root[:-1], f"{root}collections", url[:-1]):
        tally.check(f"{address.removeprefix(BASE)} does without its last slash", get(address, bearer).status_code == 200)


def main() -> Tally:
    tally = Tally("taxii2-client, and the ways of others")
    for part in (discovery, reading, readers, council, connectors):
        part(tally)
    return tally


if __name__ == "__main__":
    run(main)
