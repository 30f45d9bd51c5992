"""The page about the zone: every statement has a source, in three languages, and the figures fit together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from tests.site.conftest import Stage

from twoparks.registry.zone import LANGUAGES, zone
from twoparks.site.about import Fact, Facts, read_facts


@pytest.fixture
def facts() -> Facts:
    """What the file beside the zone file says."""
    return read_facts(Path(settings.TWOPARKS_ZONE_FILE).with_suffix(".facts.yaml"))


def _every(facts: Facts) -> Iterator[Fact]:
    for _park, said in facts.parks:
        yield from said
    yield from facts.phases
    for _point, fact in facts.control_points:
        yield fact
    for _flow, said in facts.flows:
        yield from said
    for _year, said in facts.aims:
        yield from said


def test_every_statement_is_given_in_three_languages(facts: Facts) -> None:
    assert [fact.says for fact in _every(facts) if set(fact.says) != set(LANGUAGES)] == []


def test_every_source_listed_is_used(facts: Facts) -> None:
    used = {fact.source.id for fact in _every(facts)} | {facts.uses_say.source.id}
    assert used == {source.id for source in facts.sources}


def test_shares_of_floor_area_make_a_whole(facts: Facts) -> None:
    assert (sum(use.percent for use in facts.uses), facts.gfa_m2) == (100, 1_000_000)


def test_each_share_is_that_part_of_the_floor_area(facts: Facts) -> None:
    assert all(use.gfa_m2 * 100 == use.percent * facts.gfa_m2 for use in facts.uses)


def test_every_crossing_point_of_the_zone_is_spoken_of(facts: Facts) -> None:
    assert {point.id for point, _fact in facts.control_points} == set(zone().control_points)


def test_anybody_can_read_it_without_signing_in(stage: Stage) -> None:
    page = stage.visit("hk", "/zone/")
    assert page.status == 200
    assert "520,000" in page.text


def test_the_front_page_leads_to_it(stage: Stage) -> None:
    assert 'href="/zone/"' in stage.visit("sz", "/").html


@pytest.mark.parametrize(("language", "words"), [("zh-hant", "香港園區"), ("zh-hans", "香港园区")])
def test_it_speaks_the_readers_language(stage: Stage, language: str, words: str) -> None:
    assert words in stage.visit("hk", "/zone/", **{"accept-language": language}).text
