"""The few words of SQL in which databases differ; sqlglot checks and lays out what is written with them."""

from __future__ import annotations

from collections.abc import Mapping

from .pack import PackError

_DAY_ONE = "DATE '1970-01-01'"

_WORDS: Mapping[str, Mapping[str, str]] = {
    "duckdb": {
        "NAME": '"{0}"',
        "UNKNOWN_BOOL": "CAST(NULL AS BOOLEAN)",
        "UNKNOWN_NUMBER": "CAST(NULL AS BIGINT)",
        "UNKNOWN_WORD": "CAST(NULL AS VARCHAR)",
        "LIST": "[{0}]",
        "BARRIER": "",
        "CONTAINS": "list_contains({0}, {1})",
        "DAY": f"(date_diff('day', {_DAY_ONE}, {{0}}) + 719163)",
        "MONTHS": f"(date_diff('day', {_DAY_ONE}, CAST({_DAY_ONE} + CAST({{0}} - 719163 AS INTEGER) + to_months(CAST({{1}} AS INTEGER)) AS DATE)) + 719163)",
        "FLOOR": "(({0} - (({0} % {1}) + {1}) % {1}) // {1})",
        "WIDE": "CAST({0} AS HUGEINT)",
        "AT": "list_extract({0}, CAST({1} AS BIGINT))",
        "NO_WORDS": "CAST([] AS VARCHAR[])",
        "UNKNOWN_WORDS": "CAST(NULL AS VARCHAR[])",
    },
    "postgres": {
        "NAME": '"{0}"',
        "UNKNOWN_BOOL": "CAST(NULL AS BOOLEAN)",
        "UNKNOWN_NUMBER": "CAST(NULL AS BIGINT)",
        "UNKNOWN_WORD": "CAST(NULL AS TEXT)",
        "LIST": "ARRAY[{0}]",
        "BARRIER": " OFFSET 0",
        "CONTAINS": "({1} = ANY({0}))",
        "DAY": f"(({{0}} - {_DAY_ONE}) + 719163)",
        "MONTHS": f"((CAST({_DAY_ONE} + CAST({{0}} - 719163 AS INTEGER) + make_interval(months => CAST({{1}} AS INTEGER)) AS DATE) - {_DAY_ONE}) + 719163)",
        "FLOOR": "DIV({0} - MOD(MOD({0}, {1}) + {1}, {1}), {1})",
        "WIDE": "CAST({0} AS NUMERIC)",
        "AT": "({0})[CAST({1} AS INTEGER)]",
        "NO_WORDS": "CAST(ARRAY[] AS TEXT[])",
        "UNKNOWN_WORDS": "CAST(NULL AS TEXT[])",
    },
    "spark": {
        "NAME": "`{0}`",
        "UNKNOWN_BOOL": "CAST(NULL AS BOOLEAN)",
        "UNKNOWN_NUMBER": "CAST(NULL AS BIGINT)",
        "UNKNOWN_WORD": "CAST(NULL AS STRING)",
        "LIST": "ARRAY({0})",
        "BARRIER": "",
        "CONTAINS": "ARRAY_CONTAINS({0}, {1})",
        "DAY": f"(DATEDIFF({{0}}, {_DAY_ONE}) + 719163)",
        "MONTHS": f"(DATEDIFF(ADD_MONTHS(DATE_ADD({_DAY_ONE}, CAST({{0}} - 719163 AS INT)), CAST({{1}} AS INT)), {_DAY_ONE}) + 719163)",
        "FLOOR": "CAST(({0} - PMOD({0}, {1})) / {1} AS DECIMAL(38, 0))",
        "WIDE": "CAST({0} AS DECIMAL(38, 0))",
        "AT": "ELEMENT_AT({0}, CAST({1} AS INT))",
        "NO_WORDS": "CAST(ARRAY() AS ARRAY<STRING>)",
        "UNKNOWN_WORDS": "CAST(NULL AS ARRAY<STRING>)",
    },
    "clickhouse": {
        "NAME": '"{0}"',
        "UNKNOWN_BOOL": "CAST(NULL AS Nullable(Bool))",
        "UNKNOWN_NUMBER": "CAST(NULL AS Nullable(Int64))",
        "UNKNOWN_WORD": "CAST(NULL AS Nullable(String))",
        "LIST": "[{0}]",
        "BARRIER": "",
        "CONTAINS": "has({0}, {1})",
        "DAY": "(dateDiff('day', toDate32('1970-01-01'), {0}) + 719163)",
        "MONTHS": "(dateDiff('day', toDate32('1970-01-01'), addMonths(addDays(toDate32('1970-01-01'), {0} - 719163), {1})) + 719163)",
        "FLOOR": "intDiv({0} - positiveModulo({0}, {1}), {1})",
        "WIDE": "CAST({0} AS Nullable(Int256))",
        "AT": "arrayElement({0}, {1})",
        "NO_WORDS": "CAST([] AS Array(String))",
        "UNKNOWN_WORDS": "CAST([] AS Array(String))",
    },
    "trino": {
        "NAME": '"{0}"',
        "UNKNOWN_BOOL": "CAST(NULL AS BOOLEAN)",
        "UNKNOWN_NUMBER": "CAST(NULL AS BIGINT)",
        "UNKNOWN_WORD": "CAST(NULL AS VARCHAR)",
        "LIST": "ARRAY[{0}]",
        "BARRIER": "",
        "CONTAINS": "CONTAINS({0}, {1})",
        "DAY": f"(DATE_DIFF('day', {_DAY_ONE}, {{0}}) + 719163)",
        "MONTHS": f"(DATE_DIFF('day', {_DAY_ONE}, DATE_ADD('month', CAST({{1}} AS INTEGER), DATE_ADD('day', CAST({{0}} - 719163 AS INTEGER), {_DAY_ONE}))) + 719163)",
        "FLOOR": "(({0} - MOD(MOD({0}, {1}) + {1}, {1})) / {1})",
        "WIDE": "CAST({0} AS DECIMAL(38, 0))",
        "AT": "ELEMENT_AT({0}, CAST({1} AS BIGINT))",
        "NO_WORDS": "CAST(ARRAY[] AS ARRAY(VARCHAR))",
        "UNKNOWN_WORDS": "CAST(NULL AS ARRAY(VARCHAR))",
    },
}
"""ClickHouse has no array that is NULL: there a set that is not stated counts as empty, so it is no place for open cases."""

DIALECTS = tuple(_WORDS)


def words(dialect: str) -> Mapping[str, str]:
    """The words of a dialect; PackError where it is none of those written.

    The barrier keeps PostgreSQL from writing each step's terms into the next as often as they are used.
    """
    if dialect not in _WORDS:
        raise PackError(f"{dialect!r} is not a dialect; accepted are {', '.join(DIALECTS)}")
    return _WORDS[dialect]


def laid_out(text: str, dialect: str) -> str:
    """The SELECT over many lines, once read as a whole in its dialect."""
    import sqlglot

    return sqlglot.parse_one(text, read=dialect).sql(dialect=dialect, pretty=True)
