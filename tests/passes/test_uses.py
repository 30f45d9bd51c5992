"""Counted use: one transaction, whatever happens in its middle, whoever else is at the counter."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.passes.scene import NOW

from twoparks.ledger.canonical import instant
from twoparks.ledger.keys import KeyPair, KeyPurpose
from twoparks.ledger.trust import Trust, TrustList, compromise, retire
from twoparks.passes.events import Known, read_events
from twoparks.passes.refusal import PassRefused
from twoparks.passes.uses import (
    AlreadyUsed,
    Consumed,
    SqliteUseStore,
    StoreUnreachable,
    Use,
    carried,
)

KEY = KeyPair.generate(KeyPurpose.GATE, "north", NOW - timedelta(days=9))
OTHER_KEY = KeyPair.generate(KeyPurpose.GATE, "north", NOW - timedelta(days=9))
LIST = TrustList("north", 1, 1, NOW, (KEY.public, OTHER_KEY.public))
TRUST = Trust.of(LIST)
GATE = Known("gate-a", KEY.kid)
EVENT = {"kind": "gate.passed", "at": instant(NOW)}
USE = Use("u-1", "sz-26-7kq2m9xd", 1, "exit:1-2", 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "group.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteUseStore]:
    made = SqliteUseStore(path, "gate-a", KEY)
    yield made
    made.close()


def envelopes(store: SqliteUseStore) -> list[bytes]:
    return [event.envelope for event in store.events_after(0)]


def test_a_use_is_taken_with_its_event(store: SqliteUseStore) -> None:
    taken = store.consume(USE, EVENT)
    assert isinstance(taken, Consumed)
    assert store.earlier(USE.permit, USE.leg) == (taken.event,)


def test_a_second_use_of_a_single_permit_is_refused_with_the_first(store: SqliteUseStore) -> None:
    first = store.consume(USE, EVENT)
    assert isinstance(first, Consumed)
    assert store.consume(replace(USE, use_id="u-2"), EVENT) == AlreadyUsed("already_used", (first.event,))


def test_two_lanes_together_take_no_more_than_the_terms_allow(store: SqliteUseStore) -> None:
    event = {**EVENT, "observed": {"items": [{"line": 1, "quantity": 60}]}}
    three = replace(USE, allowed=3, taking={1: 60}, limits={1: 100})
    first = store.consume(three, event)
    assert isinstance(first, Consumed)
    second = store.consume(replace(three, use_id="u-2"), event)
    assert second == AlreadyUsed("quantity_exceeds", (first.event,))


def carry(store: SqliteUseStore, number: int, quantity: int) -> None:
    """One passage of a permit that is not counted, with so much of line 1."""
    event = {**EVENT, "observed": {"items": [{"line": 1, "quantity": quantity}]}}
    use = replace(USE, use_id=f"u-{number}", allowed=0, taking={1: quantity}, limits={1: 1000})
    assert isinstance(store.consume(use, event), Consumed)


def test_the_sums_kept_are_those_of_the_events(path: Path, store: SqliteUseStore) -> None:
    other = SqliteUseStore(path, "gate-b", OTHER_KEY)
    for number, quantity in enumerate((3, 0, 4, 5)):
        carry((store, other)[number % 2], number, quantity)
        assert store.carried(USE.permit, USE.leg) == carried(store.earlier(USE.permit, USE.leg))
    assert other.carried(USE.permit, USE.leg)[1] == 12
    other.close()


def test_a_store_written_before_sums_were_kept_adds_its_events_up(path: Path, store: SqliteUseStore) -> None:
    for number in range(3):
        carry(store, number, 2)
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM carried")
    assert store.carried(USE.permit, USE.leg)[1] == 6
    carry(store, 3, 2)
    assert store.carried(USE.permit, USE.leg)[1] == 8


def test_a_store_that_keeps_sums_reads_no_event_to_let_the_next_one_pass(
    store: SqliteUseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry(store, 0, 2)
    monkeypatch.setattr(store, "earlier", lambda *_asked: pytest.fail("an event was read"))
    carry(store, 1, 2)


def test_a_refused_use_writes_no_event(store: SqliteUseStore) -> None:
    store.consume(USE, EVENT)
    store.consume(replace(USE, use_id="u-2"), EVENT)
    assert len(store.events_after(0)) == 1


def test_the_same_presentation_again_answers_as_before(store: SqliteUseStore) -> None:
    first = store.consume(USE, EVENT)
    again = store.consume(USE, {"kind": "anything", "at": instant(NOW)})
    assert isinstance(first, Consumed)
    assert again == Consumed(first.event, repeated=True)


def test_a_presentations_id_cannot_stand_for_another_permit(store: SqliteUseStore) -> None:
    store.consume(USE, EVENT)
    with pytest.raises(PassRefused) as caught:
        store.consume(replace(USE, permit="other"), EVENT)
    assert caught.value.refusal.code == "use_id_taken"


def test_a_permit_counted_to_three_is_taken_three_times(store: SqliteUseStore) -> None:
    answers = [store.consume(replace(USE, use_id=f"u-{n}", allowed=3), EVENT) for n in range(4)]
    assert [type(answer) for answer in answers] == [Consumed, Consumed, Consumed, AlreadyUsed]


def test_a_new_version_of_a_permit_does_not_give_a_used_permit_back(store: SqliteUseStore) -> None:
    store.consume(USE, EVENT)
    assert isinstance(store.consume(replace(USE, use_id="u-2", version=2), EVENT), AlreadyUsed)


def test_the_legs_of_a_permit_are_counted_apart(store: SqliteUseStore) -> None:
    store.consume(USE, EVENT)
    assert isinstance(store.consume(replace(USE, use_id="u-2", leg="entry:1-2"), EVENT), Consumed)


def test_a_permit_that_is_not_counted_passes_any_time(store: SqliteUseStore) -> None:
    answers = [store.consume(replace(USE, use_id=f"u-{n}", allowed=0), EVENT) for n in range(5)]
    assert all(isinstance(answer, Consumed) for answer in answers)


def test_a_moving_code_shown_twice_in_its_half_minute_is_refused(store: SqliteUseStore) -> None:
    store.consume(replace(USE, allowed=0, holder_step=77), EVENT)
    again = store.consume(replace(USE, use_id="u-2", allowed=0, holder_step=77), EVENT)
    assert isinstance(again, AlreadyUsed)
    assert again.reason == "holder_replayed"


def test_the_next_moving_code_passes(store: SqliteUseStore) -> None:
    store.consume(replace(USE, allowed=0, holder_step=77), EVENT)
    assert isinstance(store.consume(replace(USE, use_id="u-2", allowed=0, holder_step=78), EVENT), Consumed)


def test_lanes_of_a_group_share_the_count(path: Path, store: SqliteUseStore) -> None:
    other = SqliteUseStore(path, "gate-b", OTHER_KEY)
    store.consume(USE, EVENT)
    assert isinstance(other.consume(replace(USE, use_id="u-2"), EVENT), AlreadyUsed)


def test_each_lane_numbers_its_own_events(path: Path, store: SqliteUseStore) -> None:
    other = SqliteUseStore(path, "gate-b", OTHER_KEY)
    numbers = [lane.record(EVENT).n for lane in (store, other, store, other, other)]
    assert numbers == [1, 1, 2, 2, 3]


def test_eight_lanes_at_once_take_a_single_use_once(path: Path) -> None:
    def lane(n: int) -> object:
        return SqliteUseStore(path, f"gate-{n}", KEY).consume(replace(USE, use_id=f"u-{n}"), EVENT)

    with ThreadPoolExecutor(8) as lanes:
        answers = list(lanes.map(lane, range(8)))
    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyUsed"] * 7 + ["Consumed"]


class BusyOnce(sqlite3.Connection):
    """A file whose switch to write-ahead logging is refused once, as SQLite does while another lane opens it."""

    refused = False

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        if "journal_mode" in statement and not self.refused:
            self.refused = True
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error
        return super().execute(statement, *values)


def test_a_lane_that_opens_a_new_store_waits_for_another_that_does(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=BusyOnce))
    assert isinstance(SqliteUseStore(path, "gate-a", KEY).consume(USE, EVENT), Consumed)


def test_a_store_survives_being_closed(path: Path, store: SqliteUseStore) -> None:
    store.consume(USE, EVENT)
    store.close()
    assert isinstance(
        SqliteUseStore(path, "gate-a", KEY).consume(replace(USE, use_id="u-2"), EVENT), AlreadyUsed
    )


def test_a_store_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable):
        SqliteUseStore(tmp_path / "no folder" / "x", "gate-a", KEY)


def test_a_file_that_is_no_store_says_so(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreUnreachable):
        SqliteUseStore(path, "gate-a", KEY)


def test_a_key_of_another_purpose_cannot_sign_gate_events(path: Path) -> None:
    with pytest.raises(PassRefused):
        SqliteUseStore(path, "gate-a", KeyPair.generate(KeyPurpose.ACTS, "north", NOW))


CHILD = """
    import os, signal, sys
    from pathlib import Path
    sys.path.insert(0, {root!r})
    from tests.passes.test_uses import EVENT, USE
    from twoparks.ledger.keys import KeyPair
    from twoparks.passes.uses import SqliteUseStore

    store = SqliteUseStore(Path({path!r}), "gate-a", KeyPair.load(Path({key!r})))
    left = {statements}

    def count(statement):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    store._db.set_trace_callback(count)
    store.consume(USE, EVENT)
    store._db.set_trace_callback(None)
    print("done", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(path: Path, key: Path, statements: int) -> bool:
    """Consume in another process that dies before its n-th statement (or after all); whether it finished."""
    root = str(Path(__file__).parents[2])
    code = textwrap.dedent(CHILD.format(root=root, path=str(path), key=str(key), statements=statements))
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    return "done" in ended.stdout


def test_a_gate_killed_before_any_statement_has_taken_all_or_nothing(tmp_path: Path) -> None:
    KEY.save(tmp_path / "key")
    finished, statements = False, 0
    while not finished:
        path = tmp_path / f"group-{statements}.sqlite3"
        finished = killed(path, tmp_path / "key", statements)
        store = SqliteUseStore(path, "gate-a", KEY)
        assert len(store.earlier(USE.permit, USE.leg)) == len(store.events_after(0)) == int(finished)
        assert isinstance(store.consume(USE, EVENT), Consumed)  # the retry of the same presentation
        assert isinstance(store.consume(replace(USE, use_id="u-2"), EVENT), AlreadyUsed)
        assert len(read_events(envelopes(store), GATE, TRUST)[0]) == 1
        statements += 1
    assert statements > 5, "the gate was killed between the statements of its transaction"


class TestHandingOver:
    """The node reads what a gate hands over."""

    @pytest.fixture
    def raws(self, store: SqliteUseStore) -> list[bytes]:
        for n in range(4):
            store.record({**EVENT, "note": n})
        return envelopes(store)

    def code_of(self, act: Callable[[], Any]) -> str:
        with pytest.raises(PassRefused) as caught:
            act()
        return caught.value.refusal.code

    def test_all_events_are_read_in_order(self, raws: list[bytes]) -> None:
        acts, known = read_events(raws, GATE, TRUST)
        assert ([act["note"] for act in acts], known.n) == ([0, 1, 2, 3], 4)

    def test_reading_goes_on_where_it_stopped(self, raws: list[bytes]) -> None:
        _, known = read_events(raws[:2], GATE, TRUST)
        acts, _ = read_events(raws[2:], known, TRUST)
        assert [act["n"] for act in acts] == [3, 4]

    def test_a_missing_event_is_found(self, raws: list[bytes]) -> None:
        assert self.code_of(lambda: read_events([raws[0], raws[2]], GATE, TRUST)) == "event_gap"

    def test_an_event_handed_over_twice_is_found(self, raws: list[bytes]) -> None:
        assert self.code_of(lambda: read_events([raws[0], raws[0]], GATE, TRUST)) == "event_gap"

    def test_an_altered_event_is_found(self, raws: list[bytes]) -> None:
        altered = raws[1].replace(b'"note":1', b'"note":9')
        assert self.code_of(lambda: read_events([raws[0], altered], GATE, TRUST)) == "event_signature"

    def test_a_past_written_again_is_found(self, raws: list[bytes], tmp_path: Path) -> None:
        _, known = read_events(raws[:2], GATE, TRUST)
        again = SqliteUseStore(tmp_path / "again.sqlite3", "gate-a", KEY)
        for n in range(3):
            again.record({**EVENT, "note": n + 10})
        assert self.code_of(lambda: read_events(envelopes(again)[2:], known, TRUST)) == "event_chain"

    def test_another_gates_event_is_found(self, path: Path, raws: list[bytes]) -> None:
        other = SqliteUseStore(path, "gate-b", OTHER_KEY)
        other.record(EVENT)
        assert self.code_of(lambda: read_events(envelopes(other), GATE, TRUST)) == "event_other_gate"

    def test_another_gates_event_under_this_gates_key_is_found(self, path: Path, raws: list[bytes]) -> None:
        other = SqliteUseStore(path, "gate-b", KEY)
        other.record(EVENT)
        assert self.code_of(lambda: read_events(envelopes(other), GATE, TRUST)) == "event_other_gate"

    def test_this_gates_event_by_another_gates_key_is_found(self, tmp_path: Path) -> None:
        other = SqliteUseStore(tmp_path / "other.sqlite3", "gate-a", OTHER_KEY)
        other.record(EVENT)
        assert self.code_of(lambda: read_events(envelopes(other), GATE, TRUST)) == "event_other_gate"

    def test_a_gate_cut_off_hands_over_nothing_dated_after(self, raws: list[bytes]) -> None:
        trust = Trust.of(retire(LIST, KEY.kid, NOW))
        assert self.code_of(lambda: read_events(raws, GATE, trust)) == "event_signature"

    def test_a_stolen_gates_events_are_refused(self, raws: list[bytes]) -> None:
        trust = Trust.of(compromise(LIST, KEY.kid, NOW + timedelta(hours=1)))
        assert self.code_of(lambda: read_events(raws, GATE, trust)) == "event_signature"


def test_the_store_waits_for_the_disk_at_each_commit(store: SqliteUseStore, path: Path) -> None:
    settings = [store._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")]
    assert settings == [2, "wal"]


def test_a_busy_store_takes_nothing(path: Path, store: SqliteUseStore) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store._db.execute("PRAGMA busy_timeout = 0")
    with pytest.raises(StoreUnreachable):
        store.consume(USE, EVENT)
    other.execute("ROLLBACK")
    assert store.events_after(0) == []
