"""Authorities' registers as plug-ins: each answers whether a number is valid, and says whether it is simulated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from twoparks.registry.models import RegisterEntry

SETTING = "TWOPARKS_REGISTERS"  # {authority key: dotted path of a Register class}; all others are simulated


class Answer(StrEnum):
    """What a register can say about a number."""

    VALID = "valid"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"
    OTHER_HOLDER = "other_holder"


@dataclass(frozen=True)
class RegisterAnswer:
    """The answer, who gave it, whether it is simulated, and the last day the number holds where the register knows."""

    answer: Answer
    register: str
    simulated: bool
    valid_until: date | None = None


class Register(Protocol):
    """The register of one authority."""

    name: str
    simulated: bool

    def check(self, number: str, measure: str, holder: str, on: date) -> RegisterAnswer:
        """Whether `number` is a valid approval of `measure` held by organisation `holder` on that day."""
        ...

    def problems(self) -> tuple[str, ...]:
        """What is wrong with this register's own configuration; empty when it can be asked."""
        ...


class RegisterUnusable(RuntimeError):
    """A configured register cannot be asked; the message lists what its configuration lacks."""


class SimulatedRegister:
    """A register made of rows of this node's database. It always says that it is simulated."""

    name = "simulated register"
    simulated = True

    def __init__(self, authority: str) -> None:
        self.authority = authority

    def check(self, number: str, measure: str, holder: str, on: date) -> RegisterAnswer:
        """Answer from the rows; an unknown number and one of another measure are both `unknown`."""
        entry = RegisterEntry.objects.filter(authority=self.authority, measure=measure, number=number).first()
        until = None if entry is None else entry.valid_until
        return RegisterAnswer(_answer(entry, holder, on), self.name, self.simulated, until)

    def problems(self) -> tuple[str, ...]:
        """A simulated register needs nothing but its authority."""
        return () if self.authority else ("a simulated register needs the key of its authority",)


def register_of(authority: str) -> Register:
    """The register that answers for `authority`; raises RegisterUnusable when its configuration is not whole."""
    path = getattr(settings, SETTING, {}).get(authority)
    if path is None:
        return SimulatedRegister(authority)
    try:
        register: Register = import_string(path)(authority)
    except (ImportError, TypeError) as error:
        raise RegisterUnusable(f"{SETTING}[{authority!r}] = {path!r}: {error}") from error
    if found := register.problems():
        raise RegisterUnusable(f"{SETTING}[{authority!r}] = {path!r}: {'; '.join(found)}")
    return register


def _answer(entry: RegisterEntry | None, holder: str, on: date) -> Answer:
    if entry is None:
        return Answer.UNKNOWN
    if entry.holder != holder:
        return Answer.OTHER_HOLDER
    if entry.revoked_on is not None and entry.revoked_on <= on:
        return Answer.REVOKED
    if on < entry.valid_from:
        return Answer.UNKNOWN
    if entry.valid_until is not None and on > entry.valid_until:
        return Answer.EXPIRED
    return Answer.VALID
