"""Acts about accounts and roles: what they say, how they are recorded, and whether the database agrees with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from twoparks.federation import contracts as c
from twoparks.federation.actions import record
from twoparks.federation.queries import acts_of
from twoparks.federation.types import SYSTEM, Actor, Contract, Field, NewAct, StoredAct, StreamId
from twoparks.ledger.audit import Finding
from twoparks.registry import said
from twoparks.registry.models import Role
from twoparks.registry.pseudonyms import pseudonym

_PERSON = Field(c.pattern(r"p-[0-9a-f]{16}", "the pseudonym of an account at this node"), "")
_ROLE = {
    "person": _PERSON,
    "role": Field(c.enum(*Role.Kind.values), ""),
    "where": Field(c.nullable(c.text(40)), ""),
}
KINDS = {
    said.GIVEN: _ROLE,
    said.ENDED: _ROLE,
    said.NOTED: {"roles": Field(c.integer(1, 10**7), ""), "digest": Field(c.digest(), "")},
    said.ACCOUNT_ENDED: {"person": _PERSON},
    said.PASSWORD_GIVEN: {"person": _PERSON},
    said.INVITED: {
        "pseudonym": Field(c.pattern(r"h-[0-9a-f]{16}", "the pseudonym of a person who crosses"), "")
    },
}


def register_roles() -> None:
    """Register the kinds, none of which crosses, and keep what the registry says."""
    for kind, fields in KINDS.items():
        c.register(Contract(kind, False, fields))
    said.register_log(_record)


def _record(what: said.Said, now: datetime) -> str:
    by = SYSTEM
    if what.by is not None:
        user, role = what.by
        by = Actor(str(role.kind), pseudonym(user), role.authority or None)
    return record(NewAct(what.kind, StreamId(what.stream), what.body, by), now).id


def findings() -> tuple[Finding, ...]:
    """Where the roles in the database are not those the acts gave and ended; nothing before the first act about roles."""
    acts = {act.id: act for act in acts_of(said.GIVEN, said.ENDED, said.NOTED)}
    return tuple(_findings(acts)) if acts else ()


def _findings(acts: dict[str, StoredAct]) -> Iterator[Finding]:
    noted: dict[str, list[Role]] = {}
    seen = set()
    for role in Role.objects.select_related("user").order_by("pk"):
        given, ended = acts.get(role.given_act), acts.get(role.ended_act)
        seen |= {role.given_act, role.ended_act}
        if given is not None and given.kind == said.NOTED:
            noted.setdefault(given.id, []).append(role)
        elif given is None or dict(given.body) != said.about(role):
            yield _differs(f"role {role.pk} in the database, which no act gave so", "the act that gave it")
        if _ends_unsaid(role, given, ended):
            yield _differs(f"role {role.pk}, whose end no act says so", "the act that ended it")
    for act in acts.values():
        rows = noted.get(act.id, [])
        if act.kind == said.NOTED and (len(rows), said.digest(rows)) != (
            act.body["roles"],
            act.body["digest"],
        ):
            yield _differs(f"{len(rows)} roles", f"the {act.body['roles']} roles noted by {act.id}")
        elif act.id not in seen:
            yield _differs(f"no role in the database to which {act.id} belongs", act.kind)


def _ends_unsaid(role: Role, given: StoredAct | None, ended: StoredAct | None) -> bool:
    """Whether the row's end and the act that ended it do not fit; who was noted as ended needs none."""
    if role.ended_at is None:
        return role.ended_act != ""
    if ended is None:
        return given is None or given.kind != said.NOTED or role.ended_at > given.at
    return dict(ended.body) != said.about(role)


def _differs(found: str, expected: str) -> Finding:
    return Finding("roles_differ", "fault", expected, found)
