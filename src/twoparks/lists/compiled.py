"""Queries asked many times for every act: compiled once for each database engine, then asked with other values.

Building a query through the ORM costs several times what the database needs to answer a short one.

    _LENGTH = Compiled(lambda stream: Act.objects.filter(stream=stream).values_list("number"))
    rows = _LENGTH("sz-26-7kq2m9xd")
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Expression, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = tuple[Any, ...]


@dataclass(frozen=True)
class _Place:
    """Where the value of one parameter goes."""

    number: int


class _Parameter(Expression):
    """Stands in a query for a value given when it is asked."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        """A place for the value."""
        return "%s", [_Place(self.number)]


@dataclass(frozen=True)
class _Text:
    sql: str
    values: tuple[Any, ...]  # as they are, or a `_Place`
    converted: dict[int, Any]  # columns that are not as the engine gives them, by position

    def asked(self, values: tuple[Any, ...]) -> list[Row]:
        given = [values[v.number] if isinstance(v, _Place) else v for v in self.values]
        for place, value in enumerate(given):
            if isinstance(value, datetime):
                given[place] = connection.ops.adapt_datetimefield_value(value)
        with connection.cursor() as cursor:
            cursor.execute(self.sql, given)
            found: list[Row] = cursor.fetchall()
        return self._read(found) if self.converted and found else found

    def _read(self, found: list[Row]) -> list[Row]:
        rows = [list(row) for row in found]
        for place, column in self.converted.items():
            for convert in _converters(column):
                for row in rows:
                    row[place] = convert(row[place], column, connection)
        return [tuple(row) for row in rows]


def _converters(column: Any) -> list[Any]:
    return [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]


class Compiled:
    """A query of columns (`values_list`) whose values are the parameters of `build`, in their order.

    A parameter stands for one text, number, bytes or instant; never for None or for several.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._texts: dict[str, _Text] = {}

    def __call__(self, *values: Any) -> list[Row]:
        """The rows for these values."""
        text = self._texts.get(connection.vendor)
        if text is None:
            text = self._texts[connection.vendor] = self._text()
        return text.asked(values)

    def first(self, *values: Any) -> Row | None:
        """The first row for these values, or None."""
        return next(iter(self(*values)), None)

    def _text(self) -> _Text:
        places = [_Parameter(number) for number in range(len(inspect.signature(self._build).parameters))]
        compiler = self._build(*places).query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        columns = [column for column, _sql, _alias in compiler.select[: compiler.col_count]]
        converted = {place: column for place, column in enumerate(columns) if _converters(column)}
        return _Text(sql, tuple(values), converted)
