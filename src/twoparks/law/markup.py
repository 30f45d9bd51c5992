"""Sentences of the packs as HTML in three languages."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from .pack import LANGUAGES
from .phrases import Phrase


def three(text: Mapping[str, str], otherwise: str = "") -> str:
    """A sentence in each language, side by side where there is room."""
    return columns({language: escape(text.get(language, otherwise)) for language in LANGUAGES})


def columns(said: Mapping[str, str]) -> str:
    """What is said already as HTML in each language, side by side where there is room."""
    parts = "".join(f'<span lang="{language}">{html}</span>' for language, html in said.items())
    return f'<span class="three">{parts}</span>' if "<ul>" not in parts else _blocks(said)


def _blocks(said: Mapping[str, str]) -> str:
    parts = "".join(f'<div lang="{language}">{html}</div>' for language, html in said.items())
    return f'<div class="three">{parts}</div>'


def inline(text: Mapping[str, str]) -> str:
    """A few words in each language, in one line."""
    return " · ".join(f'<span lang="{language}">{escape(text[language])}</span>' for language in LANGUAGES)


def nested(phrase: Phrase) -> str:
    """A phrase as a nested list."""
    inner = "".join(f"<li>{nested(part)}</li>" for part in phrase.parts)
    return escape(phrase.text) + (f"<ul>{inner}</ul>" if inner else "")


def link(source: str) -> str:
    """A source as a link where it is an address."""
    shown = escape(source, quote=True)
    return f'<a href="{shown}">{shown}</a>' if source.startswith(("https://", "http://")) else shown
