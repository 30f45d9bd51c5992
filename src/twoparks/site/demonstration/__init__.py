"""Fictitious parks to try everything with: loaded once at first start, labelled wherever it shows."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from twoparks.passes.holder import point_of, read_phone_key
from twoparks.registry import actions, finding
from twoparks.registry.models import (
    Approval,
    Organisation,
    Person,
    Project,
    RegisterEntry,
    Role,
    User,
)
from twoparks.registry.node import this_node

FILE = Path(__file__).with_name("parks.yaml")
PASSWORD_FILE = "demonstration_password"  # noqa: S105  # a file name, not a password


@dataclass(frozen=True)
class Account:
    """One demonstration account, for the greeting at start."""

    username: str
    roles: tuple[str, ...]  # 'member of sz-o-riverbank', 'park_officer'


@transaction.atomic
def load(now: datetime | None = None, since: datetime | None = None) -> None:
    """Load this park's demonstration data; what is there already is left as it is. Days count from `now`.

    `since`: the moment its gates are enrolled and its people consent, where that is another.
    """
    now = now or timezone.now()
    said = read()
    park, today = said["parks"][this_node().id], timezone.localdate(now)
    for row in said["organisations"]:
        Organisation.objects.get_or_create(id=row["id"], defaults={**row, "fictitious": True})
    _accounts(park["accounts"])
    for row in park["people"]:
        _person(row, since or now)
    for row in park["projects"]:
        _project(row)
    for row in park["approvals"]:
        _approval(row, today)
    for row in park["register"]:
        _register_entry(row, today)
    finding.keep_all()
    note_roles(since or now)
    _enrol_gates(since or now)


def note_roles(now: datetime) -> None:
    """One act says which roles the made-up people of this park have; roles given later have acts of their own."""
    actions.note_roles(Role.objects.filter(user__fictitious=True), now)


def accounts(park: str) -> tuple[Account, ...]:
    """The demonstration accounts of a park, in the file's order."""
    rows = read()["parks"][park]["accounts"]
    return tuple(Account(row["username"], tuple(_role_words(r) for r in row["roles"])) for row in rows)


def password(home: Path) -> str:
    """The one password of a node's demonstration accounts, made at first use and kept in its home, readable by its owner only."""
    path = home / PASSWORD_FILE
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as sink:
            sink.write(f"river-{secrets.token_hex(4)}")
    return path.read_text()


def read() -> Mapping[str, Any]:
    """The demonstration file."""
    said: Mapping[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return said


def _accounts(rows: list[Mapping[str, Any]]) -> None:
    hashed = None
    for row in rows:
        if User.objects.filter(username=row["username"]).exists():
            continue
        hashed = hashed or make_password(password(this_node().home))
        user = User.objects.create(
            username=row["username"], first_name=row["name"], password=hashed, fictitious=True
        )
        for role in row["roles"]:
            Role.objects.create(
                user=user,
                kind=role["kind"],
                organisation_id=role.get("organisation"),
                authority=role.get("authority", ""),
                gate=role.get("gate", ""),
            )


def _person(row: Mapping[str, Any], now: datetime) -> None:
    """A registered person with a phone and the consent it has given."""
    from twoparks.registry.pseudonyms import pairwise

    if Person.objects.filter(pk=row["id"]).exists():
        return
    user = User.objects.get(username=row["username"])
    Person.objects.create(
        id=row["id"],
        organisation_id=row["organisation"],
        user=user,
        name=user.first_name,
        pseudonym=pairwise(row["id"]),
        registered_at=now,
        fictitious=True,
    )
    equip(row["id"], row, now)


def equip(person: str, row: Mapping[str, Any], now: datetime) -> None:
    """Give a registered person a phone key of its own folder, and its consent to the facts of `row` for that partner."""
    from twoparks.permits.actions import consent
    from twoparks.registry.travellers import keep_phone_key

    user = User.objects.get(person=person)
    keep_phone_key(user, point_of(phone_key(person).public_key()), now)
    consent(user, row["facts"], row["partner"], now)


def phone_key(person: str) -> ec.EllipticCurvePrivateKey:
    """The key of a demonstration person's phone: `phones/<person>.pem` in the node's home, made at first use."""
    path = this_node().home / "phones" / f"{person}.pem"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = ec.generate_private_key(ec.SECP256R1())
        pem = fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sink:
            sink.write(pem)
    return read_phone_key(path)


def _project(row: Mapping[str, Any]) -> None:
    Project.objects.get_or_create(
        id=row["id"],
        defaults={
            "organisation_id": row["organisation"],
            "partner_id": row["partner"],
            "title": row["title"],
            "protocol": row["protocol"],
            "fictitious": True,
        },
    )


def _approval(row: Mapping[str, Any], today: date) -> None:
    first, last = _days(row, today)
    project = Project.objects.get(pk=row["project"])
    Approval.objects.get_or_create(
        id=row["id"],
        defaults={
            "project": project,
            "organisation": project.organisation,
            "measure": row["measure"],
            "authority": row["authority"],
            "number": row["number"],
            "valid_from": first,
            "valid_until": last,
            "fictitious": True,
        },
    )


def _register_entry(row: Mapping[str, Any], today: date) -> None:
    first, last = _days(row, today)
    revoked = row.get("revoked")
    RegisterEntry.objects.get_or_create(
        authority=row["authority"],
        number=row["number"],
        defaults={
            "measure": row["measure"],
            "holder": row["holder"],
            "valid_from": first,
            "valid_until": last,
            "revoked_on": None if revoked is None else today + timedelta(days=revoked),
        },
    )


def _enrol_gates(now: datetime) -> None:
    """Every gate of this park on this machine, once."""
    from twoparks.crossings.actions import enrol_gate
    from twoparks.crossings.models import GateDevice
    from twoparks.registry.zone import zone

    known = set(GateDevice.objects.values_list("gate", flat=True))
    for group in zone().gate_groups.values():
        for gate in group.gates if group.park == this_node().id else ():
            if gate not in known:
                enrol_gate(None, gate, now)


def _days(row: Mapping[str, Any], today: date) -> tuple[date, date]:
    first, last = row["days"]
    return today + timedelta(days=first), today + timedelta(days=last)


def _role_words(role: Mapping[str, str]) -> str:
    where = role.get("organisation") or role.get("authority") or role.get("gate")
    return f"{role['kind']} {where}" if where else role["kind"]
