"""`twoparks gate`: enrol, synchronise, scan, list events. A scan needs nothing but the gate's folder."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from twoparks.crossings import bundles
from twoparks.crossings.device import NotReady, Seen, split_code
from twoparks.crossings.types import NotPossible
from twoparks.ledger.envelope import read_envelope
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.passes.verdict import Verdict, as_json
from twoparks.permits.command import BAD_INPUT, Words
from twoparks.registry.zone import ZoneError

GREEN = 0


def gate(argv: Sequence[str]) -> int:
    """One word of `twoparks gate`; a scan exits 0 green, 1 refer, 2 refuse; 64 bad input."""
    words = _parser().parse_args(argv)
    verb: Callable[[argparse.Namespace], int] = words.verb
    try:
        return verb(words)
    except (ZoneError, NotPossible, NotReady, LedgerRefusal) as error:
        print(f"twoparks gate: {error}", file=sys.stderr)
        return BAD_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = Words(prog="twoparks gate", allow_abbrev=False)
    verbs = parser.add_subparsers(required=True)
    for name, verb, says in (
        ("enrol", _enrol, "give a gate its key"),
        ("cut-off", _cut_off, "stop believing a gate"),
        ("reopen", _reopen, "after a restore: count uses again in the store put back"),
        ("sync", _sync, "hand over events, fetch what the gate needs"),
        ("scan", _scan, "decide about a pass, offline"),
        ("events", _events, "the events this gate recorded"),
    ):
        sub = verbs.add_parser(name, help=says, allow_abbrev=False)
        sub.add_argument("--gate", required=True, help="gate id of the zone file")
        sub.set_defaults(verb=verb)
        if name == "scan":
            _scan_words(sub)
    return parser


def _scan_words(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "code",
        metavar="CODE",
        help="the text of the QR code, or - to read it from standard input, a phone's moving code in the next line",
    )
    sub.add_argument("--holder", help="the moving code of the phone, TH1:…, where a person passes")
    sub.add_argument("--labels", default="", help="container and seal labels, separated by commas")
    sub.add_argument("--quantity", type=_quantity, action="append", default=[], metavar="LINE=QUANTITY")
    sub.add_argument("--seal", help="the seal as it is read")
    sub.add_argument("--inspection", choices=["passed", "failed", "waived"])
    sub.add_argument(
        "--use-id", default="", help="name of this presentation: again after a crash, it answers as before"
    )
    sub.add_argument("--json", action="store_true")


def _quantity(text: str) -> tuple[int, int]:
    line, _, quantity = text.partition("=")
    if not (line.isdigit() and quantity.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r}: write LINE=QUANTITY, both whole numbers, such as 1=20")
    return int(line), int(quantity)


def _enrol(words: argparse.Namespace) -> int:
    from twoparks.crossings.actions import enrol_gate

    device = enrol_gate(None, words.gate, datetime.now(UTC))
    print(f"{words.gate}: enrolled with key {device.key().kid}; its folder is {device.folder}")
    return GREEN


def _cut_off(words: argparse.Namespace) -> int:
    from twoparks.crossings.actions import cut_off_gate

    cut_off_gate(None, words.gate, datetime.now(UTC))
    print(f"{words.gate}: cut off; what it recorded before still counts, nothing after")
    return GREEN


def _reopen(words: argparse.Namespace) -> int:
    from twoparks.crossings.actions import reopen_store

    held_back = reopen_store(words.gate)
    print(f"{words.gate}: " + ("uses are counted again" if held_back else "its store was not held back"))
    return GREEN


def _sync(words: argparse.Namespace) -> int:
    from twoparks.crossings.actions import sync_gate

    taken = sync_gate(words.gate, datetime.now(UTC))
    bundle = bundles.device(words.gate).bundle()
    permits, lists = len(bundle.terms), len(bundle.status_lists)
    print(
        f"{words.gate}: {taken} new events taken; the gate now holds {permits} permits and {lists} of 2 status lists"
    )
    return GREEN


def _scan(words: argparse.Namespace) -> int:
    code, holder = split_code(sys.stdin.read().strip("\r\n") if words.code == "-" else words.code)
    labels = tuple(label.strip() for label in words.labels.split(",") if label.strip())
    seen = Seen(
        code=code,
        labels=labels,
        quantities=dict(words.quantity) or None,
        seal=words.seal,
        inspection=words.inspection,
        holder=words.holder or holder,
        use_id=words.use_id,
    )
    verdict = bundles.device(words.gate).scan(seen, datetime.now(UTC))
    print(json.dumps(as_json(verdict), ensure_ascii=False) if words.json else _said(verdict))
    return int(verdict.light)


def _said(verdict: Verdict) -> str:
    lines = [verdict.light.word.upper()]
    lines += [f"  {reason.light.word:<7} {reason.plain}" for reason in verdict.reasons]
    if verdict.event is not None:
        lines.append(f"  recorded as event {verdict.event.n} of {verdict.event.gate}")
    return "\n".join(lines)


def _events(words: argparse.Namespace) -> int:
    events = bundles.device(words.gate).events_after(0)
    for event in events:
        act = read_envelope(event.envelope).act
        codes = ", ".join(act["codes"]) or "-"
        print(f"{event.n:>6}  {act['at']}  {act['kind']:<14} {act['permit'] or '-':<24} {codes}")
    print(f"{len(events)} events")
    return GREEN
