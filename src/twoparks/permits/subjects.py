"""What access needs to know of a permit, and how somebody's role is written into an act."""

from __future__ import annotations

from twoparks.federation.types import Actor
from twoparks.permits.declarations import organisations, party_of
from twoparks.permits.types import PermitState, Todo
from twoparks.registry.access import Subject
from twoparks.registry.models import Person, Role, User
from twoparks.registry.pseudonyms import pseudonym


def subject_of(state: PermitState, work: tuple[Todo, ...] = ()) -> Subject:
    """The permit for `may`: its applicant, both parties, and the authorities before whom it is or was."""
    version = state.current
    before = {a for todo in work for a in todo.authorities}
    decided = {d.authority for v in state.versions for d in v.decisions if d.authority is not None}
    return Subject(
        owner=party_of(version.declaration, state.home).id,
        parties=organisations(version.declaration),
        authorities=frozenset(before | decided),
        person=holder_of(state),
    )


def movement_subject(state: PermitState) -> Subject:
    """The movements under a permit for `may`: a person's are nobody's business but the person's own."""
    if state.current.declaration.traveller is None:
        return subject_of(state)
    return Subject(person=holder_of(state))


def holder_of(state: PermitState) -> int | None:
    """The account of the person who crosses, where that is a person registered here."""
    traveller = state.current.declaration.traveller
    if traveller is None:
        return None
    return Person.objects.filter(pseudonym=traveller.pseudonym).values_list("user", flat=True).first()


def actor_of(user: User, role: Role) -> Actor:
    """The user as an act may say it: role, keyed pseudonym, authority; never a name."""
    return Actor(role=str(role.kind), actor=pseudonym(user), authority=role.authority or None)
