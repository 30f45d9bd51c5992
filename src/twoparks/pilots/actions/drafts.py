"""What a rule maker does with a draft: begin, write, describe, keep alternatives, discard. A draft is no act and enters no ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from twoparks.law.pack import LANGUAGES
from twoparks.permits.types import NotPossible
from twoparks.pilots.drafts import MOST_ALTERNATIVES, MOST_CHARACTERS
from twoparks.pilots.examples import example, examples
from twoparks.pilots.models import TrialDraft
from twoparks.registry.access import Verb, demand
from twoparks.registry.ids import random_id
from twoparks.registry.models import User
from twoparks.registry.zone import zone

MOST_WORDS = 400


@dataclass(frozen=True)
class Seen:
    """A draft as somebody has it before them: which of its texts (0 the change, then alternatives), and as of when."""

    draft: str
    of: int
    changed_at: str


@transaction.atomic
def begin(user: User, flow: str, crosses: str, now: datetime, *, from_example: str = "") -> TrialDraft:
    """A fresh draft for a flow and direction, or one that begins with a shipped example."""
    demand(user, Verb.DRAFT_TRIAL)
    if crosses and crosses not in zone().directions:
        raise NotPossible("no_such_direction", _("Choose what moves, and which way."))
    if from_example and from_example not in examples():
        raise NotPossible("no_such_example", _("There is no such example."))
    begun = TrialDraft(
        id=random_id("td"), flow=flow, crosses=crosses, author=user, made_at=now, changed_at=now
    )
    if from_example:
        found = example(from_example)
        begun.example, begun.flow, begun.crosses = found.key, found.flow, found.crosses
        begun.title, begun.question = dict(found.title), dict(found.question)
        begun.change, begun.alternatives = found.change, list(found.alternatives)
        begun.protocol = dict(found.protocol)
    begun.save(force_insert=True)
    return begun


@transaction.atomic
def write_change(user: User, seen: Seen, text: str, now: datetime) -> TrialDraft:
    """Keep the text of the change, or of an alternative, as written; NotPossible when somebody wrote meanwhile."""
    draft = _taken_up(user, seen)
    if len(text) > MOST_CHARACTERS:
        says = _("The text has %(n)d characters; at most %(most)d are kept.")
        raise NotPossible("too_long", says % {"n": len(text), "most": MOST_CHARACTERS})
    text = text.replace("\r\n", "\n")
    if seen.of == 0:
        draft.change = text
    else:
        draft.alternatives = [
            text if at == seen.of else kept for at, kept in enumerate(draft.alternatives, 1)
        ]
    return _kept(draft, now)


@transaction.atomic
def describe(
    user: User, draft_id: str, title: Mapping[str, str], question: Mapping[str, str], now: datetime
) -> TrialDraft:
    """Keep title and question in three languages; what is not said in one may follow."""
    demand(user, Verb.DRAFT_TRIAL)
    draft = TrialDraft.objects.select_for_update().get(pk=draft_id)
    draft.title, draft.question = (
        {language: said for language in LANGUAGES if (said := given.get(language, "").strip()[:MOST_WORDS])}
        for given in (title, question)
    )
    return _kept(draft, now)


@transaction.atomic
def add_alternative(user: User, draft_id: str, now: datetime) -> int:
    """One more text beside the change, beginning as the change stands; its number."""
    demand(user, Verb.DRAFT_TRIAL)
    draft = TrialDraft.objects.select_for_update().get(pk=draft_id)
    if len(draft.alternatives) >= MOST_ALTERNATIVES:
        says = _("A draft keeps at most %(n)d alternatives.")
        raise NotPossible("enough_alternatives", says % {"n": MOST_ALTERNATIVES})
    draft.alternatives = [*draft.alternatives, draft.change]
    _kept(draft, now)
    return len(draft.alternatives)


@transaction.atomic
def drop_alternative(user: User, seen: Seen, now: datetime) -> TrialDraft:
    """Throw one alternative away."""
    draft = _taken_up(user, seen)
    draft.alternatives = [text for at, text in enumerate(draft.alternatives, 1) if at != seen.of]
    return _kept(draft, now)


@transaction.atomic
def discard(user: User, draft_id: str) -> None:
    """Throw a draft away, with what was tried on it."""
    demand(user, Verb.DRAFT_TRIAL)
    TrialDraft.objects.get(pk=draft_id).delete()


def _taken_up(user: User, seen: Seen) -> TrialDraft:
    demand(user, Verb.DRAFT_TRIAL)
    draft = TrialDraft.objects.select_for_update().get(pk=seen.draft)
    if draft.changed_at.isoformat() != seen.changed_at:
        says = _("Somebody changed this draft meanwhile. Read it again, then write.")
        raise NotPossible("changed_meanwhile", says)
    if not 0 <= seen.of <= len(draft.alternatives):
        raise TrialDraft.DoesNotExist
    return draft


def _kept(draft: TrialDraft, now: datetime) -> TrialDraft:
    draft.changed_at = now
    draft.save()
    return draft
