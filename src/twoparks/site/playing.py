"""`twoparks demonstration`: both parks of a fresh machine with two months of fictitious history; `run` does it at first start."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

LINES = 25  # percent between two lines where the output is no terminal


def play(argv: Sequence[str]) -> int:
    """Play the history into `--var` where no park is there yet; say how far it is. Interrupted, it begins anew next time."""
    parser = argparse.ArgumentParser(prog="twoparks demonstration", description=__doc__)
    parser.add_argument("--var", type=Path, default=Path(os.environ.get("TWOPARKS_VAR", "var")))
    var = parser.parse_args(argv).var
    with tempfile.TemporaryDirectory() as home:
        _setup(home)
        from datetime import UTC, datetime

        from twoparks.site.demonstration.history import install

        try:
            made = install(var, datetime.now(UTC), _teller())
        except KeyboardInterrupt:
            return 130
    if not made:
        print(f"  there is a park in {var} already; its data stay as they are", flush=True)
    return 0


def _setup(home: str) -> None:
    """Settings of no park in particular: both nodes bring their own database and home."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twoparks.site.settings")
    os.environ["TWOPARKS_HOME"] = home
    os.environ["TWOPARKS_SECRET_KEY"] = secrets.token_urlsafe(32)
    os.environ.pop("TWOPARKS_DATABASE_URL", None)
    import django

    django.setup()


def _teller() -> Callable[[int], None]:
    if sys.stdout.isatty():
        return lambda percent: print(f"\r  {percent:3d} %", end="\n" if percent >= 100 else "", flush=True)
    return lambda percent: print(f"  {percent} %", flush=True) if percent % LINES == 0 else None
