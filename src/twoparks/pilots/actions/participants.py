"""What an organisation does: take part in a trial, and leave it; whatever others did since the page was read."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from twoparks.permits.types import NotPossible
from twoparks.pilots import joining
from twoparks.pilots.actions.guards import demand_possible, say, take_up
from twoparks.pilots.types import Action, TrialId
from twoparks.registry.access import Verb, demand
from twoparks.registry.actions import subject_of_organisation
from twoparks.registry.models import Organisation, User


@transaction.atomic
def join(user: User, trial: TrialId, organisation: str, named: bool, now: datetime) -> None:
    """Take part with an organisation of this park, named in the public register or only counted there."""
    found = take_up(trial)
    joins = Organisation.objects.get(pk=organisation)
    role = demand(user, Verb.JOIN_TRIAL, subject_of_organisation(joins))
    demand_possible(found, Action.JOIN, found.acts, now)
    if (objection := joining.objection(found, joins)) is not None:
        raise NotPossible("cannot_join", objection)
    body = {"organisation": joins.id, "sender_kind": joins.kind, "named": named}
    say(found, "trial.joined", body, (user, role), now)


@transaction.atomic
def leave(user: User, trial: TrialId, organisation: str, now: datetime) -> None:
    """Take no part any more; what was declared under the trial before is decided under it."""
    found = take_up(trial)
    leaves = Organisation.objects.get(pk=organisation)
    role = demand(user, Verb.JOIN_TRIAL, subject_of_organisation(leaves))
    demand_possible(found, Action.LEAVE, found.acts, now)
    joined = found.joined.get(leaves.id)
    if joined is None or joined.left_at is not None:
        raise NotPossible("not_joined", _("This organisation takes no part."))
    say(found, "trial.left", {"organisation": leaves.id}, (user, role), now)
