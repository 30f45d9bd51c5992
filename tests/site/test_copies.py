"""A node is copied while it runs and put back: the log verifies, nothing forks, what both parks held comes back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from tests.story import EXIT, Story

from twoparks.crossings.actions import cut_off_gate, enrol_gate, reopen_store
from twoparks.federation import catching_up, keys, log
from twoparks.federation.audit import audit_node
from twoparks.federation.catching_up import LossDiffers, OtherLog, accept_loss, catch_up
from twoparks.federation.models import Act, Checkpoint, TreeNode
from twoparks.federation.queries import acts, incidents
from twoparks.federation.types import Actor, NewAct, NotCaughtUp, StreamId
from twoparks.federation.witness import sign_checkpoint
from twoparks.federation.worker import Worker
from twoparks.ledger.keys import KeyPurpose
from twoparks.permits import issued
from twoparks.permits.actions import revoke
from twoparks.permits.types import PermitId, Reasons
from twoparks.site.operations import backup
from twoparks.site.operations.copies import CopyRefused
from twoparks.site.operations.sealed import PassphraseRefused

WORDS = "four words nobody guesses"


@pytest.fixture
def story(tmp_path: Path, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    """Both parks with everybody in place; status lists, dated by the machine's clock, are not fetched."""
    monkeypatch.setattr("twoparks.federation.published._subscribers", {})
    with django_db_blocker.unblock():
        made = Story.open(tmp_path / "homes")
        try:
            yield made
        finally:
            with made.nodes.at("sz"):
                call_command("migrate", run_syncdb=True, verbosity=0)  # where the disaster was the end of it
            made.nodes.close()


def work(story: Story, *parks: str) -> None:
    """One turn of the workers."""
    for park in parks or ("sz", "hk"):
        with story.nodes.at(park):
            Worker(story.nodes.line(park), lambda: 0.0).tick(story.nodes.now)
    story.nodes.tick(11)


def cosigned(story: Story) -> int:
    """Let the other park cosign all there is; the size it then vouches for."""
    for _ in range(3):
        work(story)
    with story.nodes.at("sz"):
        newest = Checkpoint.objects.exclude(cosigned_at=None).latest("size")
        assert newest.size == log.size()
        return newest.size


def copied(story: Story, folder: Path, passphrase: str = WORDS) -> Path:
    """A copy of the first park as it is now."""
    with story.nodes.at("sz"):
        backup.make(folder, passphrase)
    return folder


def disaster(story: Story) -> None:
    """The first park's database and home are gone."""
    with story.nodes.at("sz") as node:
        shutil.rmtree(node.home)
        if connection.vendor == "sqlite":
            connection.close()
            side = story.nodes.sides["sz"].database
            side.connection.close() if side.connection is not None else None
            side.connection = None
        else:
            with connection.cursor() as cursor:
                cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def put_back(story: Story, folder: Path, passphrase: str = WORDS) -> None:
    """The first park is put back from the copy."""
    disaster(story)
    with story.nodes.at("sz"):
        backup.bring(folder, passphrase, story.nodes.now)


def noted(story: Story) -> None:
    """The first park tries to write one more act."""
    with story.nodes.at("sz"), transaction.atomic():
        from twoparks.federation.actions import record

        body = {"size": 0, "continues_at": 0, "brought_back": 0, "not_taken": 0}
        record(NewAct("log.restored", StreamId("sz-log"), body, Actor("node", "node")), story.nodes.now)


def forks(story: Story) -> list[str]:
    """What the second park holds against the first one's log."""
    with story.nodes.at("hk"):
        return [i.kind for i in incidents() if i.kind.startswith("peer_log")]


def whole(story: Story) -> list[str]:
    """Codes of the audit's findings at the first park, once no fault is among them."""
    with story.nodes.at("sz"):
        found = audit_node(story.nodes.now, story.nodes.line("sz"))
    assert found.whole, [finding.plain for finding in found.findings]
    return [finding.code for finding in found.findings]


def older_than_seen(story: Story, folder: Path) -> tuple[PermitId, int]:
    """The first park put back from a copy older than what the other one cosigned; a permit since, and the leaves lost."""
    story.declare()
    before = cosigned(story)
    copied(story, folder)
    permit = story.in_force()
    after = cosigned(story)
    put_back(story, folder)
    return permit, after - before


