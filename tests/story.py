"""The demonstration parks as a test stage: who acts, and the main job told step by step. Shared by permits and crossings."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.two_nodes import Snapshot, TwoNodes, fresh_pair

from twoparks.crossings import bundles
from twoparks.crossings.actions import sync_gate
from twoparks.crossings.device import Seen
from twoparks.federation.queries import stream_length
from twoparks.federation.types import StreamId
from twoparks.passes.verdict import Verdict
from twoparks.permits import actions, issued, queries
from twoparks.permits.files import read_file
from twoparks.permits.types import AuthorityAnswer, PermitId, PermitState, Reasons
from twoparks.registry.models import User
from twoparks.site.demonstration import load

EXAMPLES = Path(__file__).parent.parent / "examples"
BECAUSE = Reasons("The papers are in order.")
LABELS = ("BOX-RB-0001", "BOX-RB-0002", "SEAL-448120")
EXIT, ENTRY = "sz-huanggang-exit-a", "hk-lokmachau-entry-a"
SZ_WORK = (
    ("nhc", "hgr_material_export_certificate"),
    ("customs_ml", "customs_declaration"),
    ("customs_ml", "customs_special_goods_quarantine_approval"),
    ("customs_ml", "customs_quarantine_inspection"),
)
HK_WORK = (("dh", "hk_dh_biological_import_permit"),)
OFFICERS = {"nhc": "sz-nhc", "customs_ml": "sz-customs", "dh": "hk-dh"}


@dataclass(frozen=True)
class Moment:
    """Where a story had come to once in this process; tests that tell the same from the beginning go on from a copy."""

    permit: PermitId
    databases: Snapshot
    now: datetime
    sent: tuple[tuple[str, bytes], ...]


class Story:
    """Both parks with their demonstration people. `Story.begin` makes one; `Story.open` copies one made before."""

    def __init__(self, nodes: TwoNodes) -> None:
        self.nodes = nodes

    @classmethod
    def begin(cls, nodes: TwoNodes) -> Story:
        """Load the demonstration data and let the parks read each other's lists."""
        story = cls(nodes)
        for park in ("sz", "hk"):
            with nodes.at(park):
                load(nodes.now)
        story.exchange_documents()
        return story

    @classmethod
    def open(cls, homes: Path) -> Story:
        """A stage of one's own, copied from the one made first in this process."""
        first, databases = _first()
        shutil.copytree(first, homes)
        return cls(TwoNodes(homes, databases))

    def reach(self, name: str) -> PermitId:
        """What `MOMENTS` tells under that name: from a copy where nothing was done before, else told here.

        A test that changes settings or code first and means them to count passes an example, which is always told here.
        """
        moment = _moments.get(name)
        if moment is None or not self.nodes.untouched:
            return MOMENTS[name](self)
        self.nodes.restore(moment.databases)
        self.nodes.now = moment.now
        self.nodes.network.sent = list(moment.sent)
        return moment.permit

    def exchange_documents(self) -> None:
        """What the worker pulls: trust lists and status lists, both ways."""
        self.nodes.exchange_documents()

    def user(self, name: str) -> User:
        """A demonstration account of the node stood on."""
        return User.objects.get(username=name)

    def seen(self, permit: PermitId) -> int:
        """How many acts the node stood on has of the permit."""
        return stream_length(StreamId(permit))

    def state(self, park: str, permit: PermitId) -> PermitState:
        """The permit as one park knows it."""
        with self.nodes.at(park):
            return issued.permit_state(permit)

    def status(self, park: str, permit: PermitId) -> str:
        """The status one park shows."""
        from twoparks.permits.rules import status

        return str(status(self.state(park, permit), self.nodes.now))

    def example(self, name: str = "samples-to-hong-kong") -> dict[str, Any]:
        """An example file as it is read."""
        return dict(read_file((EXAMPLES / f"{name}.yaml").read_bytes()).raw)

    def declare(self, raw: Mapping[str, Any] | None = None, **changes: Any) -> PermitId:
        """The laboratory declares, and the declaration arrives."""
        return self._declare(raw, changes) if raw or changes else self.reach("declared")

    def _declare(self, raw: Mapping[str, Any] | None, changes: Mapping[str, Any]) -> PermitId:
        with self.nodes.at("sz"):
            permit = actions.declare(
                self.user("sz-lab"), {**(raw or self.example()), **changes}, self.nodes.now
            )
        self.nodes.settle()
        return permit

    def decide(self, park: str, permit: PermitId, answer: AuthorityAnswer) -> None:
        """One officer of one authority answers."""
        assert answer.authority is not None
        with self.nodes.at(park):
            officer = self.user(OFFICERS[answer.authority])
            actions.decide(officer, permit, answer, self.seen(permit), self.nodes.now)

    def grant_all(self, park: str, permit: PermitId) -> None:
        """Every authority of one park grants what waits for it."""
        for authority, measure in SZ_WORK if park == "sz" else HK_WORK:
            self.decide(
                park, permit, AuthorityAnswer(authority, "grant", BECAUSE, measure=measure, number="N-1")
            )

    def clear(self, park: str, permit: PermitId, **how: Any) -> None:
        """The park officer clears."""
        with self.nodes.at(park):
            officer = self.user(f"{park}-officer")
            actions.clear(officer, permit, how.get("terms"), self.seen(permit), self.nodes.now)

    def in_force(self) -> PermitId:
        """The main job up to two signatures."""
        return self.reach("in force")

    def _in_force(self) -> PermitId:
        permit = self.declare()
        for park in ("sz", "hk"):
            self.grant_all(park, permit)
            self.clear(park, permit)
            self.nodes.settle()
        return permit

    def code(self, park: str, permit: PermitId) -> str:
        """The text of the permit's QR code at one park."""
        with self.nodes.at(park):
            text = issued.pass_text(issued.permit_state(permit))
        assert text is not None
        return text

    def sync(self, gate: str, exchange: bool = True) -> int:
        """The gate hands over its events and fetches what it needs; its node has just read the peer's lists, or not."""
        if exchange:
            self.exchange_documents()
        with self.nodes.at(gate[:2]):
            return sync_gate(gate, self.nodes.now)

    def scan(self, gate: str, code: str, labels: tuple[str, ...] = LABELS, **seen: Any) -> Verdict:
        """The gate decides, with nothing but its folder."""
        with self.nodes.at(gate[:2]):
            device = bundles.device(gate)
        return device.scan(Seen(code, labels, **seen), self.nodes.now)

    def cross(self, permit: PermitId, **entry: Any) -> None:
        """Out through one gate, in through the other, and the news delivered."""
        code = self.code("sz", permit)
        for gate, seen in ((EXIT, {}), (ENTRY, entry)):
            self.sync(gate)
            assert self.scan(gate, code, **seen).light.word == "green"
            self.nodes.tick(600)
            self.sync(gate)
            self.nodes.settle()


