"""`twoparks declare`: what the page does, from a file. `twoparks rebuild`: every list from the acts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from twoparks.law.answer import Determination
from twoparks.packs import load
from twoparks.permits.files import DeclarationFile, read_file
from twoparks.permits.types import Invalid, PermitId

DONE, CHANGED, BAD_INPUT = 0, 1, 64


class Words(argparse.ArgumentParser):
    """Reads the words of a command; what it cannot read ends with 64, so that it is never taken for an answer."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how the command is used."""
        self.print_usage(sys.stderr)
        self.exit(BAD_INPUT, f"{self.prog}: {message}\n")


def declare(argv: Sequence[str]) -> int:
    """Declare what a YAML file says: prints the reference and what both banks' law answers. 64 when it cannot be read."""
    parser = Words(prog="twoparks declare", allow_abbrev=False)
    parser.add_argument("file", metavar="FILE", help="a YAML file; examples/ holds some")
    parser.add_argument("--as", dest="user", required=True, metavar="USER", help="account that declares")
    parser.add_argument("--check", action="store_true", help="only say what would be declared")
    words = parser.parse_args(argv)
    from twoparks.registry.models import User

    user = User.objects.filter(username=words.user, is_active=True).first()
    if user is None:
        return _bad(f"--as {words.user}: there is no such account at this park")
    try:
        file = read_file(Path(words.file).read_bytes())
    except OSError as error:
        return _bad(f"{words.file}: {error.strerror}")
    except Invalid as invalid:
        return _bad(*(f"{words.file}, {problem.says}" for problem in invalid.problems))
    return _declare(user, file, words)


def _declare(user: object, file: DeclarationFile, words: argparse.Namespace) -> int:
    from twoparks.permits import actions, queries
    from twoparks.registry.access import Forbidden
    from twoparks.registry.models import User

    assert isinstance(user, User)
    now = datetime.now(UTC)
    try:
        declaration = queries.check(user, file.raw, now)
        reference = None if words.check else actions.declare(user, file.raw, now)
    except Invalid as invalid:
        return _bad(*(f"{words.file}, {file.located(problem)}" for problem in invalid.problems))
    except Forbidden as forbidden:
        return _bad(f"{words.user}: {forbidden}")
    from twoparks.permits.declarations import held

    facts = {k: v for k, v in declaration.facts.items() if k != "sought"}
    answers = queries.determination(
        declaration.flow, declaration.crosses, facts, held(declaration), declaration.valid_from
    )
    print(_said(reference, answers))
    return DONE


def rebuild(argv: Sequence[str]) -> int:
    """Recompute every list from the acts; exit code 1 when something had to be changed, which should never be."""
    parser = Words(prog="twoparks rebuild", allow_abbrev=False)
    parser.parse_args(argv)
    from twoparks.permits.actions import rebuild as again

    changed = again()
    print(
        "every list is as its acts make it"
        if not changed
        else f"{changed} entries differed and were made again"
    )
    return CHANGED if changed else DONE


def _said(reference: PermitId | None, answers: Mapping[str, Determination]) -> str:
    lines = [f"declared as {reference}" if reference else "checked; nothing was declared"]
    for bank, answer in answers.items():
        lines.append(f"law of bank {bank}: {answer.outcome}")
        lines += [f"  {line}" for line in _measures(answer)]
    return "\n".join(lines)


def _measures(answer: Determination) -> list[str]:
    authorities = load().authorities
    found = []
    for line in answer.measures:
        who = ", ".join(str(authorities[a].name.get("en", authorities[a].meaning)) for a in line.authority)
        state = "held" if line.held else "with or after the movement" if line.kind == "duty" else "missing"
        days = f", {line.working_days} working days" if line.working_days and not line.held else ""
        found.append(f"{state:<27}{line.id} ({who}{days}; {', '.join(line.provisions)})")
    found += [f"{'a person decides':<27}{r.provision} ({r.authority or 'the park'})" for r in answer.refer_to]
    return found


def _bad(*lines: str) -> int:
    for line in lines:
        print(line, file=sys.stderr)
    return BAD_INPUT
