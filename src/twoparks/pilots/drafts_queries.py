"""The only readers of drafts: for rule makers of this park and its auditors."""

from __future__ import annotations

from django.db.models import QuerySet

from twoparks.pilots.models import ImpactRun, TrialDraft
from twoparks.registry.access import Verb, demand
from twoparks.registry.models import User

SHOWN = 25  # askings of a draft that its page lists


def drafts(user: User) -> QuerySet[TrialDraft]:
    """Every draft of this park, the newest first."""
    demand(user, Verb.SEE_DRAFTS)
    return TrialDraft.objects.select_related("author")


def draft(user: User, draft_id: str) -> TrialDraft:
    """One draft; DoesNotExist where there is none."""
    return drafts(user).get(pk=draft_id)


def texts(found: TrialDraft) -> tuple[str, ...]:
    """The change, then its alternatives."""
    return (found.change, *found.alternatives)


def text(found: TrialDraft, of: int) -> str:
    """The change (0) or one of its alternatives; DoesNotExist where there is none."""
    all_of_them = texts(found)
    if not 0 <= of < len(all_of_them):
        raise TrialDraft.DoesNotExist
    return all_of_them[of]


def runs(user: User, found: TrialDraft) -> QuerySet[ImpactRun]:
    """What was asked of a draft, the newest first."""
    demand(user, Verb.SEE_DRAFTS)
    return ImpactRun.objects.filter(draft=found).defer("result", "changes")[:SHOWN]


def run(user: User, run_id: str) -> ImpactRun:
    """One asking; DoesNotExist where there is none."""
    demand(user, Verb.SEE_DRAFTS)
    return ImpactRun.objects.select_related("draft").get(pk=run_id)
