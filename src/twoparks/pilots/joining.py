"""Whether an organisation may join a trial: whom its protocol invites, and how many places are left. Pure."""

from __future__ import annotations

from django.utils.translation import gettext as _

from twoparks.pilots.types import Trial
from twoparks.registry.models import Organisation


def objection(trial: Trial, organisation: Organisation) -> str | None:
    """Why the organisation cannot join, in the reader's language; None when it can."""
    who = trial.protocol.participants
    if organisation.id in trial.joined:
        return _("This organisation has joined before; who left does not join again.")
    if who.how == "invited" and organisation.id not in who.organisations:
        return _("The protocol invites others by name.")
    if who.sender_kinds and organisation.kind not in who.sender_kinds:
        return _("The protocol is for organisations of another kind.")
    taken = sum(
        joined.park == organisation.park and joined.left_at is None for joined in trial.joined.values()
    )
    if taken >= who.places.get(organisation.park, 0):
        return _("All places of this park are taken.")
    return None