MOMENTS: dict[str, Callable[[Story], PermitId]] = {
    "declared": lambda story: story._declare(None, {}),
    "in force": lambda story: story._in_force(),
}
_moments: dict[str, Moment] = {}  # of this process, as far as they are made


@cache
def _first() -> tuple[Path, Snapshot]:
    """Homes and databases of the stage; with the moments made before any test's body, so nothing a test replaces is in it."""
    folder = Path(tempfile.mkdtemp(prefix="twoparks-story-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    story = Story.begin(fresh_pair(folder))
    beginning, files = story.nodes.snapshot(), _files(folder)
    for name, tell in MOMENTS.items():
        story.nodes.restore(beginning)
        nodes, permit = story.nodes, tell(story)
        _moments[name] = Moment(permit, nodes.snapshot(), nodes.now, tuple(nodes.network.sent))
        assert _files(folder) == files, f"{name} changes files, which a moment does not hold"
    story.nodes.close()
    return folder / "homes", beginning


def _files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


__all__ = ["BECAUSE", "ENTRY", "EXAMPLES", "EXIT", "LABELS", "MOMENTS", "Story", "queries"]


@pytest.fixture
def story(tmp_path: Path, django_db_blocker: Any) -> Iterator[Story]:
    """Both parks, everybody in place, nothing declared; a conftest that imports it gives it to its folder."""
    with django_db_blocker.unblock():
        made = Story.open(tmp_path / "homes")
        try:
            yield made
        finally:
            made.nodes.close()
