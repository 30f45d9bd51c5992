"""Catalogues of visible words: `update` gathers them from code and templates, `compile` makes what Django reads, `check` finds gaps.

Words are gathered with Django's own reading of templates and Babel's of Python; nothing outside Python is needed.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import django
from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "twoparks"
LOCALE = SOURCE / "site" / "locale"
LANGUAGES = ("zh_Hant", "zh_Hans")
KEYWORDS = {**DEFAULT_KEYWORDS, "gettext_lazy": None, "ngettext_lazy": (1, 2), "pgettext_lazy": ((1, "c"), 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]")
ANY_DAY = datetime(
    2026, 1, 1, tzinfo=UTC
)  # catalogues carry no date of their own making, so that they change only with words


def gather() -> Catalog:
    """Every visible string of the code and the templates, with where it stands."""
    found = _empty(None)
    for path in sorted(SOURCE.rglob("*")):
        if "migrations" in path.parts or path.suffix not in {".py", ".html", ".txt", ".xml"}:
            continue
        for words, context, comments in _strings(path):
            where = [(str(path.relative_to(ROOT)), None)]
            found.add(words, locations=where, context=context, auto_comments=comments)  # type: ignore[arg-type]
    return found


def _strings(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None, list[str]]]:
    text = path.read_text(encoding="utf-8")
    if path.name == "contracts.py":
        yield from ((why, None, []) for why in _reasons(text))
    if path.suffix != ".py":
        from django.utils.translation.template import templatize

        text = templatize(text, origin=str(path))
    for _line, words, comments, context in extract("python", BytesIO(text.encode()), keywords=KEYWORDS):
        yield (words, context, comments)  # type: ignore[misc]


def _reasons(text: str) -> Iterator[str]:
    """Why each field of a contract crosses: pages say it, in the reader's language."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Field":
            said = [arg.value for arg in node.args[1:2] if isinstance(arg, ast.Constant)]
            yield from (why for why in said if isinstance(why, str) and why)


def update() -> int:
    """Bring both catalogues up to what the sources say, keeping translations; print what is left to translate."""
    template = gather()
    for language in LANGUAGES:
        catalogue = _read(language)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        path = _path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=118, ignore_obsolete=True, include_lineno=False, sort_output=True)
        empty = [m for m in _messages(catalogue) if not _translated(m)]
        print(f"{language}: {len(catalogue) - len(empty)} of {len(catalogue)} translated")
    return 0


def compile_all() -> int:
    """Write the .mo file beside each .po file."""
    for language in LANGUAGES:
        with _path(language).with_suffix(".mo").open("wb") as file:
            write_mo(file, _read(language))
    return 0


def check() -> int:
    """1 when a string of the sources is missing from a catalogue or a translation lost or invented a placeholder."""
    template, wrong = gather(), 0
    for language in LANGUAGES:
        catalogue = _read(language)
        for message in _messages(template):
            there = catalogue.get(message.id, message.context)  # type: ignore[arg-type]
            if there is None:
                wrong += _say(
                    language, message, "is not in the catalogue; run `python tools/catalogues.py update`"
                )
            elif _translated(there) and (
                lost := _placeholders(message) ^ _placeholders(there, translated=True)
            ):
                wrong += _say(language, message, f"has other placeholders in its translation: {sorted(lost)}")
    return 1 if wrong else 0


def _say(language: str, message: Message, what: str) -> int:
    where = message.locations[0][0] if message.locations else "?"
    print(f"{language}: {where}: {message.id!r} {what}", file=sys.stderr)
    return 1


def _messages(catalogue: Catalog) -> list[Message]:
    return [m for m in catalogue if m.id]


def _translated(message: Message) -> bool:
    return bool(message.string) and (isinstance(message.string, str) or all(message.string))


def _placeholders(message: Message, translated: bool = False) -> set[str]:
    words = message.string if translated else message.id
    texts = [words] if isinstance(words, str) else list(words)
    return {found for text in texts for found in PLACEHOLDER.findall(text)}


def _path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def _empty(language: str | None) -> Catalog:
    return Catalog(
        locale=language,
        project="TwoParks",
        header_comment="# Words of TwoParks. Glossary: docs/glossary.md. Made by tools/catalogues.py; translations by hand.",
        last_translator="TwoParks maintainers",
        language_team="TwoParks maintainers",
        creation_date=ANY_DAY,
        revision_date=ANY_DAY,
        fuzzy=False,
    )


def _read(language: str) -> Catalog:
    if not _path(language).exists():
        return _empty(language)
    with _path(language).open("rb") as file:
        return read_po(file, locale=language)


def main(argv: list[str] | None = None) -> int:
    """Run one of the three verbs."""
    parser = argparse.ArgumentParser(prog="catalogues", description=__doc__)
    parser.add_argument("verb", choices=["update", "compile", "check"])
    verb = parser.parse_args(argv).verb
    if not settings.configured:
        settings.configure(USE_I18N=False)
        django.setup()
    return {"update": update, "compile": compile_all, "check": check}[verb]()


if __name__ == "__main__":
    sys.exit(main())
