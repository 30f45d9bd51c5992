"""`twoparks keys`, `twoparks ledger`, `twoparks worker`: the words of this app on the command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from django.utils import timezone

from twoparks.federation import catching_up
from twoparks.federation import keys as node
from twoparks.federation.actions import resume
from twoparks.federation.audit import Audit, audit_node
from twoparks.federation.queries import incidents, outbox_summary
from twoparks.federation.transport import HttpTransport
from twoparks.federation.types import StreamId
from twoparks.federation.worker import Worker, stop_on_signals
from twoparks.ledger.keys import KeyPurpose
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.registry.access import Forbidden
from twoparks.registry.models import User

FAULT, BAD_INPUT = 1, 64


def keys(argv: Sequence[str]) -> int:
    """List, rotate or give up keys; exchange roots. Exit code 0 done, 64 refused."""
    parser = argparse.ArgumentParser(prog="twoparks keys", allow_abbrev=False)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="the keys this park stands behind")
    turn = verbs.add_parser("rotate", help="sign with a fresh key from now on")
    turn.add_argument("purpose", choices=[p.value for p in node.OWN_PURPOSES])
    turn.add_argument("--verify-until", type=_moment, help="2026-11-22T08:00:00Z; for pass and status keys")
    lost = verbs.add_parser("compromise", help="give up a key: nothing new it signed is believed")
    lost.add_argument("kid")
    verbs.add_parser("root", help="print this park's public root key for the other park")
    believe = verbs.add_parser("trust", help="believe the other park's root key in FILE")
    believe.add_argument("file", type=Path)
    words = parser.parse_args(argv)
    try:
        print(_KEY_VERBS[words.verb](words))
    except (LedgerRefusal, OSError) as refused:
        print(f"twoparks keys {words.verb}: {refused}", file=sys.stderr)
        return BAD_INPUT
    return 0


def _list(words: argparse.Namespace) -> str:
    own = node.node_keys().trust_list
    lines = [f"trust list of {own.park}, version {own.version}, {own.issued_at:%Y-%m-%d %H:%M:%S} UTC"]
    for key in sorted(own.keys, key=lambda k: (k.purpose, k.valid_from)):
        until = f", verifies until {key.verify_until:%Y-%m-%d %H:%M}" if key.verify_until else ""
        lines.append(f"  {key.kid}  {key.purpose:<10} {key.status}{until}")
    return "\n".join(lines)


def _rotate(words: argparse.Namespace) -> str:
    fresh = node.rotate(KeyPurpose(words.purpose), timezone.now(), words.verify_until)
    return f"{words.purpose}: signing with {fresh.kid} from now on; the other park learns it within seconds"


def _compromise(words: argparse.Namespace) -> str:
    fresh = node.compromise(words.kid, timezone.now())
    after = f"; {fresh.purpose} now signs with {fresh.kid}" if fresh is not None else ""
    return f"{words.kid} is given up{after}"


def _root(words: argparse.Namespace) -> str:
    return node.root_document().decode()


def _trust(words: argparse.Namespace) -> str:
    try:
        root = node.trust_peer_root(words.file.read_bytes())
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise node.PeerUnknown(f"{words.file.name} is not a root document: {error}") from error
    return f"messages of {root.park} are believed from now on under root {root.kid}"


_KEY_VERBS: dict[str, Callable[[argparse.Namespace], str]] = {
    "list": _list,
    "rotate": _rotate,
    "compromise": _compromise,
    "root": _root,
    "trust": _trust,
}


def ledger(argv: Sequence[str]) -> int:
    """Verify the log, or look after the queue. Exit code 0 whole, 1 a fault was found."""
    parser = argparse.ArgumentParser(prog="twoparks ledger", allow_abbrev=False)
    verbs = parser.add_subparsers(dest="verb", required=True)
    check = verbs.add_parser("verify", help="prove the log append-only and cosigned")
    check.add_argument("--offline", action="store_true", help="do not ask the other park what it was shown")
    check.add_argument("--json", action="store_true")
    verbs.add_parser("outbox", help="what waits for the other park, and open incidents")
    again = verbs.add_parser("resume", help="send a stopped stream again after its cause was dealt with")
    again.add_argument("stream")
    verbs.add_parser(
        "restored", help="after a restore: what the other park saw that the copy lacks; catch up with it"
    )
    accept = verbs.add_parser(
        "accept-loss", help="after a restore: let the log go on after the leaves that are lost"
    )
    accept.add_argument("--leaves", type=int, required=True, help="how many, as `ledger restored` says")
    accept.add_argument(
        "--as", dest="user", required=True, metavar="USER", help="the park officer who accepts it"
    )
    words = parser.parse_args(argv)
    if words.verb in {"restored", "accept-loss"}:
        return _restored(words)
    if words.verb == "verify":
        found = audit_node(timezone.now(), None if words.offline else HttpTransport())
        print(_as_json(found) if words.json else _as_text(found))
        return 0 if found.whole else FAULT
    if words.verb == "resume":
        print(f"{resume(StreamId(words.stream), timezone.now())} acts of {words.stream} wait again")
        return 0
    print(_outbox())
    return 0


def _as_text(found: Audit) -> str:
    asked = (
        "the other park was asked" if found.peer_asked else "the other park was not asked or did not answer"
    )
    head = f"{found.leaves} leaves, {found.checkpoints} checkpoints, {asked}"
    verdict = "the log is whole" if found.whole else "THE LOG IS NOT WHOLE"
    return "\n".join([head, *(f"  {finding.plain}" for finding in found.findings), verdict])


def _as_json(found: Audit) -> str:
    lines = [
        {name: getattr(f, name) for name in ("code", "severity", "expected", "found", "index", "size")}
        for f in found.findings
    ]
    said = {"whole": found.whole, "leaves": found.leaves, "checkpoints": found.checkpoints}
    return json.dumps(said | {"peer_asked": found.peer_asked, "findings": lines}, indent=1)


def _restored(words: argparse.Namespace) -> int:
    """Exit code 0 caught up, 1 something waits, 64 refused."""
    now, transport = timezone.now(), HttpTransport()
    try:
        if words.verb == "restored":
            found = catching_up.catch_up(transport, now)
        else:
            user = User.objects.filter(username=words.user, is_active=True).first()
            if user is None:
                raise LookupError(f"--as {words.user}: there is no such account at this park")
            found = catching_up.accept_loss(user, words.leaves, transport, now)
    except (LedgerRefusal, LookupError, catching_up.LossDiffers, Forbidden) as refused:
        print(f"twoparks ledger {words.verb}: {refused}", file=sys.stderr)
        return BAD_INPUT
    print("the node has caught up; acts are recorded again" if found.done else found.plain)
    return 0 if found.done else FAULT


def _outbox() -> str:
    now = outbox_summary()
    lines = [f"{now.waiting} waiting, {now.stopped} stopped, {now.delivered} delivered"]
    lines += [
        f"  open incident {i.at:%Y-%m-%d %H:%M} {i.kind}: {i.detail.get('plain', '')}" for i in incidents()
    ]
    return "\n".join(lines)


def worker(argv: Sequence[str]) -> int:
    """Do the node's background work until SIGTERM or Ctrl-C; `--once` does what is due and ends."""
    parser = argparse.ArgumentParser(prog="twoparks worker", allow_abbrev=False)
    parser.add_argument("--once", action="store_true")
    words = parser.parse_args(argv)
    work = Worker(HttpTransport())
    if words.once:
        said = work.tick(timezone.now())
        print(f"{said.delivered} delivered, {said.put_off} put off, {said.stopped} stopped")
        return 0
    work.run(stop_on_signals())
    return 0


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a moment; write it like 2026-11-22T08:00:00Z"
        ) from None
