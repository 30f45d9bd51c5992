"""`twoparks law replay`: past cases decided anew, with progress on a terminal and a partial result when interrupted; `twoparks law sql`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import FrameType

from .answer import Outcome
from .dialects import DIALECTS, laid_out
from .given import BAD_INPUT, day
from .pack import Law
from .reading import read_law
from .replay import CASE, NONE, Past, PastCase, Replayed, drill, known, lines, replay
from .zone import Zone

INTERRUPTED = 130
_BAR = 30


def add_replay_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`replay` and `sql`, with their options."""
    _describe(commands.add_parser("replay", help="past cases decided anew, by the law of their days"))
    _describe_sql(
        commands.add_parser("sql", help="the law of a day as one SELECT over a table of past cases")
    )


def _describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("history", type=Path, metavar="HISTORY.parquet", help="a row a case, a column a fact")
    parser.add_argument("--flow", required=True, metavar="FLOW")
    parser.add_argument("--crosses", required=True, metavar="DIRECTION")
    parser.add_argument(
        "--versions", type=Path, metavar="OLD", help="a folder of packs to set beside these: old -> new"
    )
    parser.add_argument("--from", dest="since", type=day, metavar="DATE", help="the first day counted")
    parser.add_argument("--until", type=day, metavar="DATE", help="the first day no longer counted")
    parser.add_argument(
        "--by", action="append", default=[], metavar="COLUMN", help="count by a column, month or year"
    )
    parser.add_argument(
        "--show",
        type=_outcomes,
        metavar="OUTCOMES",
        help="the cases with this outcome, or with OLD,NEW, instead of counts",
    )
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="how many cases to show (20)")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.set_defaults(run=run)


def _describe_sql(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--flow", required=True, metavar="FLOW")
    parser.add_argument("--crosses", required=True, metavar="DIRECTION")
    parser.add_argument("--on", type=day, metavar="DATE", help="the law of this day; today")
    parser.add_argument("--table", default="past", metavar="TABLE", help="the table of cases (past)")
    parser.add_argument("--dialect", choices=DIALECTS, default="duckdb", help="of which database (duckdb)")
    parser.set_defaults(run=run_sql)


def run_sql(options: argparse.Namespace, zone: Zone) -> int:
    """Print the SELECT; for a table with a column for every fact of the flow, and cases that ask for no measure."""
    from .sql import Cases, select

    past = Past(options.flow, options.crosses, Path())
    known(past, {name: zone.facts[name] for name in ("flow", "crosses")})
    specs = [s for s in zone.facts_of(options.flow).values() if s.name not in ("flow", "crosses", "sought")]
    columns = frozenset([CASE, *(s.name for s in specs), *(s.name + NONE for s in specs if s.nullable)])
    day = options.on or date.today()  # noqa: DTZ011 - the legal day is the local one
    text = select(
        zone.compiled(options.flow, options.crosses, day), Cases(options.table, columns), options.dialect
    )
    print(laid_out(text, options.dialect) + ";")
    return 0


def _outcomes(text: str) -> tuple[Outcome, ...]:
    try:
        return tuple(Outcome(word) for word in text.split(","))
    except ValueError:
        accepted = ", ".join(Outcome)
        raise argparse.ArgumentTypeError(
            f"{text!r} is not an outcome or two with a comma; accepted are {accepted}"
        ) from None


def run(options: argparse.Namespace, zone: Zone) -> int:
    """0, or 130 where the scan was interrupted and what is told is partial."""
    versions = [zone.law] if options.versions is None else [read_law(options.versions), zone.law]
    past = Past(options.flow, options.crosses, options.history, options.since, options.until)
    if options.show is not None:
        return _shown(options, versions, past)
    with _interruptible() as stop:
        found = replay(versions, past, tuple(options.by), _bar if sys.stderr.isatty() else None, stop)
    if options.json:
        print(json.dumps(_as_json(found, options.by, versions), ensure_ascii=False, sort_keys=True))
    else:
        print("\n".join(lines(found, options.by)))
    return INTERRUPTED if found.partial else 0


def _shown(options: argparse.Namespace, versions: Sequence[Law], past: Past) -> int:
    if len(options.show) != len(versions):
        print(f"--show takes {len(versions)} outcomes here, one for each version", file=sys.stderr)
        return BAD_INPUT
    for case in drill(versions, past, options.show, limit=options.limit):
        print(json.dumps(_case(case), ensure_ascii=False, sort_keys=True, default=str))
    return 0


def _case(case: PastCase) -> dict[str, object]:
    return {"case": case.id, "on": case.day, "facts": case.facts}


def _as_json(found: Replayed, by: Sequence[str], versions: Sequence[Law]) -> dict[str, object]:
    return {
        "cases": found.cases,
        "changed": found.changed,
        "partial": found.partial,
        "packs": [law.digest for law in versions],
        "groups": [
            {
                **({"by": dict(zip(by, group.key, strict=True))} if by else {}),
                "counts": [
                    {"outcomes": outcomes, "cases": number} for outcomes, number in group.counts.items()
                ],
            }
            for group in found.groups
        ],
        "fired": found.fired,
    }


def _bar(done: int, rows: int) -> None:
    filled = _BAR * done // max(1, rows)
    end = "\n" if done >= rows else ""
    print(f"\r[{'#' * filled:<{_BAR}}] {done:>13,} of {rows:,} rows", end=end, file=sys.stderr, flush=True)


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed; a second one ends the command at once."""
    pressed: list[int] = []

    def press(number: int, frame: FrameType | None) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)
        print("\nstopping; what was counted so far follows (Ctrl-C again: at once)", file=sys.stderr)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)
