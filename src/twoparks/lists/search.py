"""The index of words: kept by actions in their transaction, read by lists. Native to each database, the same answers from both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL

from twoparks.lists.folding import asked_words, kept_words
from twoparks.lists.models import SearchText
from twoparks.lists.types import Rows

RARE = (
    5_000  # up to so many matches are listed by the index; more are met soon enough by reading along in order
)
SQLITE = "SELECT rowid FROM lists_searchtext_words WHERE lists_searchtext_words MATCH %s"


class _Having(Func):
    """PostgreSQL: the folded words as lexemes against a query; the migration's index is on the same expression."""

    template = "(array_to_tsvector(string_to_array(btrim(%(expressions)s)::tsquery)"
    arg_joiner = "), ' ')) @@ ("
    output_field = BooleanField()  # type: ignore[assignment]  # the stubs know only the property


def keep(kind: str, key: str, texts: Iterable[str]) -> None:
    """Let `key` be found by every word of `texts`; writes only what changed."""
    words = kept_words(texts)
    row, made = SearchText.objects.get_or_create(kind=kind, key=key, defaults={"search": words})
    if not made and row.search != words:
        row.search = words
        row.save(update_fields=["search"])


def matching(kind: str, typed: str) -> QuerySet[SearchText]:
    """Everything of that kind in which each word typed begins a word, by the index; nothing when no word was typed."""
    words = asked_words(typed)
    found = SearchText.objects.filter(kind=kind)
    if not words:
        return found.none()
    if connection.vendor == "sqlite":
        return found.filter(id__in=RawSQL(SQLITE, [_for_sqlite(words)]))  # noqa: S611  # the words are an argument
    return found.filter(_Having(F("search"), Value(" & ".join(f"'{word}':*" for word in words))))


def is_rare(kind: str, typed: str) -> bool:
    """Whether so few things are found by these words that the index may list them all; looks no further than that."""
    if connection.vendor != "sqlite":
        return matching(kind, typed)[: RARE + 1].count() <= RARE
    with connection.cursor() as cursor:
        said = [_for_sqlite(asked_words(typed)), RARE + 1]
        cursor.execute(f"SELECT COUNT(*) FROM ({SQLITE} LIMIT %s)", said)  # noqa: S608  # names of our own
        return bool(cursor.fetchone()[0] <= RARE)


def _for_sqlite(words: Sequence[str]) -> str:
    return " ".join(f'"{word}"*' for word in words)


def narrow(rows: Rows, kind: str, typed: str, key: str = "pk") -> Rows:
    """The rows whose `key` is found by `typed`. Bounded: rare words by the index, common ones by reading along."""
    if is_rare(kind, typed):
        return rows.filter(**{f"{key}__in": matching(kind, typed).values("key")})
    here = SearchText.objects.filter(kind=kind, key=OuterRef(key))
    return rows.filter(Exists(here.filter(_reads(asked_words(typed)))))


def _reads(words: Sequence[str]) -> Q:
    said = Q()
    for word in words:
        said &= Q(search__contains=f" {word}")
    return said


def forget_all(kind: str) -> None:
    """Empty the index of one kind, before it is made again."""
    SearchText.objects.filter(kind=kind).delete()


def held(kind: str) -> dict[str, Any]:
    """Words by key, to compare before and after a rebuild."""
    return dict(SearchText.objects.filter(kind=kind).values_list("key", "search"))
