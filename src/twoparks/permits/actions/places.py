"""Places in this park's status list, given in random order so that a place tells nothing; and the peer's list kept."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.utils.translation import gettext as _

from twoparks.federation.actions import keep
from twoparks.permits.issued import LIST, SIZE, STATUS, verified_status
from twoparks.permits.models import StatusPlace
from twoparks.permits.types import NotPossible, StatusPlaceRef

FULL = SIZE * 9 // 10


def free_place() -> StatusPlaceRef:
    """A place nobody has had; raises NotPossible when the list is nine tenths full."""
    if StatusPlace.objects.filter(list=LIST).count() >= FULL:
        says = _("The status list is full: %(given)d of %(size)d places are given.")
        raise NotPossible("status_list_full", says % {"given": FULL, "size": SIZE})
    while True:
        index = secrets.randbelow(SIZE)
        if not StatusPlace.objects.filter(list=LIST, index=index).exists():
            return StatusPlaceRef(LIST, index)


def take_status(token: bytes, now: datetime) -> None:
    """Keep the peer's newest status list; raises Refused when it is not genuine or goes back."""
    found = verified_status(token, now)
    keep(STATUS, token, found.issued_at, now)
