"""What is given on the command line, or refused with what would be accepted."""

from __future__ import annotations

import argparse
from datetime import date

from .zone import Zone

BAD_INPUT = 64


class InputError(Exception):
    """A file or word that cannot be used; says what would be accepted."""


def day(text: str) -> date:
    """A day as argparse takes it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a date; use YYYY-MM-DD, a day that exists"
        ) from None


def count(text: str) -> int:
    """A whole number as argparse takes it."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def known_flow(flow: str | None, zone: Zone) -> None:
    """Refuse a flow that is none."""
    if flow not in (None, *zone.flows):
        raise InputError(f"{flow!r} is not a flow; accepted are {', '.join(zone.flows)}")
