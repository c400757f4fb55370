#!/usr/bin/env python3
"""Mail as members get it, from a demo council through Debian's postfix to a sink: who is written to, that no mail says what
it is about unless the release was marked to go out in the open, that each is well formed, and that a relay which refuses
for a while loses none. Needs root, for postfix."""

import email.policy
import email.utils
import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from rig.http import person_for
from rig.mail import Postfix, Sink
from rig.server import DidNotStart, demo
from rig.tally import Tally, run

# Words that stand in what members write, and may stand in no mail.
SECRETS = ["閲覧専用端末", "横展開を観測", "被害組織甲", "198.51.100.23", "mallory.example", "未適用の端末", "始業が遅れる",
           "隔離環境で三回", "統合業務サーバー"]
OPEN_NOTE = "公開してよい変更点です。見分け方を加えました。"
OPEN_TITLE, OPEN_BODY = "公開してよい見出しです", "公開してよい本文です。月曜の朝まで電源を入れないでください。"


class Council:
    """A demo council that writes mail, and what its people do."""

    def __init__(self, server):
        self.accounts = server.accounts()
        self.members = json.loads((server.data / "demo-members.json").read_text("utf-8"))
        self.people = {who: person_for(server.base, self.accounts, who) for who in self.accounts}

    def post(self, who: str, path: str, body: dict) -> dict:
        """An act that must go well."""
        self.people[who].hang_up()
        answer = self.people[who].post(f"/api/v1/{path}", body)
        if answer.status not in (200, 201):
            raise RuntimeError(f"{path} as {who}: {answer}")
        return answer.json()

    def step_up(self) -> None:
        """The two who release prove their presence."""
        for who in ("c1a", "coordinator"):
            self.post(who, "step-up", {"password": self.accounts[who]["password"]})

    def everybody(self) -> dict:
        """All accounts by address."""
        return {account["email"]: account for account in (self.accounts | self.members).values()}

    def of(self, *seats: str) -> set:
        """The addresses of all people of these seats."""
        return {address for address, account in self.everybody().items() if account["class"] in seats}

    def analysis(self, confidence: int) -> str:
        """An analysis of class 1, weighed."""
        thing = self.post("c1c", "analyses", {
            "title": "横展開を観測した型", "technique": "445/tcpの横展開を観測した。統合業務サーバーへの波及はない。", "damage": "被害組織甲で端末30台。",
            "indicators": [{"kind": "ipv4", "value": "198.51.100.23", "pattern": "[ipv4-addr:value = '198.51.100.23']"}],
            "scope": {"classes": ["class1"]}, "basis": "voluntary", "consent": "prior", "original": True, "confidence": 40,
            "handling": {"tlp": "green", "pap": "green"}, "not_classified": True})["id"]
        self.post("c1a", f"items/{thing}/posts", {"opinion": {
            "level": 5, "reason": "再現した。", "evidence": "隔離環境で三回。", "reliability": "A", "credibility": 1}})
        self.post("c1a", f"items/{thing}/assessments", {"value": confidence, "grounds": "隔離環境で三回再現した"})
        return thing

    def released(self, item: str, open_text: bool) -> str:
        """A countermeasure released to all."""
        title, body = (OPEN_TITLE, OPEN_BODY) if open_text else ("未適用の端末を起動しない", "始業が遅れることがあります。始業が遅れる見込みです。")
        thing = self.post("c1a", "measures", {"items": [item], "content": {
            "title": title, "body": body, "steps": [{"title": "伝える", "text": "未適用の端末を起動しないでください。"}],
            "indicators": [{"kind": "domain", "value": "mallory.example", "pattern": "[domain-name:value = 'mallory.example']"}],
            "deadline": "月曜の始業まで", "handling": {"tlp": "clear" if open_text else "green", "pap": "green"}, "open_text": open_text,
            "urgency": "Immediate", "severity": "Extreme", "certainty": "Observed"}})["id"]
        self.step_up()
        self.post("c1a", f"measures/{thing}/releases", {"release": "high"})
        self.post("coordinator", f"measures/{thing}/releases/high/approve", {})
        return thing