def test_a_copy_put_back_at_once_has_lost_nothing(story: Story, tmp_path: Path) -> None:
    permit = story.in_force()
    cosigned(story)
    put_back(story, copied(story, tmp_path / "copy"))
    with story.nodes.at("sz"):
        assert catch_up(story.nodes.line("sz"), story.nodes.now).done
    assert story.status("sz", permit) == "in_force"
    assert whole(story) == []


def test_nothing_is_recorded_before_the_node_has_caught_up(story: Story, tmp_path: Path) -> None:
    put_back(story, copied(story, tmp_path / "copy"))
    with pytest.raises(NotCaughtUp):
        noted(story)


def test_no_checkpoint_is_signed_and_no_status_list_published_before(story: Story, tmp_path: Path) -> None:
    put_back(story, copied(story, tmp_path / "copy"))
    with story.nodes.at("sz"):
        with pytest.raises(NotCaughtUp):
            sign_checkpoint(story.nodes.now)
        with pytest.raises(NotCaughtUp):
            issued.status_token(story.nodes.now)


def test_a_silent_peer_keeps_the_node_waiting(story: Story, tmp_path: Path) -> None:
    put_back(story, copied(story, tmp_path / "copy"))
    story.nodes.network.cut = True
    with story.nodes.at("sz"):
        assert catch_up(story.nodes.line("sz"), story.nodes.now).why == "peer_silent"
    with pytest.raises(NotCaughtUp):
        noted(story)


def test_a_loss_that_the_peer_cosigned_waits_for_an_officer(story: Story, tmp_path: Path) -> None:
    _permit, lost = older_than_seen(story, tmp_path / "copy")
    with story.nodes.at("sz"):
        found = catch_up(story.nodes.line("sz"), story.nodes.now)
    assert (found.why, found.lost) == ("loss_not_accepted", lost)
    with pytest.raises(NotCaughtUp):
        noted(story)


def test_a_copy_shows_nobody_its_older_checkpoint(story: Story, tmp_path: Path) -> None:
    older_than_seen(story, tmp_path / "copy")
    work(story)
    assert forks(story) == []


def test_an_officer_accepts_exactly_the_loss_there_is(story: Story, tmp_path: Path) -> None:
    _permit, lost = older_than_seen(story, tmp_path / "copy")
    with story.nodes.at("sz"), pytest.raises(LossDiffers):
        accept_loss(story.user("sz-officer"), lost - 1, story.nodes.line("sz"), story.nodes.now)


def test_an_older_copy_goes_on_after_what_the_peer_saw_and_never_forks(story: Story, tmp_path: Path) -> None:
    permit, lost = older_than_seen(story, tmp_path / "copy")
    with story.nodes.at("sz"):
        seen = accept_loss(story.user("sz-officer"), lost, story.nodes.line("sz"), story.nodes.now)
        assert seen.done
    noted(story)
    story.nodes.settle()
    cosigned(story)
    assert forks(story) == []
    assert whole(story) == ["leaves_lost"]
    assert story.status("sz", permit) == story.status("hk", permit) == "in_force"


def test_going_on_without_asking_would_have_forked(story: Story, tmp_path: Path) -> None:
    older_than_seen(story, tmp_path / "copy")
    with story.nodes.at("sz"):
        catching_up.Restoration.objects.update(ended_at=story.nodes.now)
    noted(story)
    work(story)
    work(story)
    assert forks(story) != []


def test_a_permit_that_came_back_crosses(story: Story, tmp_path: Path) -> None:
    permit, lost = older_than_seen(story, tmp_path / "copy")
    with story.nodes.at("sz"):
        accept_loss(story.user("sz-officer"), lost, story.nodes.line("sz"), story.nodes.now)
        cut_off_gate(None, EXIT, story.nodes.now)
        enrol_gate(None, EXIT, story.nodes.now)
        reopen_store(EXIT)
    story.cross(permit)
    assert story.status("hk", permit) == "completed"


