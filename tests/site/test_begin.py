"""A newcomer finds where to begin, in a demonstration and nowhere else."""

from __future__ import annotations

import pytest
from django.test import override_settings
from tests.site.conftest import Stage

from twoparks.permits.types import Status


@override_settings(TWOPARKS_DEMONSTRATION="small")
def test_every_status_leads_to_the_list_of_its_permits(stage: Stage) -> None:
    page = stage.visit("hk", "/begin/").html
    assert [s for s in Status if f'href="/permits/?status={s}"' not in page] == []


@override_settings(TWOPARKS_DEMONSTRATION="small")
def test_a_story_leads_to_the_permits_of_its_project(stage: Stage) -> None:
    stage.story.declare()
    assert 'href="/permits/?project=sz-j-multicentre"' in stage.visit("sz", "/begin/").html


@override_settings(TWOPARKS_DEMONSTRATION="small")
def test_it_names_the_accounts_whose_password_was_told(stage: Stage) -> None:
    page = stage.visit("sz", "/begin/").text
    assert "sz-officer" in page
    assert "hk-officer" not in page


@override_settings(TWOPARKS_DEMONSTRATION="small")
def test_every_page_leads_there(stage: Stage) -> None:
    assert 'href="/begin/"' in stage.visit("hk", "/accounts/login/").html


@pytest.mark.parametrize("address", ["/", "/accounts/login/"])
def test_outside_a_demonstration_no_page_speaks_of_it(stage: Stage, address: str) -> None:
    assert "/begin/" not in stage.visit("hk", address).html


def test_outside_a_demonstration_there_is_no_such_page(stage: Stage) -> None:
    assert stage.visit("hk", "/begin/").status == 404
