"""How what the registry does becomes acts: the log stands on the registry, so the room that keeps it registers itself here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from twoparks.ledger.canonical import canonical
from twoparks.registry.models import Role, User
from twoparks.registry.pseudonyms import pseudonym

GIVEN, ENDED, NOTED = "role.given", "role.ended", "roles.noted"
ACCOUNT_ENDED, PASSWORD_GIVEN, INVITED = "account.ended", "account.password_given", "person.invited"


@dataclass(frozen=True)
class Said:
    """What was done, about whose stream, by which user in which role; by the node itself or its machine's keeper when None."""

    kind: str
    stream: str
    body: Mapping[str, object]
    by: tuple[User, Role] | None = None


Record = Callable[[Said, datetime], str]
_recorders: list[Record] = []


def register_log(record: Record) -> None:
    """Have `record` make an act of whatever is said; it returns the act's id and runs in the caller's transaction."""
    _recorders[:] = [record]


def say(said: Said, now: datetime) -> str:
    """Record the act; its id."""
    (record,) = _recorders
    return record(said, now)


def about(role: Role) -> dict[str, object]:
    """A role as its act says it: whose by pseudonym, which, and for what."""
    where = role.organisation_id or role.authority or role.gate
    return {"person": pseudonym(role.user), "role": str(role.kind), "where": where or None}


def digest(roles: Iterable[Role]) -> str:
    """SHA-256 over these roles in a fixed order, hexadecimal: what an act says of roles that stood before acts of roles were kept."""
    rows = [{**about(role), "given_at": role.given_at.astimezone(UTC).isoformat()} for role in roles]
    return sha256(canonical({"roles": sorted(rows, key=lambda row: canonical(row))})).hexdigest()
