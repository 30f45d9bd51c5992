"""`twoparks token`: make, list and revoke the tokens of an account, by whoever keeps the node's machine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from twoparks.registry import tokens
from twoparks.registry.access import Verb, open_verbs
from twoparks.registry.actions import NotAccepted
from twoparks.registry.models import Token, User

DONE, BAD_INPUT = 0, 64


def token(argv: Sequence[str], clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> int:
    """One word of `twoparks token`; 0 done, 64 bad input. A token made is the only thing on standard output."""
    words = _parser().parse_args(argv)
    user = User.objects.filter(username=words.user, is_active=True).first()
    if user is None:
        print(f"--as {words.user}: there is no such account at this park", file=sys.stderr)
        return BAD_INPUT
    try:
        print(words.verb(words, user, clock()))
    except NotAccepted as wrong:
        print(f"twoparks token: {wrong}", file=sys.stderr)
        return BAD_INPUT
    except Token.DoesNotExist:
        print(f"twoparks token: {words.prefix} is no token of {words.user}", file=sys.stderr)
        return BAD_INPUT
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="twoparks token", allow_abbrev=False)
    verbs = parser.add_subparsers(required=True)
    for name, verb, says in (
        ("make", _make, "make a token and print it, this once"),
        ("list", _list, "the account's tokens, the newest first"),
        ("revoke", _revoke, "end a token for good"),
    ):
        sub = verbs.add_parser(name, help=says, allow_abbrev=False)
        sub.set_defaults(verb=verb)
        sub.add_argument("--as", dest="user", required=True, metavar="USER", help="account it acts for")
        if name == "make":
            sub.add_argument("--label", required=True, help="which program will hold it")
            sub.add_argument("--days", type=int, default=tokens.DAYS, help="how long it lives, 90 without it")
            sub.add_argument(
                "--may",
                action="append",
                metavar="VERB",
                choices=[str(verb) for verb in Verb],
                help="a right, such as see_permit; once for each; without it, all the account has now",
            )
        if name == "revoke":
            sub.add_argument("prefix", metavar="PREFIX", help="the eight letters after twoparks_")
    return parser


def _make(words: argparse.Namespace, user: User, now: datetime) -> str:
    verbs = tokens.verbs_of(words.may) if words.may else open_verbs(user)
    return tokens.make_token(user, tokens.NewToken(words.label, verbs, words.days), now)[1]


def _list(words: argparse.Namespace, user: User, now: datetime) -> str:
    lines = [
        f"{t.prefix}  {tokens.status(t, now):<8} until {t.expires_at:%Y-%m-%d}  {t.label}  {' '.join(t.verbs)}"
        for t in tokens.tokens(user)
    ]
    return "\n".join(lines) or "no tokens"


def _revoke(words: argparse.Namespace, user: User, now: datetime) -> str:
    return f"revoked: {tokens.revoke_token(user, words.prefix, now).label}"
