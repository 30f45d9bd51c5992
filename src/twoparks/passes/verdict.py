"""What a gate says: a light, and every check that made it, the good ones too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from twoparks.passes.claims import PassClaims
from twoparks.passes.refusal import Refusal, Values
from twoparks.passes.uses import GateEvent


class Light(IntEnum):
    """Worst counts: green opens, refer goes to the counter, refuse stays shut."""

    GREEN = 0
    REFER = 1
    REFUSE = 2

    @property
    def word(self) -> str:
        """The light as a word: never colour alone."""
        return self.name.lower()


@dataclass(frozen=True)
class Reason:
    """One check and what it came to. `code` and `values` feed the catalogues, `plain` is English for the terminal."""

    light: Light
    code: str
    plain: str
    values: Values = field(default_factory=dict)

    @classmethod
    def of(cls, refusal: Refusal, light: Light = Light.REFUSE) -> Reason:
        """A refusal as a reason."""
        return cls(light, refusal.code, refusal.plain, refusal.values)


@dataclass(frozen=True)
class Verdict:
    """The answer at the gate. `claims` are there once both signatures are good; `event` once it was recorded."""

    light: Light
    reasons: tuple[Reason, ...]
    claims: PassClaims | None = None
    holder_step: int | None = None
    event: GateEvent | None = None

    @classmethod
    def of(
        cls, reasons: Iterable[Reason], claims: PassClaims | None = None, holder_step: int | None = None
    ) -> Verdict:
        """The verdict these reasons come to, the worst first."""
        ordered = tuple(sorted(reasons, key=lambda reason: -reason.light))
        return cls(max((r.light for r in ordered), default=Light.REFUSE), ordered, claims, holder_step)

    @property
    def against(self) -> tuple[Reason, ...]:
        """The reasons that keep the light from green."""
        return tuple(reason for reason in self.reasons if reason.light is not Light.GREEN)

    @property
    def codes(self) -> list[str]:
        """The codes of `against`, as events record them."""
        return [reason.code for reason in self.against]

    @property
    def stops(self) -> list[str]:
        """The codes that refuse, without those that refer."""
        return [reason.code for reason in self.reasons if reason.light is Light.REFUSE]

    @property
    def plain(self) -> str:
        """The answer in English for the terminal."""
        said = "; ".join(reason.plain for reason in self.against) or "every check passed"
        return f"{self.light.word}: {said}"


def green(code: str, plain: str, **values: str | int) -> Reason:
    """A check that passed."""
    return Reason(Light.GREEN, code, plain, values)


def refer(code: str, plain: str, **values: str | int) -> Reason:
    """A check a person must finish."""
    return Reason(Light.REFER, code, plain, values)


def stop(code: str, plain: str, **values: str | int) -> Reason:
    """A check that failed."""
    return Reason(Light.REFUSE, code, plain, values)


def as_json(verdict: Verdict) -> Mapping[str, object]:
    """The verdict for `--json` and the API; no personal data stands in it."""
    return {
        "light": verdict.light.word,
        "permit": verdict.claims.permit if verdict.claims else None,
        "version": verdict.claims.version if verdict.claims else None,
        "reasons": [
            {"light": r.light.word, "code": r.code, "plain": r.plain, "values": dict(r.values)}
            for r in verdict.reasons
        ],
        "event": verdict.event.n if verdict.event else None,
    }
