#!/usr/bin/env python3
"""The API keeps what its OpenAPI document says, whatever is sent: schemathesis as people of several seats, upon things that
exist and things that do not, and a fixed set of hostile requests at every address that takes a body.

Runs beside a demo council: with_server.py -- fuzz.py [--seconds 150] [--seed N]"""

import argparse
import gzip
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from rig.http import Person, person_for
from rig.tally import Tally, run

# Who fuzzes, and whether the ids in addresses are those of real things.
ROUNDS = [("c1a", True), ("coordinator", True), ("c2b", True), ("secretariat", False), ("ga", True), ("operator", False)]
# How many of these go at a time.
AT_ONCE = 3
# A valid body may well be refused by the rules of the council, and an id that fits the pattern may be nobody's. An act
# without a key is refused before the key is asked for, as an act that may come from another site: 403, not 401. Where a
# method is not taken, one list of methods stands for all addresses, so that none tells what it would take.
NOT_CHECKED = "positive_data_acceptance,missing_required_header,allow_header_conformance"
KINDS = {"consultations": "consultation", "items": "item", "measures": "measure"}

BIDI = "\u202e\u2066逆向き\u2069\u202c"
HOSTILE = {
    "no JSON": b"{\"text\": ",
    "nothing": b"",
    "invalid UTF-8": b'{"text": "\xff\xfe\xc0\x80"}',
    "half a surrogate": b'{"text": "\\ud800"}',
    "deep nesting": b'{"text": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "deep objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "a huge number": b'{"value": 1e99999, "useful": ' + b"9" * 5_000 + b"}",
    "a member twice": b'{"text": "a", "text": "b", "status": "done", "status": "na"}',
    "an unknown member": b'{"text": "a", "__proto__": {"admin": true}}',
    "a list": b"[]",
    "a list of values": b'["a", true]',
    "a bare word": b'"text"',
    "NUL and control signs": json.dumps({"text": "a\x00b\x07\x1b[31m", "note": "\x00"}).encode(),
    "hidden signs": json.dumps({"text": BIDI * 3, "title": BIDI, "note": BIDI, "reason": BIDI, "status": BIDI}).encode(),
}
OVERSIZE = b'{"text": "' + b"a" * (40 << 20) + b'"}'


def things_of(person: Person) -> dict:
    """The ids of real things that somebody sees, by the word in their addresses."""
    found = {}
    for word in KINDS:
        listed = (person.get(f"/api/v1/{word}?limit=5").json() or {}).get("things") or []
        if listed:
            found[word] = listed[0]["id"]
    return found


def configuration(things: dict) -> str:
    """schemathesis.toml, with real ids where addresses have one."""
    # In an address everything is text, and an empty parameter is as good as none.
    lines = ["[[operations]]", "include-path-regex = '^/api/v1/(consultations|items|measures)$'", 'include-method = "GET"',
             "checks.negative_data_rejection.enabled = false", ""]
    for word, thing in things.items():
        lines += ["[[operations]]", f"include-path-regex = '^/api/v1/{word}/'", f'parameters = {{ "path.id" = "{thing}" }}', ""]
    return "\n".join(lines)


def fuzz(tally: Tally, who: str, real: bool, seconds: int, seed: int) -> None:
    """One run of schemathesis as somebody."""
    base = os.environ["NOROSHI_BASE"]
    account = json.loads(Path(os.environ["NOROSHI_ACCOUNTS"]).read_text("utf-8"))[who]
    person = Person(base, account["api_token"], name=who)
    things = things_of(person) if real else {}
    with tempfile.TemporaryDirectory(prefix="noroshi-fuzz-") as folder:
        config = Path(folder) / "schemathesis.toml"
        config.write_text(configuration(things), "utf-8")
        words = [Path(sys.executable).with_name("st"), "--config-file", str(config), "run", f"{base}/api/openapi.json",
                 "--header", f"Authorization: Bearer {account['api_token']}", "--checks", "all",
                 "--exclude-checks", NOT_CHECKED, "--phases", "examples,coverage,fuzzing", "--max-time", str(seconds),
                 "--max-examples", "20", "--request-timeout", "10", "--rate-limit", "auto", "--continue-on-failure",
                 "--generation-database", "none", "--seed", str(seed), "--no-color", "--warnings", "off", "--no-shrink",
                 # The seats' own keys would be revoked under the feet of the run; live events never end.
                 "--exclude-path-regex", "^/api/v1/(tokens|people|step-up|events)",
                 "--suppress-health-check", "all", "--output-sanitize", "true"]
        try:
            done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=seconds * 3 + 60)
        except subprocess.TimeoutExpired:
            tally.check(f"schemathesis as {who} ends in time", False)
            return
    said = done.stdout + done.stderr
    upon = f" upon {', '.join(sorted(things))}" if things else ""
    counted = re.search(r"(\d+) generated", said)
    cases = f", {counted[1]} cases" if counted else ""
    tally.check(f"schemathesis as {who}{upon}{cases}: the document is kept", done.returncode == 0, failures(said))


def failures(said: str) -> str:
    """What schemathesis complains about: each complaint once, with where it was met first and what was answered."""
    met: dict = {}
    place = ""
    lines = said.splitlines()
    for number, line in enumerate(lines):
        if heading := re.fullmatch(r"_+ (\S+ /\S+) _+", line):
            place = heading[1]
        elif complaint := re.fullmatch(r"- ((?:ST\d+ )?.+)", line):
            met.setdefault(complaint[1], []).append((place, "\n             ".join(filter(None, lines[number + 1:number + 9]))))
    told = [f"{what} ({len(places)} times), first at {places[0][0]}:\n             {places[0][1]}" for what, places in met.items()]
    return "\n             ".join(told) or said[-1500:]