def test_what_the_peer_revoked_meanwhile_is_revoked_here(story: Story, tmp_path: Path) -> None:
    permit = story.in_force()
    cosigned(story)
    copied(story, tmp_path / "copy")
    with story.nodes.at("hk"):
        revoke(
            story.user("hk-officer"), permit, Reasons("Found spoiled."), story.seen(permit), story.nodes.now
        )
    story.nodes.settle()
    before = cosigned(story)
    put_back(story, tmp_path / "copy")
    with story.nodes.at("sz"):
        lost = before - log.size()
        accept_loss(story.user("sz-officer"), lost, story.nodes.line("sz"), story.nodes.now)
    assert story.status("sz", permit) == "revoked"


def test_what_this_park_revoked_after_the_copy_stays_revoked(story: Story, tmp_path: Path) -> None:
    permit = story.in_force()
    cosigned(story)
    copied(story, tmp_path / "copy")
    with story.nodes.at("sz"):
        revoke(
            story.user("sz-officer"), permit, Reasons("Found spoiled."), story.seen(permit), story.nodes.now
        )
    story.nodes.settle()
    before = cosigned(story)
    put_back(story, tmp_path / "copy")
    with story.nodes.at("sz"):
        accept_loss(story.user("sz-officer"), before - log.size(), story.nodes.line("sz"), story.nodes.now)
        assert issued.StatusPlace.objects.get(permit=permit).ended


def test_acts_come_back_once_and_in_their_order(story: Story, tmp_path: Path) -> None:
    permit, lost = older_than_seen(story, tmp_path / "copy")
    with story.nodes.at("sz"):
        accept_loss(story.user("sz-officer"), lost, story.nodes.line("sz"), story.nodes.now)
        mine = [(a.park, a.seq) for a in acts(StreamId(permit)) if a.seq is not None]
    with story.nodes.at("hk"):
        theirs = [(a.park, a.seq) for a in acts(StreamId(permit)) if a.seq is not None]
    assert mine == theirs


def test_lists_are_as_their_acts_make_them_afterwards(story: Story, tmp_path: Path) -> None:
    from twoparks.permits.actions import rebuild

    _permit, lost = older_than_seen(story, tmp_path / "copy")
    with story.nodes.at("sz"):
        accept_loss(story.user("sz-officer"), lost, story.nodes.line("sz"), story.nodes.now)
        assert rebuild() == 0


def test_the_loss_and_who_accepted_it_stand_in_the_log(story: Story, tmp_path: Path) -> None:
    from twoparks.registry.pseudonyms import pseudonym

    _permit, lost = older_than_seen(story, tmp_path / "copy")
    with story.nodes.at("sz"):
        officer = story.user("sz-officer")
        accept_loss(officer, lost, story.nodes.line("sz"), story.nodes.now)
        act = log.stored(Act.objects.get(kind="log.restored"))
        assert act.body["continues_at"] - act.body["size"] == lost
        assert act.by.actor == pseudonym(officer)


def test_a_copy_of_another_log_is_never_gone_on_with(story: Story, tmp_path: Path) -> None:
    story.declare()
    cosigned(story)
    put_back(story, copied(story, tmp_path / "copy"))
    with story.nodes.at("sz"):
        TreeNode.objects.filter(level=0, index=0).update(hash=b"\x07" * 32)
        TreeNode.objects.filter(level__gt=0, index=0).update(hash=b"\x07" * 32)
        with pytest.raises(OtherLog):
            catch_up(story.nodes.line("sz"), story.nodes.now)


def test_a_key_rotated_after_the_copy_is_replaced_by_a_fresh_one(story: Story, tmp_path: Path) -> None:
    story.declare()
    cosigned(story)
    copied(story, tmp_path / "copy")
    with story.nodes.at("sz"):
        keys.rotate(KeyPurpose.TRANSPORT, story.nodes.now)
        lost_kid = keys.node_keys().trust_list.active(KeyPurpose.TRANSPORT).kid
    work(story)
    put_back(story, tmp_path / "copy")
    with story.nodes.at("sz"):
        catch_up(story.nodes.line("sz"), story.nodes.now)
        own = keys.node_keys().trust_list
        assert own.key(lost_kid).status == "retired"  # type: ignore[union-attr]
        assert keys.missing() == ()


