"""Stated facts are read against the vocabulary: every problem is found, none is guessed away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum

from .pack import FactSpec

_LARGEST = 2**63 - 1


class Wanted(StrEnum):
    """What would be accepted, as a code: callers say it in their reader's language with the fact's own values and bounds."""

    KNOWN_NAME = "known_name"  # `near` names facts that may have been meant
    NOT_NULL = "not_null"
    BOOL = "bool"
    NUMBER = "number"
    WORD = "word"
    LIST = "list"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Problem:
    """One stated fact that cannot be used: its name, the value given, what is wrong, what would be accepted.

    `message` and `accepted` are English, for the command line; `wanted`, `near` and `spec` are for whoever speaks other languages.
    """

    name: str
    value: object
    message: str
    accepted: str
    wanted: Wanted | None = None
    near: tuple[str, ...] = ()
    spec: FactSpec | None = None

    def __str__(self) -> str:
        return f"{self.name}: {self.message}; {self.accepted}"


class FactError(ValueError):
    """Facts that cannot be used; `problems` says each of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class _Wrong(Exception):
    """A value that does not fit; carries the message and what would be accepted."""


def read(
    stated: Mapping[str, object], specs: Mapping[str, FactSpec]
) -> tuple[dict[str, object], list[Problem]]:
    """The facts as the evaluator reads them (dates as ordinals, sets as frozensets), and every problem met."""
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for name, value in stated.items():
        spec = specs.get(name)
        if spec is None:
            problems.append(_unknown(name, value, specs))
            continue
        try:
            values[name] = _READERS["null" if value is None else spec.type](spec, value)
        except _Wrong as wrong:
            message, accepted = wrong.args
            wanted = _WANTED["null" if value is None else spec.type]
            problems.append(Problem(name, value, message, accepted, wanted, spec=spec))
    return values, problems


def _unknown(name: str, value: object, specs: Mapping[str, FactSpec]) -> Problem:
    """The facts a wrong name may have meant, or all of them."""
    near = tuple(get_close_matches(name, specs, n=3))
    accepted = f"near it are {', '.join(near)}" if near else f"accepted are {', '.join(specs)}"
    message = f"is not a fact of this flow (value {value!r})"
    return Problem(name, value, message, accepted, Wanted.KNOWN_NAME, near)


def plain(value: object, kind: str) -> object:
    """A value of the evaluator as it is written: days as YYYY-MM-DD, sets as sorted lists."""
    if kind == "date" and isinstance(value, int):
        return date.fromordinal(value).isoformat()
    return sorted(value) if isinstance(value, frozenset) else value


def _null(spec: FactSpec, value: object) -> None:
    if not spec.nullable:
        raise _Wrong(
            "null is not a value of this fact",
            f"leave the fact out if it is not known; otherwise {accepted(spec)}",
        )


def _boolean(spec: FactSpec, value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(f"{value!r} is neither true nor false", accepted(spec))
    return value


def _integer(spec: FactSpec, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _Wrong(f"{value!r} is not a whole number", accepted(spec))
    least = 0 if spec.minimum is None else spec.minimum
    most = _LARGEST if spec.maximum is None else spec.maximum
    if not least <= value <= most:
        raise _Wrong(f"{value} is out of range", accepted(spec))
    return value


def _word(spec: FactSpec, value: object) -> str:
    if not isinstance(value, str) or value not in spec.values:
        raise _Wrong(f"{value!r} is not one of its values", accepted(spec))
    return value


def _words(spec: FactSpec, value: object) -> frozenset[str]:
    if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
        raise _Wrong(f"{value!r} is not a list", f"write a list, [] for none; {accepted(spec)}")
    wrong = [item for item in value if not isinstance(item, str) or item not in spec.values]
    if wrong:
        raise _Wrong(f"{', '.join(repr(item) for item in wrong)} cannot be in it", accepted(spec))
    return frozenset(value)


def _day(spec: FactSpec, value: object) -> int:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.toordinal()
    try:
        if not isinstance(value, str) or len(value) != 10:
            raise ValueError
        return date.fromisoformat(value).toordinal()
    except ValueError:
        raise _Wrong(f"{value!r} is not a date", "use YYYY-MM-DD, a day that exists") from None


_READERS: Mapping[str, Callable[[FactSpec, object], object]] = {
    "null": _null,
    "bool": _boolean,
    "int": _integer,
    "enum": _word,
    "set": _words,
    "date": _day,
}


_WANTED: Mapping[str, Wanted] = {
    "null": Wanted.NOT_NULL,
    "bool": Wanted.BOOL,
    "int": Wanted.NUMBER,
    "enum": Wanted.WORD,
    "set": Wanted.LIST,
    "date": Wanted.DAY,
}


def accepted(spec: FactSpec) -> str:
    """What would be accepted, in words."""
    if spec.type == "bool":
        return "accepted are true and false"
    if spec.type in ("enum", "set"):
        return f"accepted are {', '.join(spec.values)}"
    if spec.type == "date":
        return "use YYYY-MM-DD"
    unit = f" {spec.unit}" if spec.unit else ""
    least = 0 if spec.minimum is None else spec.minimum
    return (
        f"a whole number from {least}{unit}"
        if spec.maximum is None
        else f"a whole number from {least} to {spec.maximum}{unit}"
    )