def smtp(port: int) -> dict:
    """The configuration of a server that hands its mail over there."""
    return {"NOROSHI_SMTP_HOST": "127.0.0.1", "NOROSHI_SMTP_PORT": str(port), "NOROSHI_SMTP_TLS": "none",
            "NOROSHI_SMTP_FROM": "noroshi@council.example", "NOROSHI_PUBLIC_URL": "https://council.example"}


def settled(sink: Sink) -> list:
    """All mails, once no more come."""
    found = sink.wait_for(1)
    while len(more := sink.wait_for(len(found) + 1, 4)) > len(found):
        found = more
    return found


def about(mails: list, *things: str) -> list:
    """The mails with a link to one of these things."""
    return [(envelope, message) for envelope, message in mails
            if any(f"/{thing}" in message.get_content() for thing in things)]


def flaws(envelope: dict, message) -> list:
    """What is wrong with a mail's form."""
    wrong = []
    raw = message.as_bytes(policy=email.policy.SMTP)
    head = raw.split(b"\r\n\r\n", 1)[0]
    for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version"):
        if len(message.get_all(name) or []) != 1:
            wrong.append(f"{name} stands {len(message.get_all(name) or [])} times")
    if re.search(rb"[\x80-\xff]", head):
        wrong.append("a header that is not ASCII")
    if any(len(line) > 998 for line in raw.split(b"\r\n")):
        wrong.append("a line of more than 998 bytes")
    if (message["Auto-Submitted"] or "no").lower() == "no":
        wrong.append("not marked Auto-Submitted: holiday notices would be sent back")
    if message.get_content_type() != "text/plain" or "\ufffd" in message.get_content() + message["Subject"]:
        wrong.append("no plain text that can be read")
    if message.defects:
        wrong.append(f"defects: {message.defects}")
    if len(message["Subject"]) > 120 or "\n" in message["Subject"]:
        wrong.append("a subject that no list shows whole")
    if [email.utils.parseaddr(message["To"])[1]] != envelope["to"] or message["Cc"] or message["Bcc"]:
        wrong.append(f"to {message['To']}, sent to {envelope['to']}")
    links = re.findall(r"https?://[^\s>]+", message.get_content())
    if not links or not all(link.startswith("https://council.example/") for link in links):
        wrong.append(f"links to {links}")
    return wrong


