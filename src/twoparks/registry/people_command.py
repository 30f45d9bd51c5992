"""`twoparks people`: accounts and roles by command; `first` makes the first park officer of a new node."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from twoparks.registry import actions, queries
from twoparks.registry.access import Forbidden
from twoparks.registry.models import Organisation, Role, User
from twoparks.registry.people import first_password

DONE, NOT_NOW, BAD_INPUT = 0, 1, 64


def people(argv: Sequence[str], clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> int:
    """One word of `twoparks people`; 0 done, 1 not allowed or not possible (the message says why), 64 bad input."""
    words = _parser().parse_args(argv)
    verb: Callable[[argparse.Namespace, User | None, datetime], str] = words.verb
    user = None
    if words.verb is not _first:
        user = User.objects.filter(username=words.user, is_active=True).first()
        if user is None:
            return _bad(f"--as {words.user}: there is no such account at this park")
    try:
        print(verb(words, user, clock()))
    except Forbidden as error:
        print(f"twoparks people: {error}", file=sys.stderr)
        return NOT_NOW
    except actions.NotAccepted as error:
        return _bad(f"{error.field}: {error}")
    except (User.DoesNotExist, Organisation.DoesNotExist, Role.DoesNotExist) as error:
        return _bad(f"{error} Nothing was changed.")
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="twoparks people", allow_abbrev=False)
    verbs = parser.add_subparsers(required=True)
    for name, verb, says in (
        ("list", _list, "everybody whose account you may see, with roles and their numbers"),
        ("add", _add, "give an account in an organisation; prints the first password"),
        ("give", _give, "give a role"),
        ("end-role", _end_role, "end one role, by its number"),
        ("end", _end, "end an account with all its roles"),
        ("password", _password, "let somebody in again; prints a password to be changed at once"),
        ("first", _first, "make the first park officer of a node without one; prints the first password"),
    ):
        sub = verbs.add_parser(name, help=says, allow_abbrev=False)
        sub.set_defaults(verb=verb)
        if verb is not _first:
            sub.add_argument("--as", dest="user", required=True, metavar="USER", help="account that acts")
        if verb is not _list:
            sub.add_argument("username", metavar="PERSON", help="user name")
        if verb is _add:
            sub.add_argument("--name", required=True)
            sub.add_argument("--organisation", required=True)
            sub.add_argument("--kind", choices=["member", "administrator"], default="member")
        if verb is _give:
            sub.add_argument("--kind", choices=Role.Kind.values, required=True)
            sub.add_argument("--where", default="", help="organisation, authority or gate the kind needs")
        if verb is _end_role:
            sub.add_argument("--role", type=int, required=True, help="number, as the list shows it")
    return parser


def _list(words: argparse.Namespace, user: User, now: datetime) -> str:
    lines = []
    for row in queries.people(user).order_by("-is_active", "first_name", "username"):
        line = queries.person_line(row)
        held = [f"{r.pk} {_told(r)}" for r in line.roles if r.ended_at is None]
        state = "" if row.is_active else "  (account ended)"
        lines.append(f"{row.username:<24} {'; '.join(held) or 'no role'}{state}")
    return "\n".join(lines)


def _add(words: argparse.Namespace, user: User, now: datetime) -> str:
    given, organisation = first_password(), Organisation.objects.get(pk=words.organisation)
    new = actions.NewAccount(words.username, given, Role.Kind(words.kind), organisation, words.name)
    actions.add_person(user, new, now)
    return _shown(words.username, given)


def _give(words: argparse.Namespace, user: User, now: datetime) -> str:
    role = actions.add_role(user, _person(user, words.username), Role.Kind(words.kind), words.where, now)
    return f"{words.username}: {role.pk} {_told(role)}"


def _end_role(words: argparse.Namespace, user: User, now: datetime) -> str:
    role = Role.objects.select_related("organisation").get(pk=words.role, user=_person(user, words.username))
    actions.end_role(user, role, now)
    return f"{words.username}: {_told(role)} ended"


def _end(words: argparse.Namespace, user: User, now: datetime) -> str:
    actions.end_account(user, _person(user, words.username), now)
    return f"{words.username}: account ended"


def _password(words: argparse.Namespace, user: User, now: datetime) -> str:
    given = first_password()
    actions.give_password(user, _person(user, words.username), given, now)
    return _shown(words.username, given)


def _first(words: argparse.Namespace, user: None, now: datetime) -> str:
    given = first_password()
    actions.first_officer(words.username, given, now)
    return _shown(words.username, given)


def _person(user: User, username: str) -> User:
    """Somebody whom the user may see; nobody else exists for them."""
    return queries.people(user).get(username=username)


def _told(role: Role) -> str:
    where = role.organisation_id or role.authority or role.gate
    return f"{role.kind} {where}" if where else role.kind


def _shown(username: str, given: str) -> str:
    return f"{username}: first password {given}  (shown this once; to be changed at the first sign-in)"


def _bad(says: str) -> int:
    print(f"twoparks people: {says}", file=sys.stderr)
    return BAD_INPUT
