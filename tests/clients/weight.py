#!/usr/bin/env python3
"""No page weighs 100 kB, whoever opens it: every page that the cast can reach by links, in a council of a thousand where a
warning has just gone out to everybody and nobody has answered, with an analysis and a request of as many indicators as there
may be. Runs beside a demo council (tests/support/with_server.py --until raised)."""

import html
import json
import os
import re
import sys
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from rig.http import Person, person_for
from rig.tally import Tally, run

BASE = os.environ["NOROSHI_BASE"]
ACCOUNTS = json.loads(Path(os.environ["NOROSHI_ACCOUNTS"]).read_text(encoding="utf-8"))
LIMIT = 100_000
# How many organisations are in the council, and how many of those that are added are asked as class 2.
COUNCIL, ASKED = 1000, 150
# As many as one thing may carry.
INDICATORS = 500
# How many pages of one kind are opened: there are hundreds of organisations.
MOST = 6
# Pages that nothing may link to for somebody, and that are not there for everybody.
GUESSED = ("/info", "/analysis", "/feedback", "/ask", "/board", "/members", "/trail", "/duties/members", "/summary", "/provide")


def door(short: str) -> Person:
    """Somebody of the cast in a browser."""
    person = Person(BASE, name=short)
    form = {"email": ACCOUNTS[short]["email"], "password": ACCOUNTS[short]["password"]}
    answer = person.ask("POST", "/sign-in", urllib.parse.urlencode(form).encode(),
                        {"Content-Type": "application/x-www-form-urlencoded", "Origin": BASE})
    assert answer.status == 303, answer
    return person


def kind(path: str) -> str:
    """The kind of a page: its address without ids and numbers."""
    path = re.sub(r"[A-Z]-[A-Z0-9]{12}|o-[A-Za-z0-9]+", "…", path)
    return re.sub(r"=[^&]*", "=", path)


def walk(person: Person, lang: str) -> dict[str, int]:
    """The weight of every page that links lead to."""
    person.cookies["noroshi-lang"] = lang
    weights: dict[str, int] = {}
    kinds: dict[str, int] = {}
    left = ["/", *GUESSED]
    while left:
        path = left.pop(0)
        if path in weights or kinds.get(kind(path), 0) >= MOST:
            continue
        kinds[kind(path)] = kinds.get(kind(path), 0) + 1
        answer = person.get(path)
        if answer.status == 404 and path in GUESSED:
            continue
        if answer.status == 303:
            # A link that leads on, to the newest of its kind.
            left.append(answer.header("location"))
            continue
        assert answer.status == 200, f"{person.name} {path}: {answer}"
        weights[path] = len(answer.body)
        # What is to be saved is a file, not a page.
        links = (html.unescape(link).partition("#")[0] for link in re.findall(r'href="([^"]*)"(?! download)', answer.text))
        left += [link for link in links if re.match(r"/(?!(lang|assets|api|healthz|live)\b)", link)]
    return weights


def done(who: str, method: str, path: str, body=None):
    """What the API answers to somebody who acts by it."""
    answer = person_for(BASE, ACCOUNTS, who).ask(method, f"/api/v1/{path}", body or {}, {"Idempotency-Key": os.urandom(8).hex()})
    assert answer.status < 300, f"{who} {path}: {answer}"
    return answer.json()


def present(*people: str) -> None:
    """Lets them show that it is they, as a release asks for."""
    for who in people:
        done(who, "POST", "step-up", {"password": ACCOUNTS[who]["password"]})


def grow() -> None:
    """Enters organisations on the roll until the council has its size."""
    present("secretariat")
    there = len(done("secretariat", "GET", "members"))
    sectors = [sector["id"] for sector in done("secretariat", "GET", "charter")["sectors"]]
    for n in range(max(0, COUNCIL - there)):
        seat = "class2" if n < ASKED else "general"
        name = {"ja": f"地域産業情報連携機構第{n}支部", "en": f"Regional Industry Information Agency {n}"}
        done("secretariat", "POST", "members", {"name": name, "seat": seat, "sector": sectors[n % len(sectors)], "reason": "入会", "phone": "0900-00-0000"})


def warn() -> None:
    """Releases to all what class 2 was asked about."""
    measure = done("c1a", "GET", "measures")["things"][0]["id"]
    present("c1a", "coordinator")
    done("c1a", "POST", f"measures/{measure}/releases", {"release": "high"})
    done("coordinator", "POST", f"measures/{measure}/releases/high/approve")


def burden() -> str:
    """Class 1 weighs an analysis of many indicators, and asks class 2 about all of them. The id of the request."""
    many = [{"kind": "sha256", "value": f"{n:064x}", "note": "検体の一つ。遮断する前に確かめてください。"} for n in range(INDICATORS)]
    scope = {"classes": ["class1", "class2", "general"]}
    item = done("c1a", "POST", "analyses", {
        "title": "多くの検体", "technique": "検体を集めた。", "indicators": many, "scope": scope, "basis": "voluntary",
        "consent": "prior", "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": True})["id"]
    done("c1a", "POST", f"items/{item}/assessments", {"value": 40, "grounds": "二つの経路で同じ検体が見つかった。"})
    content = {"steps": [{"title": "記録を調べる", "text": ""}], "title": "多くの検体の照会", "body": "下の検体が来ていないか確認してください。", "indicators": many,
               "question": "来ているか。", "undo": "元に戻す操作はありません。", "handling": {"tlp": "amber", "pap": "amber"},
               "urgency": "Expected", "severity": "Moderate", "certainty": "Possible"}
    measure = done("c1a", "POST", "measures", {"items": [item], "content": content})["id"]
    present("c1a", "coordinator")
    done("c1a", "POST", f"measures/{measure}/releases", {"release": "low"})
    done("coordinator", "POST", f"measures/{measure}/releases/low/approve")
    return measure


def main() -> Tally:
    tally = Tally(f"no page weighs {LIMIT // 1000} kB")
    grow()
    warn()
    measure = burden()
    for short, account in ACCOUNTS.items():
        if not account.get("password"):
            continue
        person = door(short)
        for lang in ("ja", "en"):
            weights = walk(person, lang)
            heavy = {path: size for path, size in weights.items() if size >= LIMIT}
            most = max(weights, key=weights.get)
            tally.check(f"{short} in {lang}: {len(weights)} pages, {most} weighs {weights[most] / 1000:.0f} kB", not heavy, heavy)
            if short == "c2b":
                leaves = [path for path in weights if path.startswith(f"/feedback/{measure}?page=")]
                tally.check("a long request is answered leaf by leaf", len(leaves) >= 3, leaves)
    return tally


if __name__ == "__main__":
    run(main)
