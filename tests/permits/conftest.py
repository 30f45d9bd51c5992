"""The stage of these tests: two parks with their demonstration people."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.story import Story


@pytest.fixture
def story(tmp_path: Path, django_db_blocker: Any) -> Iterator[Story]:
    """Both parks, everybody in place, nothing declared."""
    with django_db_blocker.unblock():
        made = Story.open(tmp_path / "homes")
        try:
            yield made
        finally:
            made.nodes.close()
