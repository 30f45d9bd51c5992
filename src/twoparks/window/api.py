"""Check a crossing, for programs: the same answer as the page, without an account."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Schema
from pydantic import Field

from twoparks.law.facts import FactError
from twoparks.law.measures import served_entry, serving
from twoparks.packs import load
from twoparks.window import checking, links
from twoparks.window.types import Case

router = Router(tags=["check"])


class CheckIn(Schema):
    """A case: what moves, which way, on which day, and what is known so far."""

    flow: Literal["personnel", "materials", "data", "capital", "schemes"]
    crosses: str = Field(examples=["sz-hk"])
    on: date
    facts: dict[str, Any] = {}  # Any: values as the vocabulary types them
    held: list[str] = Field(default=[], max_length=links.MOST_HELD)


class CheckOut(Schema):
    """The answer. `next` is the fact that settles most, empty when nothing more could change the answer or its steps."""

    outcome: str
    says: str
    certain: bool
    next: str
    open_questions: list[str]
    banks: dict[str, dict[str, Any]]  # Any: each bank's determination, as `/determination` gives it
    serves_both: list[
        dict[str, Any]
    ]  # Any: measures of which one filing serves both banks, as the packs say it
    what_if: dict[str, Any] | None  # Any: changes and plan; null while the outcome is not certain
    page: str


@router.post("/check", response=CheckOut, auth=None, summary="Check a crossing")
def check(request: HttpRequest, body: CheckIn) -> dict[str, Any]:
    """What both banks' law says, the question to ask next, and what would make it possible; nothing is recorded."""
    law = load()
    case = Case(body.flow, body.crosses, body.on, body.facts, tuple(body.held))
    if problems := law.check_facts(checking.facts(case)):
        raise FactError(problems)
    both = law.determine(checking.facts(case))
    found = checking.answer(case)
    page = reverse("check_case", args=(case.flow, case.crosses)) + "?" + links.link(case)
    return {
        "outcome": found.outcome,
        "says": found.says,
        "certain": found.certain,
        "next": both.open_questions[0] if both.open_questions else "",
        "open_questions": list(both.open_questions),
        "banks": {bank: answer.as_dict() for bank, answer in checking.banks(case).items()},
        "serves_both": [{"measure": measure.key, **served_entry(one)} for measure, one in serving(law, both)],
        "what_if": law.what_if(checking.facts(case)).as_dict() if found.certain else None,
        "page": request.build_absolute_uri(page),
    }
