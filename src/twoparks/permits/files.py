"""A declaration as a YAML file: read strictly, every value remembering its line so that a problem can name it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.translation import gettext as _
from yaml.composer import ComposerError

from twoparks.permits.types import Invalid, Problem

MOST_BYTES = 256 * 1024
MOST_DEPTH = 8


@dataclass(frozen=True)
class DeclarationFile:
    """What a file says, and on which line each value stands ('items.2.quantity' -> 14)."""

    raw: Mapping[str, Any]
    lines: Mapping[str, int]

    def line_of(self, path: str) -> int | None:
        """The line of a value, or of the nearest thing around it that the file does say."""
        parts = path.split(".")
        while parts:
            if (line := self.lines.get(".".join(parts))) is not None:
                return line
            parts.pop()
        return None

    def located(self, problem: Problem) -> str:
        """The problem as a sentence that begins with its line."""
        line = self.line_of(problem.path)
        return (
            problem.says
            if line is None
            else _("line %(line)d: %(says)s") % {"line": line, "says": problem.says}
        )


def read_file(content: bytes | str) -> DeclarationFile:
    """The names and values in a YAML file; raises Invalid naming the line. Dates stay as typed: whether they exist is asked later."""
    text = _text(content)
    try:
        node = yaml.compose(text, Loader=_Loader)
        if not isinstance(node, yaml.MappingNode):
            raise _invalid(1, _("a declaration is a list of names and values; see the examples"))
        lines: dict[str, int] = {}
        _check(node, "", lines, 0)
        loader = _Loader(text)
        try:
            raw = loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _invalid(
            mark.line + 1 if mark else 1,
            _("this is not YAML (%(problem)s)") % {"problem": getattr(error, "problem", None) or "?"},
        ) from error
    return DeclarationFile(raw, lines)


class _Loader(yaml.SafeLoader):
    """YAML without its surprises: only true and false are booleans, dates and octal numbers stay text, no references."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:  # Any: PyYAML's own
        """The next node; a reference could make a small file endless, so none is read."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise ComposerError(None, None, "references are not read; write the value out", mark)
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9]\d{0,17})$"), list("-0123456789")
)


def _text(content: bytes | str) -> str:
    if len(content) > MOST_BYTES:
        raise _invalid(1, _("the file has more than %(most)d bytes") % {"most": MOST_BYTES})
    if isinstance(content, str):
        return content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _invalid(line, _("this is not text in UTF-8; save the file as UTF-8")) from error


def _check(node: yaml.Node, path: str, lines: dict[str, int], depth: int) -> None:
    """Remember each value's line; refuse repeated names, references and deep nesting."""
    line = node.start_mark.line + 1
    if depth > MOST_DEPTH:
        raise _invalid(line, _("this is nested too deeply for a declaration"))
    if path in lines:
        raise _invalid(line, _("%(name)s is said twice; say it once") % {"name": path})
    if path:
        lines[path] = line
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _invalid(key.start_mark.line + 1, _("a name was expected here"))
            inner = f"{path}.{key.value}" if path else str(key.value)
            if inner in lines:
                raise _invalid(
                    key.start_mark.line + 1, _("%(name)s is said twice; say it once") % {"name": inner}
                )
            _check(value, inner, lines, depth + 1)
            lines[inner] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value, 1):
            _check(value, f"{path}.{number}", lines, depth + 1)


def _invalid(line: int, says: str) -> Invalid:
    return Invalid((Problem("", None, _("line %(line)d: %(says)s") % {"line": line, "says": says}),))
