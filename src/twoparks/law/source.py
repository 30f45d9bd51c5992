"""YAML with positions: a pack's text becomes blocks that know their file, line and column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import yaml

from .language import LanguageError, parse
from .pack import LANGUAGES, Expression, Interval, PackError, Place, Text

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # the C parser is only faster
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

DEPTH_MAX = 40  # levels of lists and mappings; the packs use 9
NODES_MAX = 50_000  # values in one text, each alias written out; the longest pack has some 4,000
_QUOTES = ("'", '"', "|", ">")
_WHOLE = re.compile(r"-?(0|[1-9]\d*)\Z")
_REAL = re.compile(r"[-+]?(\d+\.\d*|\.\d+|\d+[eE][-+]?\d+|\d+\.\d*[eE][-+]?\d+)\Z")


def plain(node: yaml.Node) -> object:
    """The value of a node. Unlike YAML 1.1, `on` and `no` are words and dates stay text."""
    if isinstance(node, yaml.MappingNode):
        return _merged({str(plain(key)): plain(value) for key, value in node.value})
    if isinstance(node, yaml.SequenceNode):
        return [plain(item) for item in node.value]
    text = str(node.value)
    if _quoted(node):
        return text
    if text in ("true", "false"):
        return text == "true"
    if text in ("", "null", "~"):
        return None
    if _WHOLE.match(text):
        return int(text)
    return float(text) if _REAL.match(text) else text


def _merged(found: dict[str, object]) -> dict[str, object]:
    """`<<: *base` lays a mapping under this one, as YAML users expect."""
    base = found.pop("<<", None)
    return {**base, **found} if isinstance(base, dict) else found


def _quoted(node: yaml.Node) -> bool:
    """Whether a scalar was written in quotes or as a text block."""
    return isinstance(node, yaml.ScalarNode) and node.style in _QUOTES


def compose(text: str, file: str) -> yaml.Node:
    """The nodes of a YAML text, keys checked for repetition; PackError with place when it is not YAML."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
        raise PackError(f"{where}: not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise PackError(f"{file}: not YAML: {error}") from None
    except RecursionError:
        raise PackError(f"{file}: nested too deep; use at most {DEPTH_MAX} levels") from None
    if node is None:
        raise PackError(f"{file}:1:1: the file is empty")
    _weigh(node, file, {}, 0)
    _refuse_repeated_keys(node, file)
    return node


def _weigh(node: yaml.Node, file: str, known: dict[int, int], depth: int) -> int:
    """How many nodes it is with every alias written out; PackError for more than anybody reads, or for one inside itself."""
    if depth > DEPTH_MAX:
        raise PackError(f"{_place(node, file)}: nested too deep; use at most {DEPTH_MAX} levels")
    if id(node) in known:
        return known[id(node)]
    weight = 1
    for part in _parts(node):
        weight += _weigh(part, file, known, depth + 1)
        if weight > NODES_MAX:
            raise PackError(
                f"{_place(node, file)}: too much; use at most {NODES_MAX} values, aliases written out"
            )
    known[id(node)] = weight
    return weight


def _parts(node: yaml.Node) -> Iterable[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return (part for pair in node.value for part in pair)
    return node.value if isinstance(node, yaml.SequenceNode) else ()


def _refuse_repeated_keys(node: yaml.Node, file: str) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                raise PackError(f"{_place(key, file)}: {key.value} stands twice")
            seen.add(str(key.value))
            _refuse_repeated_keys(value, file)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeated_keys(item, file)


def _place(node: yaml.Node, file: str) -> Place:
    return Place(file, node.start_mark.line + 1, node.start_mark.column + 1)


def open_block(path: Path, shown: str) -> Block:
    """The mapping at the top of a file."""
    return Block(compose(path.read_text(encoding="utf-8"), shown), shown)


class Block:
    """A mapping being read: each key is taken once, and `finish` refuses what nobody asked for."""

    def __init__(self, node: yaml.Node, file: str) -> None:
        self.file = file
        self.place = _place(node, file)
        if not isinstance(node, yaml.MappingNode):
            raise PackError(f"{self.place}: a mapping (key: value) is expected here")
        self.node = node
        self._values: dict[str, yaml.Node] = {str(key.value): value for key, value in node.value}
        self._taken: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def names(self) -> Iterator[str]:
        """The keys as written."""
        return iter(self._values)

    def finish(self) -> None:
        """Refuse keys that were not read."""
        unknown = [key for key in self._values if key not in self._taken]
        if unknown:
            accepted = ", ".join(sorted(self._taken))
            raise PackError(f"{self.at(unknown[0])}: {unknown[0]} is not known here; accepted are {accepted}")

    def at(self, key: str) -> Place:
        """Where the value of a key stands."""
        return _place(self._values[key], self.file) if key in self._values else self.place

    def fail(self, key: str, found: str, accepted: str) -> PackError:
        """An error that teaches, at the value of `key`."""
        return PackError(f"{self.at(key)}: {key} is {found}; {accepted}")

    def take(self, key: str) -> yaml.Node | None:
        """The node of a key, now taken."""
        self._taken.add(key)
        return self._values.get(key)

    def value(self, key: str) -> object:
        """The plain value of a key, None when absent."""
        node = self.take(key)
        return None if node is None else plain(node)

    def text(self, key: str, default: str | None = None) -> str:
        """A word or sentence; required unless a default is given."""
        node = self.take(key)
        if node is None:
            if default is None:
                raise PackError(f"{self.place}: {key} is missing")
            return default
        if not isinstance(node, yaml.ScalarNode):
            raise self.fail(key, "a list or mapping", "a word is expected")
        return str(node.value)

    def word(self, key: str, accepted: Sequence[str], default: str | None = None) -> str:
        """One of the accepted words."""
        found = self.text(key, default)
        if found not in accepted:
            raise self.fail(key, repr(found), f"accepted are {', '.join(accepted)}")
        return found

    def words(self, key: str, accepted: Sequence[str] | None = None) -> tuple[str, ...]:
        """A word or a list of words, () when absent."""
        found = self.value(key)
        items = found if isinstance(found, list) else [] if found is None else [found]
        for item in items:
            if not isinstance(item, str) or (accepted is not None and item not in accepted):
                hint = f"accepted are {', '.join(accepted)}" if accepted else "words are expected"
                raise self.fail(key, repr(item), hint)
        return tuple(items)

    def flag(self, key: str) -> bool:
        """A truth value, false when absent."""
        found = self.value(key)
        if found not in (None, True, False):
            raise self.fail(key, repr(found), "accepted are true and false")
        return bool(found)

    def integer(self, key: str) -> int | None:
        """A whole number, None when absent."""
        found = self.value(key)
        if found is not None and (isinstance(found, bool) or not isinstance(found, int)):
            raise self.fail(key, repr(found), "a whole number is expected")
        return found

    def day(self, key: str, found: object) -> date | None:
        """A date among the values of `key`."""
        if found is None:
            return None
        try:
            return date.fromisoformat(str(found))
        except ValueError:
            raise self.fail(key, repr(found), "use YYYY-MM-DD, a day that exists") from None

    def interval(self, key: str) -> Interval:
        """`[from, until)`; open on both sides when absent."""
        found = self.value(key)
        if found is None:
            return Interval()
        if not isinstance(found, list) or len(found) != 2:
            raise self.fail(key, repr(found), "write [from, until], null for open")
        interval = Interval(self.day(key, found[0]), self.day(key, found[1]))
        if interval.from_on and interval.until_on and interval.from_on >= interval.until_on:
            raise self.fail(key, repr(found), "the first day must come before the day it ends")
        return interval

    def trilingual(self, key: str, *, optional: bool = False) -> Text:
        """A sentence in each language."""
        node = self.take(key)
        if node is None and optional:
            return {}
        found = plain(node) if node is not None else None
        if (
            not isinstance(found, dict)
            or set(found) != set(LANGUAGES)
            or not all(isinstance(v, str) and v for v in found.values())
        ):
            raise self.fail(
                key, "not in three languages", f"write {{{', '.join(f'{name}: …' for name in LANGUAGES)}}}"
            )
        return {name: found[name] for name in LANGUAGES}

    def expression(self, key: str) -> Expression:
        """A parsed condition or amount."""
        node = self.take(key)
        if not isinstance(node, yaml.ScalarNode):
            raise PackError(f"{self.at(key)}: {key} must be a condition")
        place = self.at(key)
        text = str(node.value)
        if _quoted(node):
            place = place._replace(column=place.column + 1)
        try:
            return Expression(text, parse(text), place)
        except LanguageError as error:
            raise PackError(f"{place.file}:{place.line}:{place.column + error.at}: {error.message}") from None

    def block(self, key: str) -> Block | None:
        """The mapping under a key, None when absent."""
        node = self.take(key)
        return None if node is None else Block(node, self.file)

    def blocks(self, key: str) -> list[Block]:
        """The list of mappings under a key, [] when absent."""
        node = self.take(key)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            raise self.fail(key, "not a list", "a list is expected")
        return [Block(item, self.file) for item in node.value]
