"""The demonstration's history is a real record: whole at both parks, the same each time, and loaded once or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override
from tests.two_nodes import START

from twoparks.crossings import queries
from twoparks.crossings.models import CrossingRow, GateEvent
from twoparks.federation.audit import audit_node
from twoparks.federation.models import Act, Checkpoint, Incident, Outgoing
from twoparks.federation.queries import acts_of
from twoparks.permits.actions import rebuild
from twoparks.permits.models import PermitRow
from twoparks.permits.standing import figures
from twoparks.permits.types import Status
from twoparks.pilots import trial_law
from twoparks.pilots.figures import figures as trial_figures
from twoparks.pilots.models import TrialCase, TrialRow
from twoparks.registry.models import Organisation, Person, User
from twoparks.registry.phrases import phrase
from twoparks.registry.zone import zone
from twoparks.site.demonstration import history
from twoparks.site.demonstration.history import COURSES
from twoparks.site.demonstration.stage import Side, Stage, in_memory, introduce, nodes_in

pytestmark = pytest.mark.one_database
PARKS = ("sz", "hk")
SCRIPT = tuple(history.entries(history.read()))
ONE_OF_EACH = {course: next(e.number for e in SCRIPT if e.course == course) for course in COURSES} | {
    "commutes": max((e for e in SCRIPT if e.course == "commutes"), key=lambda e: e.days).number
}
OF_THE_TRIAL = {e.number for e in SCRIPT if e.row.get("what") == "listed_samples"}
FEW = {e.number for e in SCRIPT if e.course in {"waits_for_first", "withdrawn"}}


def _played(folder: Path, numbers: set[int]) -> Stage:
    since = START - history.LENGTH
    sides = {park: Side(node, in_memory()) for park, node in nodes_in(folder).items()}
    introduce(sides, since)
    stage = Stage(sides, since)
    history.play(stage, chosen=lambda entry: entry.number in numbers)
    return stage


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Stage]:
    """Both parks after two months in which each course ran once, and all the cases of the trial that was stopped."""
    with django_db_blocker.unblock():
        yield _played(tmp_path_factory.mktemp("played"), {*ONE_OF_EACH.values(), *OF_THE_TRIAL})


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """The folder of a machine on which a history of a few cases was installed."""
    var = tmp_path_factory.mktemp("installed") / "var"
    with django_db_blocker.unblock():
        assert history.install(var, START, chosen=lambda entry: entry.number in FEW)
    return var


def _databases(var: Path) -> dict[str, bytes]:
    return {park: (var / park / "db.sqlite3").read_bytes() for park in PARKS}


def test_every_course_is_told_by_some_case() -> None:
    assert {entry.course for entry in SCRIPT} == set(COURSES)


@pytest.mark.parametrize("park", PARKS)
def test_the_log_is_whole(played: Stage, park: str) -> None:
    with played.at(park):
        audit = audit_node(played.now)
    assert (audit.whole, audit.findings) == (True, ())


@pytest.mark.parametrize("park", PARKS)
def test_every_checkpoint_is_cosigned_and_the_newest_covers_the_log(played: Stage, park: str) -> None:
    with played.at(park):
        assert not Checkpoint.objects.filter(cosigned_at=None).exists()
        newest = Checkpoint.objects.order_by("-size").values_list("size", flat=True)[0]
        assert newest == Act.objects.count()


@pytest.mark.parametrize("park", PARKS)
def test_nothing_is_on_its_way_and_nothing_was_refused(played: Stage, park: str) -> None:
    with played.at(park):
        on_its_way = Outgoing.objects.filter(delivered_at=None).count()
        waiting = GateEvent.objects.filter(waits=True).count()
        assert (on_its_way, waiting, Incident.objects.count()) == (0, 0, 0)


def test_both_parks_show_the_same_permits_in_the_same_state(played: Stage) -> None:
    shown = []
    for park in PARKS:
        with played.at(park):
            shown.append(dict(PermitRow.objects.values_list("id", "status")))
    assert shown[0] == shown[1]


def test_both_parks_show_the_same_crossings(played: Stage) -> None:
    shown = []
    for park in PARKS:
        with played.at(park):
            shown.append(sorted(CrossingRow.objects.values_list("id", "state", "recorded", "open_code")))
    assert shown[0] == shown[1]


@pytest.mark.parametrize("park", PARKS)
def test_making_the_lists_again_changes_nothing(played: Stage, park: str) -> None:
    with played.at(park):
        assert rebuild() == 0


def test_every_status_that_lasts_is_there(played: Stage) -> None:
    with played.at("hk"):
        shown = {status for status, n in figures(played.now).by_status.items() if n}
    assert shown == set(Status) - {Status.DECLARED}  # declared lasts until the other park has answered


def test_every_kind_of_discrepancy_was_recorded(played: Stage) -> None:
    with played.at("sz"):
        recorded = " ".join(CrossingRow.objects.values_list("recorded", flat=True)).split()
    assert set(recorded) == {"short", "over", "overdue", "unannounced"}


def test_some_discrepancies_wait_to_be_explained(played: Stage) -> None:
    with played.at("sz"):
        open_ones = set(CrossingRow.objects.exclude(open_code="").values_list("open_code", flat=True))
    assert open_ones == {"short", "overdue"}


def test_a_gate_let_through_referred_and_turned_back(played: Stage) -> None:
    kinds: set[str] = set()
    for park in PARKS:
        with played.at(park):
            kinds |= set(GateEvent.objects.values_list("kind", flat=True))
    assert kinds == {"gate.passed", "gate.referred", "gate.refused"}


def test_commuters_went_out_and_came_back_and_one_by_a_way_no_gate_saw(played: Stage) -> None:
    with played.at("hk"):
        walked = PermitRow.objects.filter(flow="personnel").values_list("id", flat=True)
        states = set(CrossingRow.objects.filter(permit__in=list(walked)).values_list("state", flat=True))
    assert states >= {"reconciled", "declared"}


@pytest.mark.parametrize("park", PARKS)
def test_one_trial_was_stopped_by_its_rule_and_reported_one_is_in_shadow_one_waits(
    played: Stage, park: str
) -> None:
    with played.at(park):
        stages = dict(TrialRow.objects.values_list("stage", "stopped_why"))
        shadow = TrialRow.objects.get(stage="agreed")
        assert stages == {"reported": "stop_rule", "agreed": "", "filed": ""}
        assert shadow.shadow_at <= played.now < shadow.live_at


def test_the_shadow_run_shows_what_the_law_on_trial_would_ask_otherwise(played: Stage) -> None:
    with played.at("hk"):
        shadow = TrialRow.objects.get(stage="agreed")
        cases = TrialCase.objects.filter(trial=shadow.pk)
        assert not cases.filter(live=True).exists()
        assert any("TRIAL-WL-3" in case.provisions for case in cases)


def test_both_parks_count_the_same_of_each_trial(played: Stage) -> None:
    counted = []
    for park in PARKS:
        with played.at(park):
            numbers = TrialRow.objects.order_by("id").values_list("id", flat=True)
            trials = [trial_law.trial_of(number) for number in numbers]
            counted.append([trial_figures(trial).as_json() for trial in trials if trial is not None])
    assert len(counted[0]) == 3
    assert counted[0] == counted[1]


def test_participants_were_decided_under_the_trial_while_it_ran_and_by_the_ordinary_law_before_and_after(
    played: Stage,
) -> None:
    with played.at("hk"):
        ran = TrialRow.objects.get(stage="reported")
        live = TrialCase.objects.filter(trial=ran.pk, live=True).values_list("permit", flat=True)
        rows = PermitRow.objects.filter(project__in=("sz-j-control-sera", "sz-j-cell-controls"))
        under = {row.id for row in rows if ran.live_at <= row.declared_at <= ran.stopped_at}
        assert under
        assert set(live) == under < {row.id for row in rows}


def test_a_commuter_released_a_month_with_days_in_it(played: Stage) -> None:
    with played.at("sz"):
        people = Person.objects.exclude(counts_released=[])
        (told,) = queries.released(people, played.now)
        assert any(month.days for month in told.months)


def _written(played: Stage) -> set[str]:
    """What people of the history wrote by hand: reasons, questions, explanations, goods."""
    found: set[str] = set()
    for park in PARKS:
        with played.at(park):
            for act in acts_of("permit.declared", "permit.decided", "permit.refused", "permit.revoked"):
                items = act.body.get("declaration", {}).get("items", ())
                found |= {item["description"] for item in items} | {act.body.get("reasons", "")}
            found |= {act.body["explanation"] for act in acts_of("crossing.discrepancy_closed")}
            found |= {act.body["reasons"] for act in acts_of("trial.authority_agreed")}
    return found - {""}


@pytest.mark.parametrize("language", ["zh-hant", "zh-hans"])
def test_whatever_was_written_by_hand_is_read_in_chinese(played: Stage, language: str) -> None:
    written = _written(played)
    assert len(written) > 15
    with override(language):
        assert {text for text in written if phrase(text) == text} == set()


@pytest.mark.parametrize("park", PARKS)
def test_no_act_is_of_the_future_and_the_first_is_two_months_old(played: Stage, park: str) -> None:
    with played.at(park):
        times = Act.objects.values_list("at", flat=True)
        assert max(times) <= played.now
        assert min(times) < START - timedelta(days=55)


def test_some_forty_organisations_and_four_hundred_people_all_marked_fictitious(played: Stage) -> None:
    people = 0
    for park in PARKS:
        with played.at(park):
            people += User.objects.filter(fictitious=True).count()
            assert not User.objects.filter(fictitious=False).exists()
            assert not Organisation.objects.filter(fictitious=False).exists()
            assert Organisation.objects.count() == 41
    assert people >= 400


def test_people_of_the_history_cannot_sign_in(played: Stage) -> None:
    with played.at("sz"):
        named = {account.username for account in history.demonstration.accounts("sz")}
        able = {u.username for u in User.objects.all() if u.has_usable_password()}
    assert able == named


def test_the_same_story_is_told_each_time(tmp_path: Path, django_db_blocker: Any) -> None:
    told = []
    with django_db_blocker.unblock():
        for name in ("first", "second"):
            stage = _played(tmp_path / name, FEW)
            with stage.at("sz"):
                told.append(list(PermitRow.objects.order_by("id").values_list("id", "status", "declared_at")))
    assert told[0] == told[1]


def test_a_fresh_machine_gets_both_parks_and_nothing_else_is_left(installed: Path) -> None:
    assert {p.name for p in installed.iterdir() if p.is_dir()} == set(PARKS)


def test_where_parks_are_already_nothing_is_played(installed: Path) -> None:
    before = _databases(installed)
    assert history.install(installed, START) is False
    assert _databases(installed) == before


def test_killed_while_moving_in_the_rest_moves_in_at_the_next_start(installed: Path, tmp_path: Path) -> None:
    var = tmp_path / "var"
    shutil.copytree(installed, var)
    (var / history.PLAYED_IN).mkdir()
    (var / "hk").rename(var / history.PLAYED_IN / "hk")
    (var / history.PLAYED_IN / history.WHOLE).touch()
    assert history.install(var, START) is True
    assert _databases(var) == _databases(installed)
    assert not (var / history.PLAYED_IN).exists()


def test_killed_while_playing_it_begins_anew(tmp_path: Path, django_db_blocker: Any) -> None:
    half = tmp_path / "var" / history.PLAYED_IN / "sz"
    half.mkdir(parents=True)
    (half / "db.sqlite3").write_bytes(b"half of a database")
    with django_db_blocker.unblock():
        assert history.install(tmp_path / "var", START, chosen=lambda entry: False)
    assert _databases(tmp_path / "var")["sz"].startswith(b"SQLite format 3")


def test_every_park_of_the_zone_has_its_projects_in_the_script() -> None:
    assert set(history.read()["projects"]) == set(zone().parks)
