"""What a permit is found by: its number, its project, the parties, the goods and their labels. No word about a person."""

from __future__ import annotations

from collections.abc import Iterator

from twoparks.permits.types import PermitState

KIND = "permits"


def texts(state: PermitState) -> Iterator[str]:
    """Texts whose words find the permit, in every language they are known in."""
    declaration = state.current.declaration
    yield state.id
    yield declaration.project.id
    yield from declaration.project.title.values()
    for party in (declaration.sender, declaration.recipient):
        yield party.id
        yield from party.name.values()
    for item in declaration.items:
        yield item.description
        yield item.hs_code
    if (goods := declaration.goods) is not None:
        yield from goods.labels
        yield goods.customs_declaration or ""
