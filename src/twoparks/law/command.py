"""`twoparks law`: check a case, run the packs' cases, tell what is said of a measure or a provision."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TextIO

from .answer import EXIT_CODES, Determination
from .cases import failures, read_cases
from .facts import FactError, Problem
from .given import BAD_INPUT, InputError, count, day, known_flow
from .history import Sample, read_assumptions, write_history
from .letter import change_letter, letter
from .measures import measure_on
from .mutation import chosen_mutants, tried
from .pack import Bank, PackError
from .proving import add_proof_commands
from .replay_command import add_replay_commands
from .report import report
from .source import compose, plain
from .verify import faults
from .zone import Zone

_TOP = ("flow", "crosses", "on", "held", "sought")
_BESIDE = ("case", "id", "note", "facts")


def main(argv: Sequence[str] | None = None, zone: Zone | None = None, folder: Path | None = None) -> int:
    """Run one command and return its exit code: 0 clear, 1 conditional, 2 forbidden, 3 refer, 4 unknown, 64 bad input."""
    parser = _parser()
    try:
        options = parser.parse_args(sys.argv[1:] if argv is None else argv)
    except SystemExit as stop:
        return BAD_INPUT if stop.code else 0
    try:
        run: Callable[[argparse.Namespace, Zone], int] = options.run
        options.folder = folder or packs_folder()
        return run(options, zone or Zone.read(options.folder))
    except (PackError, FactError, InputError) as error:
        print(error, file=sys.stderr)
        return BAD_INPUT


def packs_folder() -> Path:
    """Where the packs of this installation stand: beside this package, so that the engine need not import them."""
    return Path(__file__).parent.parent / "packs"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="twoparks law", description="Ask the law of both banks.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check", help="determine one case (YAML or JSON), or JSON lines from - to standard output"
    )
    what_if = commands.add_parser(
        "what-if", help="the smallest change that would make a case possible, and how long it takes"
    )
    for command, run in ((check, _check), (what_if, _what_if)):
        command.add_argument("file", metavar="FILE")
        command.add_argument("--on", type=day, metavar="DATE", help="the day asked about, YYYY-MM-DD")
        command.add_argument("--bank", choices=("ml", "hk", "both"), default="both")
        command.add_argument("--json", action="store_true", help="answer in JSON")
        command.set_defaults(run=run)
    test = commands.add_parser("test", help="check every pack and run its cases")
    test.add_argument("--cases", type=Path, metavar="FOLDER", help="another folder of cases")
    test.add_argument(
        "--mutate", action="store_true", help="make each provision wrong in turn; 1 if one survives"
    )
    test.add_argument("--flow", metavar="FLOW", help="only the mutants that this flow can see")
    test.add_argument("--sample", type=int, metavar="N", help="only so many mutants, always the same")
    test.set_defaults(run=_test)
    measure = commands.add_parser("measure", help="authority, days and validity of a measure on a day")
    measure.add_argument("key")
    measure.add_argument("--on", type=day, default=None, metavar="DATE")
    measure.add_argument("--json", action="store_true")
    measure.set_defaults(run=_measure)
    printed = commands.add_parser("report", help="the packs as one cited HTML document in three languages")
    printed.add_argument("out", type=Path, metavar="OUT.html")
    printed.add_argument("--flow", metavar="FLOW", help="only the law of this flow")
    printed.add_argument(
        "--on", type=day, metavar="DATE", help="only what is in force on this day, YYYY-MM-DD"
    )
    printed.set_defaults(run=_report)
    drawn = commands.add_parser(
        "history", help="a fictitious history of cases, from the packs' assumed shares"
    )
    drawn.add_argument("out", type=Path, metavar="OUT.parquet")
    drawn.add_argument("--flow", required=True, metavar="FLOW")
    drawn.add_argument("--crosses", required=True, metavar="DIRECTION")
    drawn.add_argument("--rows", type=count, default=1_000_000, metavar="N", help="as many cases; a million")
    drawn.add_argument("--seed", type=count, default=1, metavar="N", help="another seed, other cases")
    drawn.set_defaults(run=_history)
    add_proof_commands(commands)
    add_replay_commands(commands)
    explain = commands.add_parser("explain", help="a provision in words, with its condition and source")
    explain.add_argument("provision")
    explain.set_defaults(run=_explain)
    return parser


def _check(options: argparse.Namespace, zone: Zone) -> int:
    if options.file == "-":
        return _check_lines(options, zone, sys.stdin, sys.stdout)
    stated = _stated(_read_file(options.file), options.on)
    found = zone.determine(stated, options.bank)
    print(found.to_json() if options.json else letter(found, zone), flush=True)
    return EXIT_CODES[found.outcome]


def _what_if(options: argparse.Namespace, zone: Zone) -> int:
    """0 clear and 1 conditional after the change, else as the outcome now."""
    found = zone.what_if(_stated(_read_file(options.file), options.on), options.bank)
    shown = json.dumps(found.as_dict(), ensure_ascii=False, sort_keys=True) if options.json else None
    print(shown or change_letter(found, zone))
    return EXIT_CODES[found.after or found.before]


def _check_lines(options: argparse.Namespace, zone: Zone, source: TextIO, target: TextIO) -> int:
    """One answer a line; a line that cannot be used gets {"error": …} and makes the exit code 64."""
    worst = 0
    for number, line in enumerate(source, start=1):
        if not line.strip():
            continue
        try:
            case = _json(line, f"line {number}")
            answer = _answer(zone, case, options.on, options.bank).to_json()
        except (FactError, InputError) as error:
            worst = BAD_INPUT
            answer = json.dumps({"line": number, "error": str(error).splitlines()}, ensure_ascii=False)
        print(answer, file=target)
    return worst


def _answer(zone: Zone, case: Mapping[str, object], on: date | None, bank: Bank) -> Determination:
    return zone.determine(_stated(case, on), bank)


def _json(text: str, where: str) -> Mapping[str, object]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InputError(f"{where}: not JSON: {error}") from None
    if not isinstance(found, dict):
        raise InputError(f"{where}: a case is a mapping with flow, crosses, on and facts")
    return found


def _read_file(name: str) -> Mapping[str, object]:
    """A case as written; JSON is read as the YAML it is, so errors carry line and column."""
    path = Path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{name}: cannot be read: {error}; name a YAML or JSON file, or - for JSON lines"
        ) from None
    found = _json(text, name) if path.suffix == ".json" else plain(compose(text, name))
    if not isinstance(found, dict):
        raise InputError(f"{name}: a case is a mapping with flow, crosses, on and facts")
    return found


def _stated(case: Mapping[str, object], on: date | None) -> dict[str, object]:
    """The facts of a case; flow, crosses, on, held and sought may stand beside `facts` or within. Today without a day."""
    inner = case.get("facts", {})
    if not isinstance(inner, dict):
        raise FactError(
            [Problem("facts", inner, f"{inner!r} is not a mapping", "write name: value for each fact")]
        )
    wrong = [key for key in case if key not in (*_TOP, *_BESIDE)]
    if wrong:
        accepted = f"accepted beside facts are {', '.join((*_TOP, *_BESIDE))}"
        raise FactError([Problem(key, case[key], "is not known here", accepted) for key in wrong])
    stated = {key: case[key] for key in _TOP if key in case}
    twice = [key for key in stated if key in inner and inner[key] != stated[key]]
    if twice:
        raise FactError(
            [Problem(key, inner[key], "stands twice with different values", "state it once") for key in twice]
        )
    stated |= inner
    if on is not None:
        stated["on"] = on
    stated.setdefault("on", date.today())  # noqa: DTZ011 - the legal day is the local one
    return stated


def _test(options: argparse.Namespace, zone: Zone) -> int:
    if options.mutate:
        return _mutate(options, zone)
    cases = read_cases(options.cases or options.folder / "cases")
    wrong = faults(zone, cases)
    for fault in wrong:
        print(fault)
    failed = 0
    for case in cases:
        found = failures(zone, case)
        failed += bool(found)
        if found:
            print(f"{case.where}: {case.name}")
            print("".join(f"    {line}\n" for line in found), end="")
    provisions = len(zone.provisions)
    print(
        f"{len(cases)} cases, {failed} failed; {provisions} provisions, {len(wrong)} faults; packs {zone.digest[:12]}"
    )
    return 1 if failed or wrong else 0


def _mutate(options: argparse.Namespace, zone: Zone) -> int:
    """Survivors with their place and the case that would tell them; 1 when there are any."""
    known_flow(options.flow, zone)
    chosen = chosen_mutants(zone.law, options.flow, options.sample)
    found = tried(options.folder, chosen)
    for survivor in found.survivors:
        print(survivor)
    survived = f"{len(found.survivors)} survived, {found.equivalent} equivalent"
    print(f"{found.mutants} mutants, {survived}; packs {zone.digest[:12]}")
    return 1 if found.survivors else 0


def _report(options: argparse.Namespace, zone: Zone) -> int:
    known_flow(options.flow, zone)
    try:
        options.out.write_text(report(zone, options.flow, options.on), encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{options.out}: cannot be written: {error.strerror}; name a file to write"
        ) from None
    return 0


def _history(options: argparse.Namespace, zone: Zone) -> int:
    known_flow(options.flow, zone)
    if options.crosses not in zone.directions:
        raise InputError(f"{options.crosses!r} is not a direction; accepted are {', '.join(zone.directions)}")
    assumed = read_assumptions(options.folder, zone, options.flow)
    write_history(zone, assumed, options.crosses, Sample(options.rows, options.seed), options.out)
    days = f"{assumed.from_on} to {assumed.until_on}"
    print(f"{options.rows} fictitious cases, {days}, seed {options.seed}: {options.out}")
    print(assumed.says["en"])
    return 0


def _measure(options: argparse.Namespace, zone: Zone) -> int:
    if options.key not in zone.measures:
        near = [key for key in zone.measures if options.key.split("_")[0] in key] or list(zone.measures)
        raise InputError(f"{options.key!r} is not a measure; accepted are {', '.join(near)}")
    on = options.on or date.today()  # noqa: DTZ011 - the legal day is the local one
    found = measure_on(zone, options.key, on).as_dict()
    if options.json:
        print(json.dumps(found, ensure_ascii=False, sort_keys=True))
        return 0
    for name, value in found.items():
        if name not in ("entries", "serves"):
            print(f"{name:<34}{value}")
    for one in zone.measures[options.key].served(on):
        print(f"\nOne filing serves both banks: {', '.join((options.key, *one.also))} [{one.confidence}]")
        print("".join(f"  {text}\n" for text in one.says.values()) + f"  {one.source}")
    return 0


def _explain(options: argparse.Namespace, zone: Zone) -> int:
    provision = zone.provisions.get(options.provision)
    if provision is None:
        raise InputError(
            f"{options.provision!r} is not a provision; accepted are {', '.join(zone.provisions)}"
        )
    instrument = zone.instruments[provision.instrument]
    begins, ends = (day.isoformat() if day else "open" for day in provision.in_force)
    print(f"{provision.id}  {instrument.title['en']}, {provision.article}")
    print(f"{instrument.title['zh-Hant']} / {instrument.title['zh-Hans']}")
    print(f"in force [{begins}, {ends})  status {provision.status}  confidence {provision.confidence}")
    print("".join(f"  {text}\n" for text in provision.says.values()), end="")
    print(f"when     {provision.when.text}")
    print(f"effect   {provision.effect.kind} {', '.join(provision.effect.measures)}")
    print(f"unless   {', '.join(provision.unless) or 'nothing'}")
    print(f"source   {provision.source}")
    return 0
