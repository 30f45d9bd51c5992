"""The law and schedules of the zone, as data: `cn/`, `hk/`, `zone/`, in the names of `vocabulary.yaml`."""

from functools import cache
from pathlib import Path

from twoparks.law.zone import Zone

FOLDER = Path(__file__).parent


@cache
def load() -> Zone:
    """The zone's law, read once a process; PackError names file, line and column of what cannot be read."""
    return Zone.read(FOLDER)
