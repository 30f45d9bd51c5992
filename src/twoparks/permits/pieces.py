"""Pieces of work as the lists keep them, and those whose authority has no desk at this node: the park must see them."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import replace

from django.db.models import Exists, OuterRef, QuerySet

from twoparks.permits.models import Work
from twoparks.permits.types import APPLICANT, Todo, Waits


def pieces(rows: Iterable[Work]) -> tuple[Todo, ...]:
    """The pieces of work that rows are of, each with the authorities its rows name."""
    found: dict[int, list[Work]] = {}
    for row in rows:
        found.setdefault(row.item, []).append(row)
    return tuple(_piece(same[0], tuple(w.authority for w in same if w.authority)) for same in found.values())


def marked(work: Iterable[Todo], desks: Set[str]) -> tuple[Todo, ...]:
    """The same work, each piece that none of `desks` can do saying so."""
    return tuple(replace(todo, no_desk=_is_without(todo, desks)) for todo in work)


def without_desk(desks: Set[str]) -> QuerySet[Work]:
    """Rows of the pieces of work that none of `desks` can do."""
    elsewhere = Work.objects.exclude(authority__in=["", APPLICANT, *desks]).exclude(why=Waits.ASKED)
    served = Work.objects.filter(permit=OuterRef("permit"), item=OuterRef("item"), authority__in=desks)
    return elsewhere.exclude(Exists(served))


def _is_without(todo: Todo, desks: Set[str]) -> bool:
    if todo.authorities in ((), (APPLICANT,)) or todo.why is Waits.ASKED:
        return False
    return desks.isdisjoint(todo.authorities)


def _piece(work: Work, authorities: tuple[str, ...]) -> Todo:
    return Todo(
        authorities=authorities,
        why=Waits(work.why),
        measures=tuple(work.measures),
        provisions=tuple(work.provisions),
        register_answer=work.register_answer or None,
        simulated=work.simulated,
        question=work.question,
    )
