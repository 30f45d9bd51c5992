"""Words that come with the zone and the packs, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language

from twoparks.registry.zone import ParkId, zone

TAGS = {"en": "en", "zh-hant": "zh-Hant", "zh-hans": "zh-Hans"}


def reading() -> str:
    """The reader's language as a tag of the zone and packs: en, zh-Hant or zh-Hans."""
    return TAGS.get((get_language() or "en").lower(), "en")


def words(given: object) -> str:
    """The text in the reader's language, else in English, else in the first there is."""
    if not isinstance(given, Mapping):
        return "" if given is None else str(given)
    return str(given.get(reading()) or given.get("en") or next(iter(given.values()), ""))


def park_word(park: str) -> str:
    """The name of the park of that id; the id itself when there is none."""
    known = zone().parks.get(ParkId(park))
    return words(known.name) if known else park


def direction_word(crosses: str) -> str:
    """'Shenzhen Park → Hong Kong Park', from the direction's key."""
    ways = zone().directions
    return " → ".join(park_word(park) for park in ways[crosses]) if crosses in ways else crosses
