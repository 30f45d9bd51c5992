"""Asking one bank's law about a declaration: both ends of its days, every way, gate and hour, what is sought as well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from twoparks.law.answer import Determination, MeasureLine, Outcome
from twoparks.law.pack import Bank
from twoparks.ledger.canonical import digest
from twoparks.packs import load
from twoparks.permits.declarations import law_facts
from twoparks.permits.flows import FLOWS
from twoparks.permits.on_trial import LawFor
from twoparks.permits.types import APPLICANT, Declaration
from twoparks.permits.work import Answered
from twoparks.registry.zone import zone

_WORSE = (Outcome.CLEAR, Outcome.CONDITIONAL, Outcome.REFER, Outcome.UNKNOWN, Outcome.FORBIDDEN)


@dataclass(frozen=True)
class BankAnswer:
    """What one bank's law says about a declaration; `first` is the determination for the first day."""

    bank: Bank
    outcome: Outcome
    all: tuple[Determination, ...]
    facts_digest: str
    trial: str = ""  # the trial whose law was asked

    @property
    def first(self) -> Determination:
        """The determination for the first day of the whole movement."""
        return self.all[0]

    def by_way(self) -> tuple[Determination, ...]:
        """For each way that was asked about, the worst determination of the first day; the way out first."""
        worst: dict[str, Determination] = {}
        for answer in (a for a in self.all if day_of(a) == day_of(self.first)):
            way = str(answer.facts["crosses"])
            if way not in worst or _WORSE.index(answer.outcome) > _WORSE.index(worst[way].outcome):
                worst[way] = answer
        return tuple(worst.values())

    def answered(self) -> Answered:
        """The part of it from which work follows."""
        return Answered(
            outcome=str(self.outcome),
            groups=_groups(line for answer in self.all for line in answer.measures),
            referred=tuple(dict.fromkeys((r.provision, r.authority) for a in self.all for r in a.refer_to)),
            closing=tuple(
                dict.fromkeys(
                    p.id for a in self.all for p in a.provisions if p.holds and p.effect == "forbid"
                )
            ),
            mine=self._mine,
        )

    def applying(self) -> tuple[str, ...]:
        """Ids of the provisions that hold, which an officer may cite."""
        return tuple(dict.fromkeys(p.id for a in self.all for p in a.provisions if p.holds))

    def _mine(self, authorities: tuple[str, ...]) -> tuple[str, ...]:
        known = load().authorities
        here = tuple(a for a in authorities if a == APPLICANT or known[a].bank in (self.bank, "both"))
        return here or authorities


def ask(declaration: Declaration, bank: Bank, under: LawFor | None = None) -> BankAnswer:
    """The law of `bank` about `declaration`; the worst of its days, its ways and of what is sought counts.

    `under`: another law than the ordinary one. Raises FactError when the facts are not of the vocabulary.
    """
    law = under.law if under else load()
    answers = []
    for on in dict.fromkeys((declaration.valid_from, declaration.valid_until)):
        for asked in FLOWS[declaration.flow].asked(declaration, zone()):
            facts = {**law_facts(declaration, on), **asked}
            answers.append(law.determine({**facts, "sought": []}, bank))
            if facts["sought"]:
                answers.append(law.determine(facts, bank))
    worst = max((a.outcome for a in answers), key=_WORSE.index)
    facts = law_facts(declaration, declaration.valid_from)
    return BankAnswer(bank, worst, tuple(answers), digest(facts).hex(), under.trial if under else "")


def missing(declaration: Declaration, banks: Iterable[Bank], under: LawFor) -> tuple[str, ...]:
    """Facts without which a bank's law cannot answer, most settling first."""
    return tuple(
        dict.fromkeys(f for bank in banks for a in ask(declaration, bank, under).all for f in a.missing)
    )


def worse(outcomes: Iterable[str]) -> str:
    """The worst of several outcomes."""
    return str(max((Outcome(o) for o in outcomes), key=_WORSE.index))


def day_of(answer: Determination) -> date:
    """The day an answer is for."""
    return date.fromisoformat(str(answer.facts["on"]))


def _groups(lines: Iterable[MeasureLine]) -> tuple[tuple[MeasureLine, ...], ...]:
    """Lines that block, alternatives together, each group once; a duty never blocks, nor what a duty can replace."""
    found: dict[tuple[str, ...], dict[str, MeasureLine]] = {}
    for line in lines:
        group = found.setdefault(tuple(sorted(line.one_of)) or (line.id,), {})
        before = group.get(line.id)
        if before is None or (before.held and not line.held):
            group[line.id] = line
    return tuple(
        tuple(group.values())
        for group in found.values()
        if all(line.kind != "duty" for line in group.values())
    )
