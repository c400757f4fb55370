#!/usr/bin/env python3
"""Every object that the council gives to anybody is valid STIX 2.1, carries its TLP in both versions, and refers to
nothing that its reader does not get. Runs beside a demo council (tests/support/with_server.py)."""

import json
import os
import sys
from pathlib import Path

import stix2
from stix2validator import ValidationOptions, validate_instance
from taxii2client.v21 import Server, as_pages

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from rig.tally import Tally, run

BASE = os.environ["NOROSHI_BASE"]
ACCOUNTS = json.loads(Path(os.environ["NOROSHI_ACCOUNTS"]).read_text(encoding="utf-8"))
# The ids that OASIS gave, version 2.0 beside version 1.
TLP = {
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}


def everything(who: str) -> list[dict]:
    """All versions that somebody may read of what the council says."""
    server = Server(f"{BASE}/taxii2/", user="x", password=ACCOUNTS[who]["api_token"])
    coll = next(c for c in server.default.collections if c.title == "council")
    got: list[dict] = []
    for page in as_pages(coll.get_objects, per_request=100, version="all"):
        got += page.get("objects", [])
    return got


def flaws(thing: dict) -> list[str]:
    """What is wrong with an object."""
    found = validate_instance(thing, ValidationOptions(version="2.1"))
    said = [] if found.is_valid else [str(error) for error in found.errors]
    try:
        stix2.parse(thing, version="2.1", allow_custom=False)
    except stix2.exceptions.STIXError as error:
        said.append(f"stix2: {error}")
    except ValueError as error:
        said.append(f"stix2: {error}")
    return said


def marked(thing: dict) -> bool:
    """Whether an object says its TLP in both versions, and the same."""
    refs = thing.get("object_marking_refs", [])
    return len(refs) == 2 and TLP.get(refs[0]) == refs[1]


def main() -> Tally:
    tally = Tally("what the council gives is STIX 2.1")
    checked: dict[str, list[str]] = {}
    for who in sorted(ACCOUNTS):
        if "api_token" not in ACCOUNTS[who]:
            continue
        objects = everything(who)
        bad = []
        for thing in objects:
            text = json.dumps(thing, sort_keys=True)
            if text not in checked:
                checked[text] = flaws(thing)
            bad += [f"{thing['id']}: {flaw}" for flaw in checked[text]]
        tally.check(f"{who}: {len(objects)} objects are valid", not bad, "; ".join(bad[:3]))
        bare = [o["id"] for o in objects if o["type"] != "marking-definition" and "created_by_ref" in o and not marked(o)]
        tally.check(f"{who}: all of them carry TLP 2.0 and TLP 1", not bare, bare[:3])
        ids = {o["id"] for o in objects}
        wanted = {ref for o in objects for ref in [*o.get("object_marking_refs", []), *filter(None, [o.get("created_by_ref")])]}
        tally.check(f"{who}: gets every definition and author that they refer to", wanted <= ids, sorted(wanted - ids)[:3])
    tally.check("there was something to look at", len(checked) > 20, len(checked))
    return tally


if __name__ == "__main__":
    run(main)
