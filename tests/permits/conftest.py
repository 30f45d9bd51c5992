"""The stage of these tests: two parks with their demonstration people."""

from tests.story import story

__all__ = ["story"]
