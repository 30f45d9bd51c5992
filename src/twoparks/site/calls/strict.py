"""Bodies as I-JSON (RFC 7493): one meaning for every reader, nothing a database cannot hold."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

MOST_DEPTH = 32
_EXACT = 2**53 - 1  # whole numbers that every JSON reader holds exactly


class NotStrict(ValueError):
    """The body is not the JSON that is taken here; the message says why."""


class StrictParser(Parser):
    """Reads bodies with `read`."""

    def parse_body(self, request: HttpRequest) -> Any:  # Any: what a body holds is for its operation to say
        """The body's value; raises NotStrict."""
        return read(request.body)


def read(raw: bytes) -> Any:  # Any: a JSON value
    """The value that `raw` stands for; raises NotStrict for what RFC 7493 forbids, NUL and deep nesting."""
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=_no_constant,
        )
    except UnicodeDecodeError as error:
        raise NotStrict(_("The body is not UTF-8.")) from error
    except RecursionError as error:
        raise NotStrict(_too_deep()) from error
    except json.JSONDecodeError as error:
        raise NotStrict(
            _("Not JSON at line %(line)d, column %(column)d.") % {"line": error.lineno, "column": error.colno}
        ) from error
    except NotStrict:
        raise
    except ValueError as error:  # a number of more digits than Python reads
        raise NotStrict(_("A number is too large; at most 2^53 - 1 is taken.")) from error
    _look(value, 0)
    return value


def _look(value: object, depth: int) -> None:
    if depth > MOST_DEPTH:
        raise NotStrict(_too_deep())
    if isinstance(value, str):
        _look_at_text(value)
    elif isinstance(value, bool):
        return
    elif isinstance(value, int | float):
        if not -_EXACT <= value <= _EXACT:
            raise NotStrict(_("A number is too large; at most 2^53 - 1 is taken."))
    elif isinstance(value, dict):
        for key, inner in value.items():
            _look_at_text(key)
            _look(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _look(inner, depth + 1)


def _look_at_text(text: str) -> None:
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise NotStrict(_("A text holds NUL or half a character."))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict(_("A name appears twice in one object."))
    return found


def _no_constant(text: str) -> NoReturn:
    raise NotStrict(_("%(text)s is not a number of JSON.") % {"text": text})


def _too_deep() -> str:
    return _("Nested deeper than %(most)d levels.") % {"most": MOST_DEPTH}
