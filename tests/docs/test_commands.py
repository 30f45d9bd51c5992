"""Every command a page quotes is one the product understands."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest
from tests.docs.tree import ROOT, blocks, markdown, prose, shown
from tools.docs import command_help, subcommands

from twoparks.site.command import VERBS

pytestmark = pytest.mark.one_database

INLINE = re.compile(r"`((?:twoparks|make) [^`]+)`")
OF_THE_PARK = {"--park", "--var"}
PLACEHOLDER = re.compile(r"^[A-Z_]+$")


@lru_cache(maxsize=64)
def help_of(*words: str) -> str:
    """The help of a command, asked once."""
    return command_help(list(words))


def quoted(page: Path, program: str) -> list[list[str]]:
    """Words of every quoted call of `program` on a page, in prose and in shell blocks."""
    lines = [line for line in INLINE.findall(prose(page)) if line.startswith(program + " ")]
    for block in blocks(page):
        if block.language in {"sh", "console", "bash", "shell"}:
            lines += [line.removeprefix("$ ") for line in block.text.replace("\\\n", " ").splitlines()]
    words = [shlex.split(line.split(" | ")[0].split(" > ")[0], comments=True) for line in lines]
    return [line for line in words if line and Path(line[0]).name == program]


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_command_tells_its_words_to_someone_who_has_set_nothing_up(verb: str, tmp_path: Path) -> None:
    bare = {
        name: value for name, value in os.environ.items() if not name.startswith(("TWOPARKS_", "DJANGO_"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "twoparks.site.command", verb, "--help"],
        env=bare,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.startswith("usage: twoparks")) == (0, True), done.stderr[-300:]


@pytest.mark.parametrize("page", [page for page in markdown() if quoted(page, "twoparks")], ids=shown)
def test_a_quoted_command_exists_with_the_words_given(page: Path) -> None:
    wrong = [" ".join(words) for words in quoted(page, "twoparks") if not _understood(words[1:])]
    assert wrong == []


@pytest.mark.parametrize("page", [page for page in markdown() if quoted(page, "make")], ids=shown)
def test_a_quoted_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    asked = {word for words in quoted(page, "make") for word in words[1:] if re.fullmatch(r"[a-z-]+", word)}
    assert asked - targets == set()


@pytest.mark.parametrize(
    "page", [page for page in markdown() if "examples/" in page.read_text("utf-8")], ids=shown
)
def test_an_example_that_a_page_names_exists(page: Path) -> None:
    named = set(re.findall(r"\bexamples/[\w./-]*\w", page.read_text("utf-8")))
    assert {name for name in named if not (ROOT / name).exists()} == set()


def _understood(words: list[str]) -> bool:
    if not words or words[0].startswith("-") or PLACEHOLDER.match(words[0]) or words[0] == "…":
        return True
    if words[0] not in VERBS:
        return False
    text, rest = help_of(words[0]), words[1:]
    offered = subcommands(text)
    sub = next((word for word in rest if word in offered), None)
    if offered and sub is None and any(not w.startswith("-") and not PLACEHOLDER.match(w) for w in rest[:1]):
        return False
    if sub is not None:
        text += help_of(words[0], sub)
    known = set(re.findall(r"--[a-z][a-z-]*", text)) | {"--help"}
    if VERBS[words[0]].park:
        known |= OF_THE_PARK
    return {word.partition("=")[0] for word in rest if word.startswith("--")} <= known
