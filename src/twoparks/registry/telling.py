"""Roles in the reader's words: what somebody may do here, and for whom."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twoparks.packs import load
from twoparks.registry.models import Role
from twoparks.registry.words import words

KINDS: Mapping[str, object] = {
    Role.Kind.MEMBER: gettext_lazy("Member"),
    Role.Kind.ADMINISTRATOR: gettext_lazy("Administrator"),
    Role.Kind.PARK_OFFICER: gettext_lazy("Park officer"),
    Role.Kind.AUTHORITY_OFFICER: gettext_lazy("Authority officer"),
    Role.Kind.GATE: gettext_lazy("Gate officer"),
    Role.Kind.AUDITOR: gettext_lazy("Auditor"),
}


def authority_name(key: str) -> str:
    """An authority of the packs by its name."""
    known = load().authorities.get(key)
    return words(known.name) if known else key


def role_words(role: Role) -> str:
    """A role with its organisation, authority or gate."""
    where = ""
    if role.organisation is not None:
        where = words(role.organisation.name)
    elif role.authority:
        where = authority_name(role.authority)
    elif role.gate:
        where = role.gate
    kind = str(KINDS.get(role.kind, role.kind))
    return _("%(kind)s: %(where)s") % {"kind": kind, "where": where} if where else kind