def well_told(answer) -> str | None:
    """What is wrong with the answer to a hostile request; nothing where it is a clear refusal."""
    if not 400 <= answer.status < 500:
        return f"{answer.status}"
    problem = answer.json()
    if "problem+json" not in (answer.header("content-type") or "") or not isinstance(problem, dict):
        return f"{answer.status} {answer.header('content-type')}"
    missing = [word for word in ("type", "title", "status", "detail", "todo") if word not in problem]
    return f"{answer.status} without {missing}" if missing or problem["status"] != answer.status else None


def hostile(tally: Tally, base: str, accounts: dict) -> None:
    """A fixed set of hostile requests at every address that takes a body."""
    person = person_for(base, accounts, "c1b")
    paths = person.get("/api/openapi.json").json()["paths"]
    things = things_of(person)
    wrong, count = [], 0

    def send(what: str, method: str, path: str, body: bytes, **headers) -> None:
        nonlocal count
        count += 1
        person.hang_up()
        try:
            answer = person.ask(method, path, body, {"Content-Type": "application/json", **headers})
        except OSError as error:
            wrong.append(f"{what}: {method} {path}: {error}")
            return
        if answer.status != 429 and (said := well_told(answer)):
            wrong.append(f"{what}: {method} {path}: {said}")

    for path, methods in paths.items():
        kind = path.split("/")[3]
        there = re.sub(r"\{\w+\}", "1", path.replace("{id}", things.get(kind, "A-NEVERWAS2345")).replace("{release}", "low"))
        for method in [m.upper() for m in methods if "requestBody" in methods[m]]:
            # A handful for each, all of them for some: an account may write so often and no more.
            chosen = HOSTILE if path in ("/api/v1/consultations", "/api/v1/extract") else ["a list", *random.sample(sorted(HOSTILE), 5)]
            for what in chosen:
                if path == "/api/v1/extract" and what in ("NUL and control signs", "hidden signs", "a member twice"):
                    continue
                if path == "/api/v1/consultations" and what == "hidden signs":
                    continue
                send(what, method, there, HOSTILE[what])
    open_one = "/api/v1/consultations"
    send("another type", "POST", open_one, b"text=a", **{"Content-Type": "application/x-www-form-urlencoded"})
    send("a body packed", "POST", open_one, gzip.compress(b"a" * (20 << 20)), **{"Content-Encoding": "gzip"})
    send("a key too long", "POST", open_one, b'{"text": "a"}', **{"Idempotency-Key": "k" * 500})
    send("a key with signs", "POST", open_one, b'{"text": "a"}', **{"Idempotency-Key": "k\tk k"})
    for path in ("/api/v1/items?before=x", "/api/v1/items?limit=-1", "/api/v1/items?limit=99999999999999999999",
                 "/api/v1/items?before=9223372036854775808", "/api/v1/items?who=1", "/api/v1/items?limit=1&limit=2",
                 "/api/v1/items/..%2f..%2fetc%2fpasswd", "/api/v1/items/%00", "/api/v1/items/%ff%fe", "/api/v1/items/" + "A" * 6000,
                 "/api/v1/items/A-'%20or%201=1--", "/api/v1/nothing", "/api/v1/items/%E2%80%AE"):
        send("an odd address", "GET", path, b"")
    tally.check(f"{count} hostile requests are each refused clearly, in the caller's form", not wrong,
                f"{len(wrong)}: " + "\n             ".join(wrong[:12]))
    try:
        answer = person.ask("POST", open_one, OVERSIZE, {"Content-Type": "application/json"})
        said = well_told(answer)
    except OSError:
        # Refused while it was still being sent: the connection is gone, and the server is not.
        said = None
    tally.check("a body of 40 MiB is refused", said is None, said)
    tally.equal("and the server is well", Person(base).get("/healthz").status, 200)


def nobody(tally: Tally, base: str) -> None:
    """Without a key, or with a wrong one, nothing is told or done."""
    paths = Person(base).get("/api/openapi.json").json()["paths"]
    wrong = []
    for token in (None, "nrs_wrong", "é".encode().decode("latin-1")):
        for path, methods in paths.items():
            for method in methods:
                answer = Person(base, token).ask(method.upper(), re.sub(r"\{\w+\}", "1", path), b"{}" if method != "get" else None,
                                                 {"Content-Type": "application/json"})
                # What acts and has no readable key may come from another site, and is told so before it is asked for one.
                refused = answer.status == 401 or (answer.status == 403 and token != "nrs_wrong" and method != "get")
                if not refused or "problem+json" not in (answer.header("content-type") or ""):
                    wrong.append(f"{method} {path} with {token!r}: {answer.status}")
    tally.check("nobody gets in without a key", not wrong, wrong[:8])


def main() -> Tally:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--seconds", type=int, default=150)
    words.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    options = words.parse_args()
    random.seed(options.seed)
    base, accounts = os.environ["NOROSHI_BASE"], json.loads(Path(os.environ["NOROSHI_ACCOUNTS"]).read_text("utf-8"))
    tally = Tally(f"the API under fire (--seed {options.seed})")
    nobody(tally, base)
    hostile(tally, base, accounts)
    # A round waits for the rate of its account most of the time, so several go at once.
    seconds = max(10, options.seconds // len(ROUNDS))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda one: fuzz(tally, *one, seconds, options.seed), ROUNDS))
    tally.equal("the server is well in the end", Person(base).get("/healthz").status, 200)
    return tally


if __name__ == "__main__":
    run(main)
