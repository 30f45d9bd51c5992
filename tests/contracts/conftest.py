"""The stage of the API's tests: both parks, everybody in place, nothing declared, the clock that of the story."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.calling import Caller
from tests.story import Story
from tools import catalogues


@pytest.fixture(scope="session", autouse=True)
def _words() -> None:
    """What `make run` compiles at set-up, so that answers are in the reader's language."""
    catalogues.compile_all()


@pytest.fixture
def call(tmp_path: Path, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    """Somebody's calls to either park."""
    with django_db_blocker.unblock():
        story = Story.open(tmp_path / "homes")
        monkeypatch.setattr("django.utils.timezone.now", lambda: story.nodes.now)
        try:
            yield Caller(story)
        finally:
            story.nodes.close()
