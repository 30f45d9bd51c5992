"""The stage of the pages' tests serves lists too."""

from __future__ import annotations

from tests.site.conftest import Stage, _words, stage

__all__ = ["Stage", "_words", "stage"]
