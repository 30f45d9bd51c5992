"""`twoparks law prove`: what is found about the packs themselves, explained or not."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .given import known_flow
from .prove import Finding, findings
from .zone import Zone

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_proof_commands(commands: Commands) -> None:
    """The commands about the law itself."""
    prove = commands.add_parser(
        "prove", help="what never holds, what nobody speaks for, what contradicts; 1 if unexplained"
    )
    prove.add_argument("--flow", metavar="FLOW", help="only the law of this flow")
    prove.add_argument("--all", action="store_true", help="also what the packs explain")
    prove.add_argument("--json", action="store_true", help="answer in JSON")
    prove.set_defaults(run=_prove)


def _prove(options: argparse.Namespace, zone: Zone) -> int:
    known_flow(options.flow, zone)
    found = findings(zone.law, flow=options.flow)
    unexplained = [finding for finding in found if finding.explained is None]
    shown = found if options.all else unexplained
    if options.json:
        print(json.dumps([finding.as_dict() for finding in shown], ensure_ascii=False, sort_keys=True))
        return 1 if unexplained else 0
    for finding in shown:
        print("\n".join(_lines(finding)))
    print(f"{counts(found)}; packs {zone.digest[:12]}")
    return 1 if unexplained else 0


def counts(found: Sequence[Finding]) -> str:
    """How many of each kind, and how many of all are explained, undecided and unexplained."""
    kinds = Counter(finding.kind for finding in found)
    undecided = sum(f.explained is not None and f.explained.undecided for f in found)
    unexplained = sum(finding.explained is None for finding in found)
    listed = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items())) or "nothing found"
    meant = len(found) - undecided - unexplained
    return f"{listed}: {meant} meant, {undecided} undecided, {unexplained} unexplained"


def _lines(finding: Finding) -> list[str]:
    begins, ends = (day.isoformat() if day else "open" for day in finding.period)
    where = " ".join(part for part in (finding.flow, finding.crosses, finding.bank) if part)
    lines = [f"{finding.kind}: {where} [{begins}, {ends}): {finding.says['en']}"]
    if finding.witness is not None:
        lines.append(f"    case {json.dumps(finding.witness, ensure_ascii=False)}")
    if finding.explained is not None:
        known = finding.explained
        source = "undecided" if known.cites is None else f"{known.cites}, {known.article}"
        lines.append(f"    {known.says['en']} ({source})")
    return lines
