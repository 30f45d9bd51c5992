"""The `twoparks` command: one word chooses what to do, the part it belongs to does it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from twoparks.federation.types import NotCaughtUp

NOT_NOW, BAD_INPUT = 1, 64


@dataclass(frozen=True)
class Verb:
    """One word of the command line: where its function lives and whether it acts for one park."""

    function: str  # module:function taking the remaining words, returning the exit code
    says: str
    park: bool = False


VERBS = {
    "run": Verb("twoparks.site.supervisor:run", "start both parks with demonstration data"),
    "demonstration": Verb(
        "twoparks.site.playing:play", "two months of fictitious history for a fresh machine"
    ),
    "law": Verb("twoparks.law.command:main", "check a case against the law, run the packs' own cases"),
    "declare": Verb("twoparks.permits.command:declare", "declare from a YAML file", park=True),
    "permit": Verb(
        "twoparks.permits.desk:permit", "show, decide, clear, refuse, revoke, withdraw", park=True
    ),
    "gate": Verb("twoparks.crossings.command:gate", "enrol, sync and scan at a gate", park=True),
    "token": Verb("twoparks.registry.command:token", "make, list and revoke tokens of an account", park=True),
    "ledger": Verb("twoparks.federation.command:ledger", "prove the log append-only and cosigned", park=True),
    "keys": Verb("twoparks.federation.command:keys", "list, rotate or report keys", park=True),
    "people": Verb("twoparks.registry.people_command:people", "accounts and roles: give and end", park=True),
    "rebuild": Verb("twoparks.permits.command:rebuild", "recompute every list from the acts", park=True),
    "backup": Verb("twoparks.site.operations.backup:backup", "copy a running node into a folder", park=True),
    "restore": Verb("twoparks.site.operations.backup:restore", "put a node back from a copy", park=True),
    "prepare": Verb(
        "twoparks.site.prepare:prepare", "database, keys and demonstration data of one park", park=True
    ),
    "worker": Verb("twoparks.federation.command:worker", "deliver, fetch and cosign for one park", park=True),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; exit code 64 when the words are off."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in {"-h", "--help", "help"}:
        print(_usage())
        return 0 if words else BAD_INPUT
    verb = VERBS.get(words[0])
    if verb is None:
        print(f"twoparks: {words[0]!r} is not a command\n\n{_usage()}", file=sys.stderr)
        return BAD_INPUT
    rest = words[1:]
    if verb.park:
        rest = _enter_park(words[0], rest)
    module, name = verb.function.split(":")
    function: Callable[[list[str]], int] = getattr(import_module(module), name)
    try:
        return function(rest)
    except NotCaughtUp as restoring:
        print(f"twoparks {words[0]}: {restoring}", file=sys.stderr)
        return NOT_NOW


def _enter_park(word: str, rest: list[str]) -> list[str]:
    """Take `--park` and `--var` out of the words and make this process act for that park."""
    parser = argparse.ArgumentParser(prog=f"twoparks {word}", add_help=False, allow_abbrev=False)
    parser.add_argument("--park", default=os.environ.get("TWOPARKS_PARK"))
    parser.add_argument("--var", type=Path, default=Path(os.environ.get("TWOPARKS_VAR", "var")))
    known, others = parser.parse_known_args(rest)
    if {"-h", "--help"} & set(others):
        _without_park()
        return others
    if known.park is None:
        print(f"twoparks {word}: say for which park, with --park", file=sys.stderr)
        raise SystemExit(BAD_INPUT)
    from twoparks.site.places import enter, prepared

    enter(known.park, known.var)
    if word not in {"prepare", "restore"} and not prepared():
        says = f"{known.park} has no database or keys here yet; `twoparks run` makes them"
        print(f"twoparks {word}: {says}", file=sys.stderr)
        raise SystemExit(BAD_INPUT)
    return others


def _without_park() -> None:
    """Enough of a node to tell a verb's words: nothing is read or written."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twoparks.site.settings")
    os.environ.setdefault("TWOPARKS_SECRET_KEY", "only for --help")
    import django

    django.setup()


def _usage() -> str:
    lines = [f"  {word:<13} {verb.says}" for word, verb in VERBS.items()]
    return "\n".join(["twoparks COMMAND …", "", *lines, "", "twoparks COMMAND --help tells its words."])


if __name__ == "__main__":
    sys.exit(main())
