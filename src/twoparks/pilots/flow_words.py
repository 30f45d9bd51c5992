"""The flows and directions that a trial may be about, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twoparks.registry.words import direction_word
from twoparks.registry.zone import zone

FLOW_WORDS = {
    "personnel": gettext_lazy("A person"),
    "materials": gettext_lazy("Goods or samples"),
    "data": gettext_lazy("Data"),
    "capital": gettext_lazy("Money"),
}


def directions() -> list[tuple[str, str]]:
    """Both ways, and each."""
    return [*((key, direction_word(key)) for key in zone().directions), ("", _("both ways"))]


def direction_words(crosses: str) -> str:
    """One direction in words; both where none is named."""
    return direction_word(crosses) if crosses else _("both ways")
