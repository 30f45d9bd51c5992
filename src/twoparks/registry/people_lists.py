"""The lists of people: accounts with their roles, and who is registered to cross. Page, files and API are made from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from twoparks.lists import search
from twoparks.lists.statuses import status_word
from twoparks.lists.types import (
    Choice,
    Column,
    Exactly,
    Kind,
    Listing,
    Options,
    Row,
    Rows,
    Search,
    View,
    Words,
)
from twoparks.registry import finding, queries
from twoparks.registry.models import Person, Role
from twoparks.registry.queries import PersonLine
from twoparks.registry.telling import KINDS, role_words
from twoparks.registry.words import words

YES_NO: dict[str, Words] = {"yes": _("yes"), "no": _("no")}
ACCOUNTS: dict[str, Words] = {"taken": _("taken"), "invited": _("invited")}
PHONES: dict[str, Words] = {"ready": _("phone ready"), "none": _("no key yet")}
STEPS: dict[str, Words] = {"declare": _("Declare"), "invite": _("New invitation")}


def _lines(rows: Sequence[Row], _now: datetime) -> Sequence[PersonLine]:
    return [queries.person_line(row) for row in rows]


def _roles(line: PersonLine) -> str:
    return " · ".join(role_words(role) for role in line.roles if role.ended_at is None)


def _kinds() -> Options:
    return [(kind, str(KINDS[kind])) for kind in Role.Kind]


def _in_role(rows: Rows, value: str, _now: datetime) -> Rows:
    """Of the roles the reader may know of; what somebody is elsewhere is not told by being found."""
    return rows.filter(pk__in=rows.filter(known__kind=value, known__ended_at=None).values("pk"))


def _at_organisation(rows: Rows, value: str) -> Rows:
    return rows.filter(pk__in=rows.filter(known__organisation=value, known__ended_at=None).values("pk"))


PEOPLE: Listing[PersonLine] = Listing(
    name="people",
    title=_("People"),
    columns=(
        Column(
            "name",
            _("Name"),
            lambda line: line.person.first_name or line.person.username,
            sort="first_name",
            href=lambda line: reverse("person", args=[line.person.pk]),
            note=lambda line: line.person.username,
        ),
        Column("id", _("Number"), lambda line: line.person.pk, Kind.NUMBER, on_page=False),
        Column("username", _("User name"), lambda line: line.person.username, Kind.CODE, on_page=False),
        Column("roles", _("Roles"), _roles),
        Column(
            "account",
            _("Account"),
            lambda line: "open" if line.person.is_active else "closed",
            Kind.STATUS,
            word=status_word,
        ),
        Column(
            "second_factor",
            _("Second factor"),
            lambda line: "yes" if line.has_factor else "no",
            word=lambda key: str(YES_NO[key]),
        ),
        Column("last_login", _("Last signed in"), lambda line: line.person.last_login, Kind.MOMENT),
    ),
    filters=(
        Search(
            _("Search"),
            _("Name or user name; in either Chinese script. What you type here stands in no address."),
            lambda rows, typed: search.narrow(rows, finding.PEOPLE, typed),
            sealed=True,
        ),
        Choice("role", _("Role"), _kinds, _in_role),
        Choice(
            "account",
            _("Account"),
            lambda: [(key, status_word(key)) for key in ("open", "closed")],
            lambda rows, value, _now: rows.filter(is_active=value == "open"),
        ),
        Choice(
            "second_factor",
            _("Second factor"),
            lambda: list(YES_NO.items()),
            lambda rows, value, _now: rows.filter(has_factor=value == "yes"),
        ),
        Exactly("organisation", _("Organisation"), narrow=_at_organisation),
    ),
    rows=lambda user, _now: queries.people(user),
    lines=_lines,
    order="name",
    empty=_("People with an account in your organisation are listed here. Give the first one."),
    ready=lambda _user: [
        View(_("Without a second factor"), "account=open&second_factor=no"),
        View(_("Accounts ended"), "account=closed"),
    ],
)


def _account(person: Person) -> str:
    return "taken" if person.user_id else "invited"


def _phone(person: Person) -> str:
    return "ready" if person.holder else "none"


def _step(person: Row) -> str:
    """What comes next for this person that the reader may do; `invitable` is said by the rows."""
    if person.user_id:
        return "declare"
    return "invite" if person.invitable else ""


def _where(person: Row) -> str:
    match _step(person):
        case "declare":
            return f"{reverse('declare')}?flow=personnel"
        case "invite":
            return reverse("invite_traveller", args=[person.pk])
    return ""


TRAVELLERS: Listing[Person] = Listing(
    name="travellers",
    title=_("People who cross"),
    columns=(
        Column("name", _("Name"), lambda person: person.name, sort="name"),
        Column("id", _("Number"), lambda person: person.pk, Kind.CODE, on_page=False),
        Column("employer", _("Employer"), lambda person: words(person.organisation.name)),
        Column("pseudonym", _("Pseudonym"), lambda person: person.pseudonym, Kind.CODE),
        Column("account", _("Account"), _account, word=lambda key: str(ACCOUNTS[key])),
        Column("phone", _("Phone"), _phone, word=lambda key: str(PHONES[key])),
        Column("phone_at", _("Phone ready"), lambda person: person.holder_at, Kind.MOMENT, on_page=False),
        Column(
            "registered",
            _("Registered"),
            lambda person: person.registered_at,
            Kind.MOMENT,
            sort="registered_at",
        ),
        Column("next", _("Next step"), _step, word=lambda key: str(STEPS[key]), href=_where, in_file=False),
    ),
    filters=(
        Search(
            _("Search"),
            _("Name or pseudonym; in either Chinese script. What you type here stands in no address."),
            lambda rows, typed: search.narrow(rows, finding.TRAVELLERS, typed),
            sealed=True,
        ),
        Choice(
            "account",
            _("Account"),
            lambda: list(ACCOUNTS.items()),
            lambda rows, value, _now: rows.filter(user__isnull=value == "invited"),
        ),
        Choice(
            "phone",
            _("Phone"),
            lambda: list(PHONES.items()),
            lambda rows, value, _now: rows.filter(holder="") if value == "none" else rows.exclude(holder=""),
        ),
        Exactly("organisation", _("Employer"), "organisation"),
    ),
    rows=lambda user, _now: queries.travellers(user),
    lines=lambda rows, _now: rows,
    order="name",
    empty=_("Nobody is registered yet."),
    ready=lambda _user: [
        View(_("Invited, no account yet"), "account=invited"),
        View(_("No phone yet"), "account=taken&phone=none"),
    ],
)