def test_a_counted_use_at_a_store_put_back_goes_to_the_counter(story: Story, tmp_path: Path) -> None:
    permit = story.in_force()
    story.sync(EXIT)
    cosigned(story)
    copied(story, tmp_path / "copy")
    put_back(story, tmp_path / "copy")
    with story.nodes.at("sz"):
        catch_up(story.nodes.line("sz"), story.nodes.now)
        cut_off_gate(None, EXIT, story.nodes.now)
        enrol_gate(None, EXIT, story.nodes.now)
    story.sync(EXIT)
    verdict = story.scan(EXIT, story.code("sz", permit))
    assert (verdict.light.word, verdict.reasons[0].code) == ("refer", "store_unreachable")


def test_a_copy_is_of_one_moment_while_the_node_goes_on(story: Story, tmp_path: Path) -> None:
    story.declare()
    folder = copied(story, tmp_path / "copy")
    story.declare()
    put_back(story, folder)
    with story.nodes.at("sz"):
        assert log.size() == backup.Contents.read(folder).leaves


def test_keys_are_left_out_without_a_passphrase(story: Story, tmp_path: Path) -> None:
    folder = copied(story, tmp_path / "copy", passphrase="")
    assert not (folder / "keys.sealed").exists()
    assert backup.Contents.read(folder).keys == "left out"


def test_no_private_key_can_be_read_in_a_copy(story: Story, tmp_path: Path) -> None:
    folder = copied(story, tmp_path / "copy")
    assert b"PRIVATE KEY" not in b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())


def test_a_copy_is_readable_by_its_owner_alone(story: Story, tmp_path: Path) -> None:
    folder = copied(story, tmp_path / "copy")
    assert {p.stat().st_mode & 0o077 for p in (folder, *folder.rglob("*"))} == {0}


def test_a_wrong_passphrase_changes_nothing(story: Story, tmp_path: Path) -> None:
    folder = copied(story, tmp_path / "copy")
    disaster(story)
    with story.nodes.at("sz") as node:
        with pytest.raises(PassphraseRefused):
            backup.bring(folder, "not the words at all", story.nodes.now)
        assert connection.introspection.table_names() == []
        assert not node.home.exists()


def test_a_short_passphrase_is_refused(story: Story, tmp_path: Path) -> None:
    with pytest.raises(PassphraseRefused, match="at least 12"):
        copied(story, tmp_path / "copy", "short")
    assert list(tmp_path.glob("*copy*")) == []


def test_a_changed_file_is_refused(story: Story, tmp_path: Path) -> None:
    folder = copied(story, tmp_path / "copy")
    with (folder / "keys.sealed").open("ab") as file:
        file.write(b"x")
    disaster(story)
    with story.nodes.at("sz"), pytest.raises(CopyRefused, match="was changed"):
        backup.bring(folder, WORDS, story.nodes.now)


def test_a_copy_of_the_other_park_is_refused(story: Story, tmp_path: Path) -> None:
    folder = copied(story, tmp_path / "copy")
    with story.nodes.at("hk"), pytest.raises(CopyRefused, match="copy of sz"):
        backup.bring(folder, WORDS, story.nodes.now)


def test_a_copy_never_goes_over_a_database_in_use(story: Story, tmp_path: Path) -> None:
    folder = copied(story, tmp_path / "copy", passphrase="")
    with story.nodes.at("sz"), pytest.raises(CopyRefused, match="not empty"):
        backup.bring(folder, "", story.nodes.now)


def test_a_copy_never_goes_over_another_copy(story: Story, tmp_path: Path) -> None:
    copied(story, tmp_path / "copy")
    with pytest.raises(CopyRefused, match="exists"):
        copied(story, tmp_path / "copy")


def test_sessions_and_tokens_end_when_a_node_is_put_back(story: Story, tmp_path: Path) -> None:
    from django.test import Client

    browser = Client()
    with story.nodes.at("sz"):
        browser.force_login(story.user("sz-lab"))
    put_back(story, copied(story, tmp_path / "copy"))
    with story.nodes.at("sz"):
        assert browser.get("/work/").status_code == 302
