"""Record the examples of the API's description: the main job told by calls, each operation's request and answer kept.

    python tools/api_examples.py

Run it when an operation is added or changes its shape, after adding its call to `tell`. Long lists and texts are cut.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "src" / "twoparks" / "site" / "calls" / "examples.yaml"
MOST_ROWS, MOST_LETTERS = 2, 600
Call = Callable[..., Any]


def main() -> int:
    """Write the file of examples anew."""
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    import yaml

    kept = recorded()
    head = "# Recorded by tools/api_examples.py from the demonstration parks; everybody in it is made up.\n"
    FILE.write_text(head + yaml.safe_dump(kept, allow_unicode=True, sort_keys=True, width=118), "utf-8")
    print(f"{len(kept)} operations recorded")
    return 0


def recorded() -> dict[str, dict[str, Any]]:
    """{operation id: {request, answer}} of every operation told."""
    from django.urls import resolve
    from django.utils import timezone
    from tests.contracts.calling import Caller
    from tests.story import Story

    from twoparks.site.api import api

    paths = api.get_openapi_schema()["paths"]
    with tempfile.TemporaryDirectory() as folder:
        story = Story.open(Path(folder) / "homes")
        timezone.now = lambda: story.nodes.now
        caller, kept = Caller(story), {}

        def call(person: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
            answer = caller(person, method, path, body, **headers)
            assert answer.status_code < 400, (method, path, answer.content.decode())
            route = "/" + resolve(f"/api{path.split('?')[0]}").route.replace("<", "{").replace(">", "}")
            said = _said(answer)
            kept.setdefault(
                paths[route][method.lower()]["operationId"],
                {"request": _cut(body), "answer": _cut(said), "status": answer.status_code},
            )
            return said

        try:
            tell(call, caller)
        finally:
            story.nodes.close()
    return kept


def _said(answer: Any) -> Any:
    """What an answer says; of a file, how it begins."""
    if not answer.content:
        return None
    told = answer.headers["Content-Type"].partition(";")[0]
    return answer.json() if told.endswith("json") else answer.content[:8].decode("ascii")


def tell(call: Call, caller: Any) -> None:
    """The calls, in the order of the story."""
    permit = _declare(call, caller)
    _decide(call, caller, permit)
    _print(call, caller, permit)
    _cross(call, caller, permit)
    _look(call, permit)
    _project(call)
    _draft(call)
    _people(call)
    _travel(call, caller)
    _try_a_rule(call, caller)
    _trial(call, caller)
    _end(call, caller)


def _trial(call: Call, caller: Any) -> None:
    from tests.trials import NAMED, protocol

    story, reasons = caller.story, "We have read it."
    filed = call("sz-rules", "POST", "/trials", {"protocol": protocol()})["id"]
    at = f"/trials/{filed}"
    again = protocol(stop_rule={"harm": "found", "error_per_mille": 50, "at_least": 10})
    call("sz-rules", "POST", f"{at}/versions", {"protocol": again, "seen": 1})
    story.nodes.settle()
    for park, (authority, officer) in NAMED.items():
        seen = call(officer, "GET", at)["acts_seen"]
        answer = {"authority": authority, "agrees": True, "reasons": reasons, "seen": seen}
        call(officer, "POST", f"{at}/agreements", answer)
        call(f"{park}-officer", "POST", f"{at}/signature", {"seen": seen + 1})
        story.nodes.settle()
    story.nodes.tick(60)
    for park in NAMED:
        found = call(f"{park}-officer", "GET", at)
        opening = {"figures_digest": found["figures_digest"], "seen": found["acts_seen"]}
        call(f"{park}-officer", "POST", f"{at}/opening", opening)
        story.nodes.settle()
    joins = {"organisation": "sz-o-riverbank", "named": True}
    call("sz-lab-admin", "POST", f"{at}/participants", joins)
    story.nodes.tick(60)
    story.declare()
    call("sz-rules", "GET", f"/trials/cases?trial={filed}")
    call("sz-rules", "GET", "/trials")
    call("hk", "GET", "/trials/register")
    call("hk", "GET", f"/trials/register/{filed}")
    call("hk", "GET", f"/trials/register/{filed}/pdf")
    call("sz-lab-admin", "DELETE", f"{at}/participants/sz-o-riverbank")
    seen = call("sz-officer", "GET", at)["acts_seen"]
    harm = {"measure": "found", "reasons": "A seal was broken.", "seen": seen}
    call("sz-officer", "POST", f"{at}/harms", harm)
    found = call("sz-officer", "GET", at)
    call("sz-officer", "POST", f"{at}/stop", {"reasons": "A doubt.", "seen": found["acts_seen"]})
    summary = dict.fromkeys(("en", "zh-Hant", "zh-Hans"), "It was stopped.")
    seen = call("sz-rules", "GET", at)["acts_seen"]
    call("sz-rules", "POST", f"{at}/report", {"proposal": "repeat", "summary": summary, "seen": seen})
    other = call("sz-rules", "POST", "/trials", {"protocol": protocol()})["id"]
    call("sz-officer", "POST", f"/trials/{other}/refusal", {"reasons": "Too wide.", "seen": 1})


def _declare(call: Call, caller: Any) -> str:
    raw = caller.story.example()
    call("sz-lab", "POST", "/permits/check", raw)
    permit: str = call("sz-lab", "POST", "/permits", raw)["id"]
    facts = {k: v for k, v in raw["facts"].items() if k != "goods_kind"}
    question = {"flow": "materials", "crosses": "sz-hk", "on": "2026-11-22", "facts": facts}
    call("sz-lab", "POST", "/determination", question)
    call("sz-lab", "POST", "/questions", question)
    call("sz", "POST", "/check", question)
    caller.story.nodes.settle()
    call("sz-lab", "GET", "/permits")
    call("sz-nhc", "GET", "/queue?authority=nhc")
    call("sz-nhc", "GET", "/work")
    call("sz-officer", "GET", "/waiting?authority=nhc")
    call("sz-officer", "GET", f"/permits/{permit}")
    return permit


def _decide(call: Call, caller: Any, permit: str) -> None:
    from tests.story import HK_WORK, OFFICERS, SZ_WORK

    for park, work in (("sz", SZ_WORK), ("hk", HK_WORK)):
        for authority, measure in work:
            officer = OFFICERS[authority]
            said = {
                "authority": authority,
                "decision": "grant",
                "measure": measure,
                "number": "N-1",
                "reasons": "The papers are in order.",
            }
            seen = caller.seen(officer, permit)
            call(officer, "POST", f"/permits/{permit}/decisions", {**said, "seen": seen})
        officer = f"{park}-officer"
        call(officer, "POST", f"/permits/{permit}/clearance", {"seen": caller.seen(officer, permit)})
        caller.story.nodes.settle()


def _print(call: Call, caller: Any, permit: str) -> None:
    from twoparks.site.paper.verify import DIGEST_LETTERS

    caller.story.exchange_documents()
    call("sz-lab", "GET", f"/permits/{permit}/papers/letter")
    call("sz-lab", "GET", f"/permits/{permit}/papers/permit/pdf")
    call("hk", "POST", "/verify", {"given": caller.story.code("sz", permit)})
    digest = caller.story.state("sz", permit).current.signed["sz"].permit_digest[:DIGEST_LETTERS]
    call("hk", "GET", f"/verify/{permit}/{digest}")


def _cross(call: Call, caller: Any, permit: str) -> None:
    from tests.story import ENTRY, EXIT, LABELS

    from twoparks.crossings.actions import open_discrepancies

    code = call("sz-lab", "GET", f"/permits/{permit}/pass")["text"]
    for gate, person, carried in ((EXIT, "sz-gate", {1: 40}), (ENTRY, "hk-gate", {1: 35})):
        caller.story.exchange_documents()
        call(person, "POST", f"/gates/{gate}/refresh")
        scan = {"code": code, "labels": list(LABELS), "quantities": carried, "use_id": f"use-{gate}"}
        call(person, "POST", f"/gates/{gate}/scan", scan)
        call(person, "POST", f"/gates/{gate}/refresh")
        caller.story.nodes.settle()
        caller.story.nodes.tick(3_600)
    for park in ("sz", "hk"):
        with caller.story.nodes.at(park):
            open_discrepancies(caller.story.nodes.now)
        caller.story.nodes.settle()
    call("hk-officer", "GET", f"/crossings/{permit}-x1")
    said = {"explanation": "Five tubes broke on the way; counted and destroyed at the laboratory."}
    call("hk-officer", "POST", f"/crossings/{permit}-x1/discrepancies/short/closing", said)


def _look(call: Call, permit: str) -> None:
    for person, path in (
        ("sz-lab", "/me"),
        ("sz", "/zone"),
        ("sz", "/figures"),
        ("sz", "/today"),
        ("sz-lab", f"/permits/{permit}/acts"),
        ("sz-lab", "/crossings"),
        ("sz-gate", "/gates"),
        ("sz-gate", "/gates/events"),
        ("sz-gate", "/gates/sz-huanggang-exit-a"),
        ("sz-auditor", "/ledger"),
        ("sz-auditor", "/ledger/acts"),
        ("sz-auditor", "/ledger/checkpoints"),
        ("sz-auditor", "/ledger/incidents"),
    ):
        call(person, "GET", path)
    call("sz-auditor", "POST", "/ledger/proof")


def _try_a_rule(call: Call, caller: Any) -> None:
    from twoparks.pilots import histories
    from twoparks.pilots.actions import impact

    histories.ROWS = 5_000
    draft = call("sz-rules", "POST", "/trials/drafts", {"example": "financing-quota"})["id"]
    one = f"/trials/drafts/{draft}"
    said = {"title": {"en": "A higher quota"}, "question": {"en": "Are loans drawn sooner?"}}
    call("sz-rules", "PUT", f"{one}/words", said)
    of = call("sz-rules", "POST", f"{one}/alternatives")["of"]
    found = call("sz-rules", "GET", one)
    call("sz-rules", "DELETE", f"{one}/alternatives/{of}?seen={quote(found['seen'])}")
    found = call("sz-rules", "GET", one)
    written = {"of": 0, "text": found["texts"][0]["text"], "seen": found["seen"]}
    call("sz-rules", "PUT", f"{one}/change", written)
    call("sz-rules", "GET", f"{one}/checks")
    run = call("sz-rules", "POST", f"{one}/impact", {"crosses": "hk-sz", "on": "2027-01-04"})["id"]
    with caller.story.nodes.at("sz"):
        impact.carry_out(run)
    call("sz-rules", "GET", f"/trials/impact/{run}")
    call("sz-rules", "GET", f"/trials/impact/{run}/cases?turn=forbidden-conditional")
    call("sz-rules", "POST", f"/trials/impact/{run}/stop")
    call("sz-auditor", "GET", "/trials/drafts")
    call("sz-rules", "DELETE", one)


def _project(call: Call) -> None:
    call("sz-lab-admin", "GET", "/partners")
    call("sz-lab-admin", "GET", "/projects")
    call("sz-lab-admin", "GET", "/approvals")
    call("sz-lab-admin", "GET", "/organisations")
    title = {"en": "Second study", "zh-Hans": "第二项研究", "zh-Hant": "第二項研究"}
    said = {"organisation": "sz-o-riverbank", "partner": "hk-o-southbank", "title": title, "protocol": "P-2"}
    made = call("sz-lab-admin", "POST", "/projects", said)["id"]
    approval = {
        "measure": "hgr_ethics_review",
        "authority": "ethics_committee",
        "number": "EC-2026-9",
        "valid_from": "2026-11-01",
        "valid_until": "2027-10-31",
    }
    call("sz-lab-admin", "POST", f"/projects/{made}/approvals", approval)
    call("sz-lab-admin", "GET", f"/projects/{made}")


def _draft(call: Call) -> None:
    content = {"project": "sz-j-multicentre", "seal": "SEAL-448121"}
    made = call("sz-lab", "POST", "/drafts", content)["id"]
    call("sz-lab", "PUT", f"/drafts/{made}", {**content, "seal": "SEAL-448122"})
    call("sz-lab", "GET", "/drafts")
    call("sz-lab", "DELETE", f"/drafts/{made}")


def _people(call: Call) -> None:
    said = {
        "username": "wen",
        "name": "Wen Lihua",
        "password": "a few words in a row",
        "kind": "member",
        "organisation": "sz-o-riverbank",
    }
    made = call("sz-lab-admin", "POST", "/people", said)["id"]
    role = call("sz-officer", "POST", f"/people/{made}/roles", {"kind": "auditor"})["id"]
    call("sz-officer", "POST", f"/people/{made}/roles/{role}/end")
    call("sz-lab-admin", "POST", f"/people/{made}/password", {"password": "other words in a row"})
    call("sz-lab-admin", "GET", "/people?q=wen")
    call("sz-lab-admin", "GET", "/travellers")
    call("sz-lab-admin", "GET", f"/people/{made}")
    call("sz-lab-admin", "POST", f"/people/{made}/end")


def _travel(call: Call, caller: Any) -> None:
    """A commuter: what is asked, out by a gate, back by another control point, an officer's look, consent taken back."""
    from tests.travel import OUT, Travel

    from twoparks.permits.actions import save_draft

    travel = Travel(caller.story)
    now = caller.story.nodes.now
    with caller.story.nodes.at("sz"):
        employer = caller.story.user("sz-lab-admin")
        raw = caller.story.example("commuter-to-hong-kong")
        content = {**raw, "person": travel.person().pk}
        save_draft(employer, None, content, now)
    asked = call("sz-commuter", "GET", "/consents")
    call("sz-commuter", "POST", "/consents", {"digest": asked[0]["digest"]})
    permit = travel.in_force()
    travel.pass_gates(permit, *OUT)
    caller.story.nodes.tick(7_200)
    said = {"control_point": "luohu", "at": caller.story.nodes.now.isoformat()}
    call("sz-commuter", "POST", f"/permits/{permit}/returns", said)
    reason = {"reason": "The commuter asked the park to check the count of days."}
    call("sz-officer", "POST", f"/permits/{permit}/movements", reason)
    call("sz-commuter", "DELETE", "/consents")
    caller.story.nodes.tick(30 * 86_400)
    (month, *_earlier) = call("sz-commuter", "GET", "/counts")
    call("sz-commuter", "PUT", "/counts", {"months": [month["month"]]})
    call("sz-lab-admin", "GET", "/counts/released")
    call("sz-commuter", "DELETE", "/counts")


def _end(call: Call, caller: Any) -> None:
    """Declarations that end otherwise, and the end of a token."""
    raw = caller.story.example()
    for person, ending, said in (
        ("sz-lab", "versions", {"declaration": {**raw, "seal": "SEAL-448123"}}),
        ("sz-lab", "withdrawal", {}),
        ("sz-officer", "refusal", {"reasons": "The seal does not match the photograph."}),
    ):
        permit = str(caller.story.declare(raw))
        call(person, "POST", f"/permits/{permit}/{ending}", {**said, "seen": caller.seen(person, permit)})
    permit = str(caller.story.in_force())
    said = {"reasons": "The laboratory asked for it.", "seen": caller.seen("sz-officer", permit)}
    call("sz-officer", "POST", f"/permits/{permit}/revocation", said)
    header = f"Bearer {caller.token('sz-lab')}"
    call("sz", "GET", "/token", Authorization=header)
    call("sz", "DELETE", "/token", Authorization=header)


def _cut(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _cut(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_cut(inner) for inner in value[:MOST_ROWS]]
    if isinstance(value, str) and len(value) > MOST_LETTERS:
        return value[:MOST_LETTERS] + "…"
    return value


if __name__ == "__main__":
    sys.exit(main())