def through_postfix(tally: Tally) -> None:
    """The story of a warning, as mail."""
    with Sink() as sink, Postfix(sink.port) as relay, demo("empty", env=smtp(relay.port)) as server:
        council = Council(server)
        consultation = council.post("c2b", "consultations", {
            "text": "駅の閲覧専用端末が、身代金を求める画面になった。", "anonymous": True,
            "scope": {"classes": ["class1"], "except_my_regulators": True}})["id"]
        council.post("coordinator", f"consultations/{consultation}/adviser", {"org": council.accounts["c1a"]["org"]})
        council.post("c1a", f"consultations/{consultation}/posts", {"text": "閲覧専用端末を起動しないでください。", "advice": True})
        item = council.analysis(90)
        before = settled(sink)
        shut = council.released(item, False)
        shown = council.released(item, True)
        council.post("coordinator", f"measures/{shown}/revisions", {"change": "update", "note": OPEN_NOTE})
        # Each member: the two first notices and the update.
        members = council.of("general", "class2", "class1")
        sink.wait_for(len(before) + 3 * len(members), 60)
        mails = settled(sink)
        words = {id(message): str(message["Subject"]) + message.get_content() for _, message in mails}

        told = {envelope["to"][0] for envelope, _ in about(before, consultation)}
        inside = council.of("coordinator", "class1") | {council.accounts["c2b"]["email"]}
        tally.check(f"of a consultation, only those inside hear: {len(told)}", told and told <= inside, sorted(told - inside))
        class1 = {envelope["to"][0] for envelope, _ in about(before, item)}
        wanted = council.of("class1") - {council.accounts["c1c"]["email"]}
        tally.check("of an analysis, the rest of class 1 hears, and nobody outside its group",
                    wanted <= class1 <= wanted | inside, sorted(class1 ^ wanted))
        for thing, often, name in ((shut, 1, "a release"), (shown, 2, "a release and its update")):
            got = [envelope["to"][0] for envelope, message in about(mails, thing)
                   if envelope["to"][0] in members and message not in [m for _, m in before]]
            lacking = [address for address in members if got.count(address) < often]
            tally.check(f"of {name}, all {len(members)} members hear", len(members) == 322 and not lacking, lacking[:5])
        operators = council.of("operator")
        stray = {envelope["to"][0] for envelope, _ in mails} - set(council.everybody())
        tally.check("nobody else is written to", not stray, sorted(stray))
        tally.check("the operator hears of nothing", not [e for e, _ in mails if set(e["to"]) & operators])
        ids = [(envelope["to"][0], message["Message-ID"]) for envelope, message in mails]
        tally.equal("no mail comes twice", len(set(ids)), len(ids))

        names = {account["organisation"] for account in council.everybody().values()}
        said = [f"{secret} to {envelope['to']}" for envelope, message in mails for secret in SECRETS if secret in words[id(message)]]
        tally.check(f"none of {len(mails)} mails says what it is about", not said, said[:4])
        named = [f"{name} to {envelope['to']}" for envelope, message in mails for name in names
                 if len(name) > 2 and name in words[id(message)] and name != council.everybody()[envelope["to"][0]]["organisation"]]
        tally.check("none names another organisation", not named, named[:4])
        spoken = {envelope["to"][0] for envelope, message in about(mails, shown) if OPEN_TITLE in words[id(message)]}
        tally.check("what was marked to go out in the open does", spoken >= members, len(spoken))
        updates = {envelope["to"][0] for envelope, message in about(mails, shown)
                   if "続報：" in message["Subject"] and OPEN_NOTE in words[id(message)]}
        tally.check("an update says that it is one, and what has changed", updates >= members, len(updates))
        wrong: dict = {}
        for envelope, message in mails:
            for flaw in flaws(envelope, message):
                wrong[flaw] = wrong.get(flaw, 0) + 1
        tally.check("all are well formed", not wrong, wrong)
        tally.check("postfix had nothing to complain about", not re.search(r"status=(bounced|deferred)", relay.log()),
                    re.findall(r".*status=(?:bounced|deferred).*", relay.log())[:2])


def relay_that_refuses(tally: Tally) -> None:
    """A relay that takes nothing at first gets everything later, and the same mail under the same name."""
    with Sink("--refuse-first", "3") as sink, demo("empty", env=smtp(sink.port)) as server:
        council = Council(server)
        thing = council.post("c2c", "consultations", {"text": "閲覧専用端末が止まった。"})["id"]
        coordinators = council.of("coordinator")
        mails = sink.wait_for(len(coordinators), 60)
        got = {envelope["to"][0] for envelope, _ in about(mails, thing)}
        tally.check("what a relay refused for a while comes later", coordinators <= got, f"{sorted(got)}")
        names: dict = {}
        for envelope, message in settled(sink):
            names.setdefault(envelope["to"][0], set()).add(message["Message-ID"])
        tally.check("and is one mail by its name, however often it was tried", all(len(n) == 1 for n in names.values()), names)


def main() -> Tally:
    tally = Tally("mail, from the council to its members")
    for part in (through_postfix, relay_that_refuses):
        try:
            part(tally)
        except (DidNotStart, RuntimeError) as error:
            tally.check(f"{part.__name__.replace('_', ' ')}: it can be tried", False, str(error))
    return tally


if __name__ == "__main__":
    run(main)
