"""Fictitious organisations beside those of the small demonstration, and the people who work in all of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.hashers import make_password

from twoparks.registry.ids import seeded
from twoparks.registry.models import Organisation, Person, Project, Role, User
from twoparks.registry.node import this_node
from twoparks.registry.travellers import register_person
from twoparks.site import demonstration

HERE = Path(__file__).parent
A_ORGANISATION = 10  # people of this bank in each organisation, its administrator the first
LABELS = {"en": " (fictitious)", "zh-Hant": "（虛構）", "zh-Hans": "（虚构）"}


def load_organisations() -> None:
    """Every further organisation of both parks: each node knows those of the other one as partners."""
    for park, rows in _read("organisations.yaml").items():
        Organisation.objects.bulk_create(_organisation(park, n, row) for n, row in enumerate(rows, 1))


def load_projects(rows: list[Mapping[str, Any]]) -> None:
    """This park's further projects."""
    for row in rows:
        title = {language: words + LABELS[language] for language, words in row["title"].items()}
        Project.objects.create(
            id=row["id"],
            organisation_id=row["organisation"],
            partner_id=row["partner"],
            protocol=row["protocol"],
            title=title,
            fictitious=True,
        )


def load_people() -> None:
    """People of this park's organisations. They have no password: nobody signs in as one of them."""
    park = str(this_node().id)
    taken = set(User.objects.values_list("first_name", flat=True))
    names = _names(park, taken)
    for organisation in Organisation.objects.filter(park=park).order_by("id"):
        known = organisation.role_set.values("user").distinct().count()
        stem = f"{park}-{organisation.id.split('-', 2)[2]}"
        people = User.objects.bulk_create(
            User(
                username=f"{stem}-{n:02d}",
                first_name=next(names),
                password=make_password(None),
                fictitious=True,
            )
            for n in range(known + 1, A_ORGANISATION + 1)
        )
        Role.objects.bulk_create(
            Role(user=person, kind=_kind(n), organisation=organisation)
            for n, person in enumerate(people, known + 1)
        )


def load_commuters(rows: list[Mapping[str, Any]], at: datetime) -> None:
    """People of this park whom their employer registers to cross, beside the one of the small demonstration: equipped as it is."""
    park = demonstration.read()["parks"][this_node().id]
    like = park["people"][0]
    names = _names(str(this_node().id), set(User.objects.values_list("first_name", flat=True)))
    for row in rows:
        user = User.objects.create(
            username=row["username"], first_name=next(names), password=make_password(None), fictitious=True
        )
        Role.objects.create(user=user, kind=Role.Kind.PERSON)
        employer = Organisation.objects.get(pk=like["organisation"])
        with seeded(random.Random(row["username"])):  # noqa: S311  # fictitious
            person = register_person(User.objects.get(username=row["by"]), employer, user.first_name, at)
        Person.objects.filter(pk=person.pk).update(user=user, fictitious=True)
        demonstration.equip(person.pk, like, at)


def _kind(number: int) -> str:
    return Role.Kind.ADMINISTRATOR if number == 1 else Role.Kind.MEMBER


def _organisation(park: str, number: int, row: list[str]) -> Organisation:
    slug, kind, place, *names = row
    return Organisation(
        id=f"{park}-o-{slug}",
        park=park,
        kind=kind,
        place=place,
        number=f"FICTITIOUS-{park.upper()}-{number:02d}",
        name={language: name + LABELS[language] for language, name in zip(LABELS, names, strict=True)},
        profile={"sender_foreign_percent": 0},
        fictitious=True,
    )


def _names(park: str, taken: set[str]) -> Iterator[str]:
    """Names nobody has yet, the same ones in the same order each time."""
    parts = _read("people.yaml")[park]
    every = [f"{surname} {given}" for surname in parts["surnames"] for given in parts["given"]]
    random.Random(park).shuffle(every)  # noqa: S311  # names, not secrets
    return (name for name in every if name not in taken)


def _read(name: str) -> Mapping[str, Any]:
    said: Mapping[str, Any] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return said
