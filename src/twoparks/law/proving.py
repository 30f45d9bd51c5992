"""`twoparks law prove` and `law diff`: what is found about the packs themselves, and how two versions of them differ."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .diff import Changed, Difference, difference
from .given import InputError, day, known_flow
from .kept import as_cases
from .pack import Interval
from .prove import Finding, findings
from .versions import version
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
    diff = commands.add_parser(
        "diff", help="what changes between two versions of the packs, for whom; 1 if any"
    )
    diff.add_argument("old", metavar="OLD", help="a folder of packs, or a revision of this one")
    diff.add_argument("new", metavar="NEW", help="likewise, or a drafted change of OLD (a YAML file)")
    diff.add_argument("--flow", metavar="FLOW", help="only the law of this flow")
    diff.add_argument("--on", type=day, metavar="DATE", help="only as the law stands on this day, YYYY-MM-DD")
    diff.add_argument(
        "--keep", type=Path, metavar="FILE", help="write the witnesses as cases that NEW passes"
    )
    diff.add_argument("--json", action="store_true", help="answer in JSON")
    diff.set_defaults(run=_diff)


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
    """How many of each kind, and how many of all are explained (how many of those from memory), undecided and unexplained."""
    kinds = Counter(finding.kind for finding in found)
    explained = [finding.explained for finding in found if finding.explained is not None]
    undecided = sum(known.undecided for known in explained)
    remembered = sum(known.remembered for known in explained)
    unexplained = len(found) - len(explained)
    listed = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items())) or "nothing found"
    meant = len(explained) - undecided
    of_these = f" ({remembered} cited from memory)" if remembered else ""
    return f"{listed}: {meant} meant{of_these}, {undecided} undecided, {unexplained} unexplained"


def _lines(finding: Finding) -> list[str]:
    where = " ".join(part for part in (finding.flow, finding.crosses, finding.bank) if part)
    lines = [f"{finding.kind}: {where} {_days(finding.period)}: {finding.says['en']}"]
    if finding.witness is not None:
        lines.append(f"    case {json.dumps(finding.witness, ensure_ascii=False)}")
    if finding.explained is not None:
        known = finding.explained
        source = "undecided" if known.cites is None else f"{known.cites}, {known.article}"
        source += ", cited from memory" if known.remembered else ""
        lines.append(f"    {known.says['en']} ({source})")
    return lines


def _days(period: Interval) -> str:
    begins, ends = (day.isoformat() if day else "open" for day in period)
    return f"[{begins}, {ends})"


def _diff(options: argparse.Namespace, zone: Zone) -> int:
    """0 when both versions are proved to say the same, else 1."""
    known_flow(options.flow, zone)
    old = version(options.old, options.folder)
    new = version(options.new, options.folder, changed=old)
    found = difference(old, new, flow=options.flow, on=options.on)
    if options.keep is not None:
        _keep(options.keep, found.changes)
    if options.json:
        print(json.dumps(_as_dict(found), ensure_ascii=False, sort_keys=True))
        return 0 if found.equal else 1
    for change in found.changes:
        print("\n".join(_of_change(change)))
    for flow, crosses, period in found.unsettled:
        print(f"not settled: {flow} {crosses} {_days(period)}")
    versions = f"packs {old.digest[:12]} and {new.digest[:12]}"
    print(f"{versions}: proved equal" if found.equal else f"{versions}: {len(found.changes)} changes")
    return 0 if found.equal else 1


def _as_dict(found: Difference) -> dict[str, object]:
    unsettled = [
        {"flow": flow, "crosses": crosses, "period": _days(p)} for flow, crosses, p in found.unsettled
    ]
    changes = [change.as_dict() for change in found.changes]
    return {"equal": found.equal, "changes": changes, "unsettled": unsettled}


def _of_change(change: Changed) -> list[str]:
    lines = [
        f"{change.flow} {change.crosses} {_days(change.period)} {change.what}: {change.before} -> {change.after}"
    ]
    if change.provisions:
        lines.append(f"    by {', '.join(change.provisions)}")
    if change.fact is not None and change.last is not None:
        lines.append(
            f"    {change.fact} from {change.witness[change.fact]} to {change.last[change.fact]}, as in"
        )
    return [*lines, f"    case {json.dumps(change.witness, ensure_ascii=False)}"]


def _keep(path: Path, changes: Sequence[Changed]) -> None:
    try:
        path.write_text(as_cases(changes), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}; name a file to write") from None
