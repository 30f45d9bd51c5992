"""The index of words: kept by actions in their transaction, read by lists. Native to each database, the same answers from both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value

from twoparks.lists.compiled import Compiled
from twoparks.lists.folding import asked_words, kept_words
from twoparks.lists.models import SearchText
from twoparks.lists.types import Rows

RARE = (
    5_000  # up to so many matches are listed by the index; more are met soon enough by reading along in order
)
SQLITE = "SELECT rowid FROM lists_searchtext_words WHERE lists_searchtext_words MATCH %s LIMIT %s"


_KEPT = Compiled(lambda kind, key: SearchText.objects.filter(kind=kind, key=key).values_list("search"))


class _Having(Func):
    """PostgreSQL: the folded words as lexemes against a query; the migration's index is on the same expression."""

    template = "(array_to_tsvector(string_to_array(btrim(%(expressions)s)::tsquery)"
    arg_joiner = "), ' ')) @@ ("
    output_field = BooleanField()  # type: ignore[assignment]  # the stubs know only the property


def keep(kind: str, key: str, texts: Iterable[str]) -> None:
    """Let `key` be found by every word of `texts`; writes only what changed."""
    words = kept_words(texts)
    row = _KEPT.first(kind, key)
    if row is None:
        SearchText.objects.get_or_create(kind=kind, key=key, defaults={"search": words})
    elif row[0] != words:
        SearchText.objects.filter(kind=kind, key=key).update(search=words)


def few(kind: str, typed: str) -> list[str] | None:
    """Keys of the things in which each word typed begins a word, by the index; None when there are too many to list."""
    words = asked_words(typed)
    if connection.vendor != "sqlite":
        keys = (
            list(lexemes(words).filter(kind=kind).values_list("key", flat=True)[: RARE + 1]) if words else []
        )
        return keys if len(keys) <= RARE else None
    asked = " ".join(f'"{word}"*' for word in words)
    with connection.cursor() as cursor:
        cursor.execute(SQLITE, [asked, RARE + 1])
        ids = [row[0] for row in cursor.fetchall()] if words else []
    if len(ids) > RARE:
        return None
    return list(SearchText.objects.filter(kind=kind, id__in=ids).values_list("key", flat=True))


def lexemes(words: Sequence[str]) -> QuerySet[SearchText]:
    """PostgreSQL: what its index finds, of every kind."""
    asked = " & ".join(f"'{word}':*" for word in words)
    return SearchText.objects.filter(_Having(F("search"), Value(asked)))


def narrow(rows: Rows, kind: str, typed: str, key: str = "pk") -> Rows:
    """The rows whose `key` is found by `typed`. Bounded: rare words by the index, common ones by reading along.

    Keys are fetched before they are used: told only that a word is sought, PostgreSQL takes it for a common one.
    """
    keys = few(kind, typed)
    if keys is not None:
        return rows.filter(**{f"{key}__in": keys})
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
