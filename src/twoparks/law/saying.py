"""What a finding says, in three languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .pack import LANGUAGES, Text

_ROWS: Mapping[str, tuple[str, str, str]] = {
    "unreachable": (
        "{first} never holds: no case fulfils its condition.",
        "{first} 永不成立：沒有任何情形符合其條件。",
        "{first} 永不成立：没有任何情形符合其条件。",
    ),
    "shadowed": (
        "{first} never makes a difference: {others} always takes its place or says the same.",
        "{first} 從不產生作用：{others} 總會取代它或作相同規定。",
        "{first} 从不产生作用：{others} 总会取代它或作相同规定。",
    ),
    "gap": (
        "Of some cases no provision of this bank speaks, but those that speak of every case.",
        "有些情形，這一岸除適用於所有情形的規定外，並無任何規定。",
        "有些情形，这一岸除适用于所有情形的规定外，没有任何规定。",
    ),
    "conflict": (
        "{first} and {others} contradict each other in some cases, and neither yields.",
        "{first} 與 {others} 在某些情形下互相抵觸，且互不讓位。",
        "{first} 与 {others} 在某些情形下相互抵触，且互不让位。",
    ),
    "no_way_across": (
        "{others} requires what {first}, the law of the other bank, closes.",
        "{others} 所要求的，為另一岸的 {first} 所關閉。",
        "{others} 所要求的，为另一岸的 {first} 所关闭。",
    ),
    "dead_parameter": (
        "No provision in force reads {first} in this period.",
        "此期間沒有任何現行規定使用 {first}。",
        "此期间没有任何现行规定使用 {first}。",
    ),
    "unsettled": (
        "Not settled within the steps allowed: {first} {others}",
        "在容許的步數內未能判定：{first} {others}",
        "在允许的步数内未能判定：{first} {others}",
    ),
}


def says(kind: str, names: Sequence[str]) -> Text:
    """A finding of a kind about these provisions or parameters; the first is the one it is about."""
    first, *others = names or ("",)
    words = {"first": first, "others": ", ".join(others)}
    return {
        language: text.format_map(words).strip()
        for language, text in zip(LANGUAGES, _ROWS[kind], strict=True)
    }
