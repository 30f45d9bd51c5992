"""Roles in the reader's words: what somebody may do here, and for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twoparks.packs import load
from twoparks.registry.access import Scope, Seer
from twoparks.registry.models import Organisation, Role
from twoparks.registry.node import this_node
from twoparks.registry.words import words

KINDS: Mapping[str, object] = {
    Role.Kind.MEMBER: gettext_lazy("Member"),
    Role.Kind.ADMINISTRATOR: gettext_lazy("Administrator"),
    Role.Kind.PARK_OFFICER: gettext_lazy("Park officer"),
    Role.Kind.AUTHORITY_OFFICER: gettext_lazy("Authority officer"),
    Role.Kind.GATE: gettext_lazy("Gate officer"),
    Role.Kind.AUDITOR: gettext_lazy("Auditor"),
    Role.Kind.RULE_MAKER: gettext_lazy("Rule maker"),
    Role.Kind.PERSON: gettext_lazy("Person who crosses"),
}


@dataclass(frozen=True)
class Seers:
    """One line of "who can see this": a place, the kinds of role there, whether it is at the other park."""

    where: str
    kinds: tuple[str, ...]
    elsewhere: bool = False


def seers_told(seers: Iterable[Seer]) -> tuple[Seers, ...]:
    """Who may see something, a line for each organisation, authority, gate and for this park, in words."""
    places: dict[tuple[Scope, str], list[str]] = {}
    for seer in seers:
        places.setdefault((seer.scope, seer.where), []).append(str(KINDS[seer.kind]))
    wanted = [where for scope, where in places if scope in (Scope.PARTY, Scope.OWNER)]
    known = {o.pk: o for o in Organisation.objects.filter(pk__in=wanted)}
    here = this_node()
    lines = []
    for (scope, where), kinds in places.items():
        organisation = known.get(where)
        if scope is Scope.NODE:
            lines.append(Seers(words(here.park.name), tuple(kinds)))
        elif scope is Scope.SELF:
            lines.append(Seers(_("The person"), tuple(kinds)))
        elif scope is Scope.AUTHORITY:
            lines.append(Seers(authority_name(where), tuple(kinds)))
        elif organisation is not None:
            lines.append(Seers(words(organisation.name), tuple(kinds), organisation.park != here.id))
        else:
            lines.append(Seers(where, tuple(kinds)))
    return tuple(lines)


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
