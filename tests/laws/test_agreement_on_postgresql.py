"""PostgreSQL, where the suite has one, says of the cases of the packs what a determination says."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest
from tests.laws.agreement import PostgreSQL, by_point, by_sql
from tests.laws.test_agreement_laws import FLOWS, by_law, zone

URL = os.environ.get("TWOPARKS_DATABASE_URL", "")

pytestmark = pytest.mark.skipif(not URL.startswith("postgresql"), reason="the suite runs on another database")


@pytest.fixture(scope="module")
def base() -> Iterator[PostgreSQL]:
    with psycopg.connect(URL, autocommit=True) as connection:
        yield PostgreSQL(connection)


@pytest.mark.parametrize("flow", FLOWS)
def test_postgresql_says_of_pack_cases_what_a_determination_says(flow: str, base: PostgreSQL) -> None:
    groups = by_law(flow)
    assert by_sql(zone(), groups, base) == [by_point(zone(), *group) for group in groups]
