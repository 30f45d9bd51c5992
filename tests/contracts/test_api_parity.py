"""What a page can do, a program can do, and the other way round."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from tests.docs.tree import SOURCE

pytestmark = pytest.mark.one_database

WRITERS = {"actions", "tokens", "travellers"}  # modules whose public functions change what the node holds
READ_ONLY = {  # public functions of those modules that change nothing
    "registry.tokens.believe",
    "registry.tokens.status",
    "registry.tokens.tokens",
    "registry.tokens.verbs_of",
    "registry.travellers.open_invitation",
    "registry.actions.subject_of",
    "registry.actions.random_id",
    "permits.actions.permits_to_end",
}
ONLY_ON_PAGES = {  # action -> why no program does it
    "registry.tokens.make_token": "a person makes a token, after showing once more who they are, or the machine's keeper",
    "registry.travellers.register_person": "a person who crosses is registered and invited in one sitting, by who knows them",
    "registry.travellers.invite": "the link makes an account: it is handed to the person, not kept by a program",
    "registry.travellers.accept_invitation": "the person chooses a password of their own",
    "registry.travellers.keep_phone_key": "the key is made in the phone's browser and never leaves it",
    "registry.actions.end_session": "a program has no session in a browser; it revokes its token",
    "registry.actions.end_sessions": "a program has no session in a browser; it revokes its token",
    "lists.actions.save_view": "a note of what one looked at on a page; a program keeps its own queries",
    "lists.actions.rename_view": "the same note",
    "lists.actions.delete_view": "the same note",
}
ONLY_BY_PROGRAM: dict[str, str] = {}  # action -> why no page does it


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _modules(api: bool) -> list[Path]:
    """Modules of the API's operations, or of pages, whatever they are called."""
    found = [path for path in SOURCE.rglob("*.py") if _is(path, "ninja") or _is(path, "django.shortcuts")]
    return [path for path in found if _is(path, "ninja") == api]


def _is(path: Path, library: str) -> bool:
    """Whether the module declares operations (a ninja Router) or answers with pages."""
    names = {"ninja": {"Router", "NinjaAPI"}, "django.shortcuts": {"render", "redirect"}}[library]
    return any(
        isinstance(node, ast.ImportFrom) and node.module == library and names & {a.name for a in node.names}
        for node in ast.walk(_tree(path))
    )


def _reached(path: Path) -> Iterator[str]:
    """Every writer the module calls, as room.module.function; modules of an `actions/` folder stand with their own name."""
    tree = _tree(path)
    modules: dict[str, str] = {}
    functions: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("twoparks."):
            room = str(node.module).removeprefix("twoparks.")
            for alias in node.names:
                name, whole = alias.asname or alias.name, f"{room}.{alias.name}"
                if _is_module(whole):
                    modules[name] = whole
                elif WRITERS & set(room.split(".")):
                    functions[name] = whole
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            yield f"{modules[node.value.id]}.{node.attr}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            yield functions[node.func.id]


def _is_module(name: str) -> bool:
    """Whether a dotted name below `twoparks` is a writing module or one in a folder of them."""
    file = SOURCE / (name.replace(".", "/") + ".py")
    return bool(WRITERS & set(name.split("."))) and (file.exists() or file.with_suffix("").is_dir())


@cache
def _actions(api: bool) -> frozenset[str]:
    found = {name for path in _modules(api) for name in _reached(path)}
    return frozenset(name for name in found if _acts(name) and name not in READ_ONLY)


def _acts(name: str) -> bool:
    """Functions act; classes such as NotAccepted are what they speak in."""
    module, function = name.rsplit(".", 1)
    found = getattr(import_module(f"twoparks.{module}"), function)
    return callable(found) and not isinstance(found, type)


def test_every_page_action_can_be_done_by_a_program() -> None:
    assert _actions(api=False) - _actions(api=True) - set(ONLY_ON_PAGES) == set()


def test_everything_a_program_can_do_can_be_done_on_a_page() -> None:
    assert _actions(api=True) - _actions(api=False) - set(ONLY_BY_PROGRAM) == set()


def test_the_exceptions_are_still_exceptions() -> None:
    pages, programs = _actions(api=False), _actions(api=True)
    assert set(ONLY_ON_PAGES) <= pages - programs
    assert set(ONLY_BY_PROGRAM) <= programs - pages


def test_actions_are_found_at_all() -> None:
    """Guards the search itself: these are reached on both sides."""
    known = {
        "permits.actions.declare",
        "crossings.actions.close_discrepancy",
        "registry.actions.create_project",
        "pilots.actions.drafts.write_change",
    }
    assert known <= _actions(api=True) & _actions(api=False)
