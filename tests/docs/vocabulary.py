"""The vocabulary of the packs as the tests of this folder read it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml
from tests.docs.tree import SOURCE


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, Any]:
    """The whole file."""
    return dict(yaml.safe_load((SOURCE / "packs" / "vocabulary.yaml").read_text(encoding="utf-8")))


def measures() -> frozenset[str]:
    """Keys of every measure."""
    return frozenset(str(each["key"]) for each in vocabulary()["measures"])


def facts() -> frozenset[str]:
    """Names of every fact of every flow."""
    return frozenset(str(each["name"]) for group in vocabulary()["facts"].values() for each in group)
