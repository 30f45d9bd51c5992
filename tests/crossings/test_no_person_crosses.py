"""No person's name, account or number leaves its node: not in messages, logs of acts, gate events, passes or log lines."""

from __future__ import annotations

import logging
import re

import pytest
from tests.story import ENTRY, EXIT, Story
from tests.travel import OUT, Travel

from twoparks.crossings import actions, bundles
from twoparks.federation.models import Act
from twoparks.passes.qr import from_text
from twoparks.permits import actions as permits
from twoparks.registry.models import User


def people(story: Story) -> list[str]:
    """What would betray a demonstration person: names whole and in part, and account names."""
    found = set()
    for park in ("sz", "hk"):
        with story.nodes.at(park):
            for username, name in User.objects.values_list("username", "first_name"):
                found |= {username, name, *name.split()}
    return sorted(word for word in found if len(word) > 3)


def said(story: Story) -> dict[str, bytes]:
    """Everything the main job wrote for others to read, by where it stands."""
    permit = story.in_force()
    code = story.code("sz", permit)
    story.cross(permit)
    _commute(story)
    found = {"messages": b"\n".join(envelope for _sender, envelope in story.nodes.network.sent)}
    for park in ("sz", "hk"):
        with story.nodes.at(park):
            found[f"log of {park}"] = b"\n".join(
                bytes(e) for e in Act.objects.values_list("envelope", flat=True)
            )
    for gate in (EXIT, ENTRY, *OUT):
        with story.nodes.at(gate[:2]):
            device = bundles.device(gate)
            found[f"events of {gate}"] = b"\n".join(event.envelope for event in device.events_after(0))
            found[f"bundle of {gate}"] = (device.folder / "bundle.json").read_bytes()
    found["pass"] = from_text(code)
    return found


def _commute(story: Story) -> None:
    """A researcher goes out by the gates, returns by another control point, and an officer reads the movements."""
    travel = Travel(story)
    permit = travel.in_force()
    travel.pass_gates(permit, *OUT)
    now = story.nodes.now
    with story.nodes.at("sz"):
        actions.declare_return(story.user("sz-commuter"), permit, "luohu", now, now)
        actions.read_movements(story.user("sz-officer"), permit, "A lost bag.", now)
        permits.withdraw_consent(story.user("sz-commuter"), now)
    story.nodes.settle()


def test_what_others_can_read_names_nobody(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        written = said(story)
    written["log lines"] = caplog.text.encode()
    assert all(written[where] for where in written if where != "log lines")
    words = {
        word: re.compile(rb"(?<![A-Za-z0-9])%s(?![A-Za-z0-9])" % word.encode()) for word in people(story)
    }
    betrayed = {
        (where, word) for where, text in written.items() for word, seen in words.items() if seen.search(text)
    }
    assert betrayed == set()
