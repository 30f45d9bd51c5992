"""`twoparks permit`: what the permit page offers, by command: show, decide, clear, refuse, revoke, withdraw, code, and what rooms below add."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from twoparks.federation.types import Stale
from twoparks.lists.queries import page as page_of
from twoparks.lists.types import Asked
from twoparks.passes.holder import prove, read_phone_key
from twoparks.passes.qr import HOLDER_PREFIX, to_text
from twoparks.passes.refusal import PassRefused
from twoparks.permits import actions, queries
from twoparks.permits.command import BAD_INPUT, DONE, Words
from twoparks.permits.lists import PERMITS
from twoparks.permits.rules import NoPermit
from twoparks.permits.types import AuthorityAnswer, Invalid, NotPossible, PermitId, Problem, Reasons, Todo
from twoparks.registry.access import Forbidden
from twoparks.registry.models import User
from twoparks.registry.zone import ZoneError, zone

NOT_NOW = 1
Does = Callable[[argparse.Namespace, User, datetime], str]
WordsOf = Callable[[argparse.ArgumentParser], None]

_more: dict[str, tuple[Does, str, WordsOf]] = {}


def register_verb(name: str, does: Does, says: str, words: WordsOf) -> None:
    """Let a room below add a word: what it does to a permit, its line of help, and the words it takes."""
    _more[name] = (does, says, words)


def permit(argv: Sequence[str], clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> int:
    """One word of `twoparks permit`; 0 done, 1 not possible now (the message says why), 64 bad input."""
    words = _parser().parse_args(argv)
    user = User.objects.filter(username=words.user, is_active=True).first()
    if user is None:
        print(f"--as {words.user}: there is no such account at this park", file=sys.stderr)
        return BAD_INPUT
    verb: Does = words.verb
    try:
        print(verb(words, user, clock()))
    except (NotPossible, Stale, Forbidden) as error:
        print(f"twoparks permit: {error}", file=sys.stderr)
        return NOT_NOW
    except (NoPermit, Invalid) as error:
        print(f"twoparks permit: {error}", file=sys.stderr)
        return BAD_INPUT
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = Words(prog="twoparks permit", allow_abbrev=False)
    verbs = parser.add_subparsers(required=True)
    for name, verb, says in (
        ("list", _list, "every permit the account may see"),
        ("show", _show, "where a permit stands, what waits, what was done"),
        ("decide", _decide, "answer for an authority about everything, or one thing, that waits for it"),
        ("clear", _clear, "sign this park's clearance"),
        ("refuse", _refuse, "refuse this version for the park"),
        ("revoke", _revoke, "end the permit by this park's status list"),
        ("withdraw", _withdraw, "take the declaration back"),
        ("code", _code, "the text of the QR code; for a person with a test phone's key, the moving code too"),
        *((name, does, says) for name, (does, says, _words) in _more.items()),
    ):
        sub = verbs.add_parser(name, help=says, allow_abbrev=False)
        sub.set_defaults(verb=verb)
        sub.add_argument("--as", dest="user", required=True, metavar="USER", help="account that acts")
        if name != "list":
            sub.add_argument("permit", metavar="PERMIT", help="its reference, sz-p-…")
        if name in {"decide", "refuse", "revoke"}:
            sub.add_argument("--because", required=True, metavar="REASONS")
            sub.add_argument("--provision", action="append", default=[], help="a provision relied on")
        if name == "code":
            sub.add_argument(
                "--holder", type=Path, metavar="KEYFILE", help="a test phone's private key (P-256, PEM)"
            )
            sub.add_argument("--gate", help="the gate about to be passed; with --holder")
        if name == "decide":
            sub.add_argument("--answer", choices=["grant", "refuse", "ask"], default="grant")
            sub.add_argument(
                "--about", help="one measure or provision; without it, all that waits for the account"
            )
            sub.add_argument("--number", default="", help="number of the approval granted")
        if name in _more:
            _more[name][2](sub)
    return parser


def _list(words: argparse.Namespace, user: User, now: datetime) -> str:
    page = page_of(PERMITS, user, Asked(), now)
    return "\n".join(f"{line.id}  {line.status}" for line in page.rows) or "no permits yet"


def _show(words: argparse.Namespace, user: User, now: datetime) -> str:
    found = queries.detail(user, PermitId(words.permit), now)
    lines = [f"{words.permit} version {found.version.number}: {found.status}"]
    for bank in found.banks:
        outcome = bank.determined.outcome if bank.determined else "not asked yet"
        done = [
            word
            for word, it in (("cleared", bank.clearance), ("refused", bank.refused), ("signed", bank.signed))
            if it
        ]
        lines.append(f"  {bank.park.id}: law says {outcome}{''.join(f', {word}' for word in done)}")
    lines += [f"  waits: {_told(todo)}" for todo in found.work]
    lines += [f"  {act.at:%Y-%m-%d %H:%M:%S}Z {act.park} {act.kind} {act.digest[:16]}" for act in found.acts]
    return "\n".join(lines)


def _told(todo: Todo) -> str:
    what = " or ".join(todo.measures or todo.provisions)
    return f"{what} for {' or '.join(todo.authorities) or 'the park'} ({todo.why})"


def _decide(words: argparse.Namespace, user: User, now: datetime) -> str:
    """Each answer is an act of its own, made on the picture that the one before it left."""
    said: list[str] = []
    found = queries.detail(user, PermitId(words.permit), now)
    wanted = list(_mine(found, words.about))
    if not wanted:
        what = words.about or "nothing"
        raise NotPossible("not_asked", f"{what} of {words.permit} waits for {user.username}")
    for authority, todo in wanted:
        measure = _named(todo.measures, words.about)
        answer = AuthorityAnswer(
            authority=authority or None,
            decision=words.answer,
            reasons=Reasons(words.because, tuple(words.provision)),
            measure=measure,
            provision=None if measure else _named(todo.provisions, words.about),
            number=words.number,
        )
        seen = found.state.acts + len(said)
        actions.decide(user, found.state.id, answer, seen, now)
        said.append(f"{words.answer}: {answer.measure or answer.provision}")
    return "\n".join(said)


def _mine(found: queries.PermitDetail, about: str | None) -> list[tuple[str, Todo]]:
    mine = []
    for todo in found.work:
        authority = next((a for a in (todo.authorities or ("",)) if a in found.deciding_for), None)
        if authority is not None and about in {None, *todo.measures, *todo.provisions}:
            mine.append((authority, todo))
    return mine


def _named(names: tuple[str, ...], about: str | None) -> str | None:
    return about if about in names else next(iter(names), None)


def _clear(words: argparse.Namespace, user: User, now: datetime) -> str:
    found = queries.detail(user, PermitId(words.permit), now)
    actions.clear(user, found.state.id, None, found.state.acts, now)
    return f"cleared {words.permit} version {found.version.number}"


def _refuse(words: argparse.Namespace, user: User, now: datetime) -> str:
    found = queries.detail(user, PermitId(words.permit), now)
    actions.refuse(
        user, found.state.id, Reasons(words.because, tuple(words.provision)), found.state.acts, now
    )
    return f"refused {words.permit} version {found.version.number}"


def _revoke(words: argparse.Namespace, user: User, now: datetime) -> str:
    found = queries.detail(user, PermitId(words.permit), now)
    actions.revoke(user, found.state.id, Reasons(words.because), found.state.acts, now)
    return f"revoked {words.permit}; gates know with their next status list"


def _withdraw(words: argparse.Namespace, user: User, now: datetime) -> str:
    found = queries.detail(user, PermitId(words.permit), now)
    actions.withdraw(user, found.state.id, found.state.acts, now)
    return f"withdrew {words.permit}"


def _code(words: argparse.Namespace, user: User, now: datetime) -> str:
    text = queries.pass_text(queries.detail(user, PermitId(words.permit), now))
    if text is None:
        raise NotPossible(
            "no_pass", f"{words.permit} is not in force here; `twoparks permit show` says what is missing"
        )
    if words.holder is None:
        return text
    try:
        group = zone().group_of_gate(words.gate or "")
        proof = prove(read_phone_key(words.holder), words.permit, group.number, now)
    except (ZoneError, PassRefused) as error:
        raise Invalid((Problem("holder", None, str(error)),)) from error
    return f"{text}\n{to_text(proof, HOLDER_PREFIX)}"
