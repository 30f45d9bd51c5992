"""What each kind of act may say: the one list of fields that cross the river, checked by sender and receiver alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date as Date
from datetime import datetime
from typing import Any

from twoparks.federation.types import Body, Contract, Field

Check = Callable[[object], str | None]

_contracts: dict[str, Contract] = {}
_DIGEST = re.compile(r"[0-9a-f]{64}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class UnknownKind(LookupError):
    """Nobody registered a contract for this kind of act."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        known = ", ".join(sorted(_contracts)) or "none yet"
        super().__init__(f"{kind!r} is not a kind of act here; known kinds: {known}")


class ContractBroken(ValueError):
    """A body its contract does not allow: per field, what is wrong and what would be accepted."""

    def __init__(self, kind: str, problems: Mapping[str, str]) -> None:
        self.kind, self.problems = kind, dict(problems)
        super().__init__(f"{kind}: " + "; ".join(f"{name}: {problem}" for name, problem in problems.items()))


def register(contract: Contract) -> Contract:
    """Make `contract` the one of its kind; registering the same again is fine, another one is refused."""
    known = _contracts.get(contract.kind)
    if known is not None and known is not contract:
        raise ValueError(f"{contract.kind}: a contract is registered already; a kind has one contract")
    _contracts[contract.kind] = contract
    return contract


def contract(kind: str) -> Contract:
    """The contract of `kind`; raises UnknownKind naming the kinds there are."""
    try:
        return _contracts[kind]
    except KeyError:
        raise UnknownKind(kind) from None


def contracts() -> tuple[Contract, ...]:
    """Every registered contract, in order of kind (documentation and tests read them)."""
    return tuple(_contracts[kind] for kind in sorted(_contracts))


def check_body(contract: Contract, body: Body) -> None:
    """Raise ContractBroken unless `body` has exactly the fields of `contract`, each as its validator wants it."""
    problems = _problems(contract.fields, body)
    if problems:
        raise ContractBroken(contract.kind, problems)


def _problems(fields: Mapping[str, Field], body: Mapping[str, Any]) -> dict[str, str]:
    known = ", ".join(sorted(fields))
    found = {str(name): f"no field of this contract; use {known}" for name in body if name not in fields}
    for name, field in fields.items():
        if name not in body:
            if not field.optional:
                found[name] = "missing"
        elif (wanted := field.check(body[name])) is not None:
            found[name] = f"{_shown(body[name])} is not accepted; {wanted}"
    return found


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def text(maximum: int, minimum: int = 1) -> Check:
    """A string of `minimum` to `maximum` characters without control characters (tab and line feed are fine)."""

    def check(value: object) -> str | None:
        if isinstance(value, str) and minimum <= len(value) <= maximum and not _CONTROL.search(value):
            return None
        return f"use {minimum} to {maximum} characters of plain text"

    return check


def pattern(expression: str, wanted: str) -> Check:
    """A string that matches `expression` as a whole; `wanted` says it in words."""
    compiled = re.compile(expression)

    def check(value: object) -> str | None:
        return None if isinstance(value, str) and compiled.fullmatch(value) else f"use {wanted}"

    return check


def integer(minimum: int, maximum: int) -> Check:
    """A whole number, both ends included; a bool is no number."""

    def check(value: object) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool) and minimum <= value <= maximum:
            return None
        return f"use a whole number from {minimum} to {maximum}"

    return check


def boolean() -> Check:
    """True or false."""
    return lambda value: None if isinstance(value, bool) else "use true or false"


def enum(*values: str) -> Check:
    """One of `values`."""
    return lambda value: (
        None if isinstance(value, str) and value in values else f"use one of {', '.join(values)}"
    )


def nullable(check: Check) -> Check:
    """Null, or what `check` accepts."""
    return lambda value: None if value is None else check(value)


def one_of(*checks: Check) -> Check:
    """What any of `checks` accepts."""

    def check(value: object) -> str | None:
        answers = [each(value) for each in checks]
        return None if None in answers else " or ".join(a for a in answers if a is not None)

    return check


def digest() -> Check:
    """A SHA-256 digest in 64 lowercase hexadecimal digits."""
    return lambda value: (
        None if isinstance(value, str) and _DIGEST.fullmatch(value) else "use 64 lowercase hexadecimal digits"
    )


def base64url(maximum: int) -> Check:
    """Base64url without padding, at most `maximum` characters."""

    def check(value: object) -> str | None:
        if isinstance(value, str) and len(value) <= maximum and _BASE64URL.fullmatch(value):
            return None
        return f"use base64url without padding, at most {maximum} characters"

    return check


def instant() -> Check:
    """An instant in UTC to the second, as in 2026-11-22T08:00:00Z."""

    def check(value: object) -> str | None:
        wanted = "use an instant that exists, as in 2026-11-22T08:00:00Z"
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            return wanted
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return wanted
        return None

    return check


def date() -> Check:
    """A calendar date, as in 2026-11-22."""

    def check(value: object) -> str | None:
        wanted = "use a date that exists, as in 2026-11-22"
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            return wanted
        try:
            Date.fromisoformat(value)
        except ValueError:
            return wanted
        return None

    return check


def mapping(fields: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with exactly `fields`, and any of `optional`."""
    known = {name: Field(check, why="") for name, check in fields.items()}
    known |= {name: Field(check, why="", optional=True) for name, check in (optional or {}).items()}

    def check(value: object) -> str | None:
        if not isinstance(value, Mapping):
            return f"use an object with {', '.join(known)}"
        return "; ".join(f"{name}: {problem}" for name, problem in _problems(known, value).items()) or None

    return check


def dictionary(names: Check, values: Check, maximum: int) -> Check:
    """An object of at most `maximum` entries whose names and values pass their checks (open vocabularies only)."""

    def check(value: object) -> str | None:
        if not isinstance(value, Mapping) or len(value) > maximum:
            return f"use an object of at most {maximum} entries"
        found = [f"name {n!r}: {wanted}" for n in value if (wanted := names(n))]
        found += [
            f"{n}: {_shown(v)} is not accepted; {wanted}" for n, v in value.items() if (wanted := values(v))
        ]
        return "; ".join(found) or None

    return check


def list_of(check_each: Check, maximum: int, minimum: int = 0) -> Check:
    """A list of `minimum` to `maximum` entries, each accepted by `check_each`."""

    def check(value: object) -> str | None:
        if not isinstance(value, list) or not minimum <= len(value) <= maximum:
            return f"use a list of {minimum} to {maximum} entries"
        found = [f"entry {n}: {wanted}" for n, entry in enumerate(value, 1) if (wanted := check_each(entry))]
        return "; ".join(found) or None

    return check
