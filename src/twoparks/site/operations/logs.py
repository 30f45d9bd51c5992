"""Log lines: text for a terminal, JSON for a collector. Each says which request and which pseudonym, never who or what was asked."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from pythonjsonlogger.json import JsonFormatter

FORMATS = ("text", "json")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
NOBODY = "-"


@dataclass
class Asked:
    """The request this thread answers: its id, its route once known, the pseudonym of who asks."""

    request_id: str
    route: str = NOBODY
    actor: str = NOBODY


asked: ContextVar[Asked | None] = ContextVar("twoparks_asked", default=None)


class Discreet(logging.Filter):
    """Adds request id and pseudonym to every line; a line of Django's names the route instead of the address."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: lines are changed, none is dropped."""
        current = asked.get() or Asked(NOBODY)
        record.request_id, record.actor = current.request_id, current.actor
        request = record.__dict__.pop("request", None)  # its text is the address with its query
        path = getattr(request, "path", None)
        if path is not None and isinstance(record.args, tuple):
            record.args = tuple(route_of(request) if part == path else part for part in record.args)
        return True


class _QuietErrors:
    """Tracebacks without what a database adds of its own: PostgreSQL's DETAIL line quotes the row."""

    def formatException(self, exc_info: Any) -> str:
        """The traceback, lines that quote stored values left out."""
        lines = super().formatException(exc_info).splitlines()  # type: ignore[misc]  # of the formatter beside it
        return "\n".join(line for line in lines if not line.lstrip().startswith(("DETAIL:", "CONTEXT:")))


class Text(_QuietErrors, logging.Formatter):
    """One readable line."""


class Json(_QuietErrors, JsonFormatter):
    """One JSON object a line."""


def route_of(request: Any) -> str:  # Any: whatever a log record carries as its request
    """The template of the address, `permits/<str:permit_id>/`; never the address itself."""
    match = getattr(request, "resolver_match", None)
    return match.route or "/" if match is not None else "unmatched"


def logging_settings(form: str, level: str) -> dict[str, Any]:  # Any: Django's LOGGING
    """Django's LOGGING for `text` or `json` at one level; raises ValueError naming what is accepted."""
    for name, given, accepted in (
        ("TWOPARKS_LOG_FORMAT", form, FORMATS),
        ("TWOPARKS_LOG_LEVEL", level, LEVELS),
    ):
        if given not in accepted:
            raise ValueError(f"{name}: {given!r} is not known; use one of {', '.join(accepted)}")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"discreet": {"()": Discreet}},
        "formatters": {
            "text": {"()": Text, "format": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"},
            "json": {
                "()": Json,
                "fmt": ["asctime", "levelname", "name", "message", "request_id", "actor"],
                "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
                "datefmt": "%Y-%m-%dT%H:%M:%S%z",
            },
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": form, "filters": ["discreet"]}
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {"httpx": {"level": "WARNING"}, "django.server": {"level": "WARNING"}},
    }
