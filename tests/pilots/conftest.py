"""The stage of these tests: two parks with their demonstration people, and the steps of a trial."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.story import Story
from tests.trials import Trials


@pytest.fixture
def trials(tmp_path: Path, django_db_blocker: Any) -> Iterator[Trials]:
    """Both parks, everybody in place, no trial filed."""
    with django_db_blocker.unblock():
        story = Story.open(tmp_path / "homes")
        try:
            yield Trials(story)
        finally:
            story.nodes.close()
