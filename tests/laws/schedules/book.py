"""Each node's log read by somebody who trusts none of its code: bytes, SQL and the primitives of `cryptography`."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tests.laws.schedules.wanted import Case, demand

ROWS = (
    "SELECT id, leaf_index, envelope, salt, commitment FROM federation_act WHERE number > ? ORDER BY number"
)
LAST = "SELECT coalesce(max(number), 0), count(*) FROM federation_act"
OUTBOX = """SELECT (SELECT count(*) FROM federation_act WHERE park = ? AND seq IS NOT NULL),
    (SELECT count(*) FROM federation_outgoing), (SELECT count(*) FROM federation_outgoing WHERE stopped_code <> '')"""


@dataclass(frozen=True)
class Line:
    """One act as it stands in a node's log."""

    act: Mapping[str, Any]
    digest: bytes
    commitment: bytes

    def says(self, kind: str, **body: object) -> bool:
        """Whether it is of that kind and its body holds these values."""
        return self.act["kind"] == kind and all(self.act["body"].get(n) == v for n, v in body.items())


@dataclass
class Book:
    """What one node has in its log, in order; `keys` are the acts keys that vouch for each park."""

    park: str
    keys: Mapping[str, Mapping[str, Ed25519PublicKey]]
    cases: Mapping[str, Case]  # permit -> its case
    lines: list[Line] = field(default_factory=list)
    digests: set[bytes] = field(default_factory=set)
    at: int = 0
    recorded: set[bytes] = field(default_factory=set)  # its own acts, known ahead of `read`
    states: list[Any] | None = None  # permits as it folds them, kept for attackers until anything is new

    def copy(self) -> Book:
        """A book that goes on by itself."""
        return Book(self.park, self.keys, self.cases, [*self.lines], {*self.digests}, self.at)

    def read(self, database: sqlite3.Connection, peer: Book) -> None:
        """Take what is new and demand that it may stand there; demand that nothing old is gone."""
        last, count = database.execute(LAST).fetchone()
        if last != self.at:
            for act_id, leaf, envelope, salt, commitment in database.execute(ROWS, (self.at,)).fetchall():
                demand(leaf == len(self.lines), self.park, "leaf", leaf, "after", len(self.lines), "lines")
                self._take(act_id, envelope, salt, commitment, peer)
            self.at, self.states = last, None
        demand(count == len(self.lines), self.park, "held", len(self.lines), "acts and has", count, "now")
        own, waiting, stopped = database.execute(OUTBOX, (self.park,)).fetchone()
        demand(own == waiting, self.park, "recorded", own, "acts that cross and queued", waiting)
        demand(stopped == 0, self.park, "stopped", stopped, "acts on their way between honest parks")

    def stream(self, permit: str) -> list[Line]:
        """The acts of one permit."""
        return [line for line in self.lines if line.act["stream"] == permit]

    def find(self, permit: str, kind: str, park: str, version: int | None = None) -> Line | None:
        """The park's first act of that kind about the permit and version."""
        for line in self.stream(permit):
            said = line.act["kind"] == kind and line.act["park"] == park
            if said and version in (None, line.act["body"]["version"]):
                return line
        return None

    def last(self, permit: str, kind: str, park: str, version: int) -> Line | None:
        """The park's newest act of that kind about the permit and version."""
        own = (line for line in reversed(self.stream(permit)) if line.act["park"] == park)
        return next((line for line in own if line.says(kind, version=version)), None)

    def version(self, permit: str) -> int:
        """The latest version declared, 0 when none is known."""
        return sum(line.act["kind"] == "permit.declared" for line in self.stream(permit))

    def next_seq(self, permit: str, park: str) -> int:
        """The number that park's next act about the permit must carry."""
        return 1 + sum(
            line.act["park"] == park and line.act["seq"] is not None for line in self.stream(permit)
        )

    def ended(self) -> frozenset[tuple[str, int]]:
        """Permit versions this park's own status list must show as ended."""
        return frozenset(self._ended())

    def _ended(self) -> Iterator[tuple[str, int]]:
        for permit in {line.act["stream"] for line in self.lines}:
            latest = self.version(permit)
            for number in range(1, latest):
                yield permit, number
            for line in self.stream(permit):
                if line.act["kind"] in ("permit.refused", "permit.revoked"):
                    yield permit, line.act["body"]["version"]
                if line.act["kind"] == "permit.withdrawn":
                    yield permit, latest

    def _take(self, act_id: str, raw: bytes, salt: bytes, commitment: bytes, peer: Book) -> None:
        envelope = json.loads(raw)
        act = envelope["act"]
        digest = hashlib.sha256(_plain(act)).digest()
        demand(act["id"] == act_id and digest not in self.digests, self.park, "stored", act_id, "twice")
        self._demand_signed(envelope, raw)
        if act["park"] != self.park:
            demand(
                digest in peer.recorded, self.park, "took", act["kind"], "that", act["park"], "never recorded"
            )
        if act["seq"] is not None:
            wanted = self.next_seq(act["stream"], act["park"])
            demand(act["seq"] == wanted, self.park, "took number", act["seq"], "where", wanted, "was next")
        if act["park"] == self.park:
            self._demand_own(act)
        self.lines.append(Line(act, digest, commitment))
        self.digests.add(digest)

    def _demand_signed(self, envelope: Mapping[str, Any], raw: bytes) -> None:
        act = envelope["act"]
        demand(_plain(envelope) == raw, self.park, "keeps an envelope that is not canonical")
        key = self.keys.get(act["park"], {}).get(envelope["kid"])
        demand(
            key is not None,
            self.park,
            "took",
            act["kind"],
            "signed by a key that may not speak for",
            act["park"],
        )
        try:
            assert key is not None
            key.verify(read_base64url(envelope["sig"]), b"twoparks-acts-v1\n" + _plain(act))
        except InvalidSignature:
            demand(False, self.park, "took", act["kind"], "with a false signature")

    def _demand_own(self, act: Mapping[str, Any]) -> None:
        before, body = self.stream(act["stream"]), act["body"]
        if act["kind"] in ("permit.decided", "permit.cleared"):
            demand(
                body["seen"] == len(before), self.park, act["kind"], "saw", body["seen"], "of", len(before)
            )
        if act["kind"] == "permit.cleared":
            self._demand_clearable(act, before)
        if act["kind"] == "permit.signed":
            self._demand_signable(act, before)
        if act["kind"] == "permit.refused":
            again = self.find(act["stream"], "permit.refused", self.park, body["version"])
            demand(again is None, self.park, "refused", act["stream"], body["version"], "twice")

    def _demand_clearable(self, act: Mapping[str, Any], before: list[Line]) -> None:
        """A clearance is a park officer's, over the declared bytes, once every authority granted."""
        permit, number = act["stream"], act["body"]["version"]
        demand(act["by"]["role"] == "park_officer", self.park, "let", act["by"]["role"], "clear", permit)
        demand(number == self.version(permit), permit, "cleared at version", number)
        demand(
            act["body"]["declaration_digest"] == self.declaration(permit, number),
            permit,
            "other bytes cleared",
        )
        case = self.cases[permit]
        demand(self.park not in case.forbidden, self.park, "cleared what its law forbids:", permit)
        latest: dict[str, str] = {}
        for line in before:
            if line.says("permit.decided", version=number):
                latest[line.act["body"]["measure"]] = line.act["body"]["decision"]
        for group in case.work[self.park]:
            granted = any(latest.get(measure) == "grant" for measure in group)
            demand(granted, self.park, "cleared", permit, "without", group, latest)

    def _demand_signable(self, act: Mapping[str, Any], before: list[Line]) -> None:
        """A node signs what both cleared, of the newest version, that nobody has ended."""
        permit, number = act["stream"], act["body"]["version"]
        cleared = [line.act for line in before if line.says("permit.cleared", version=number)]
        demand(
            {a["park"] for a in cleared} == set(self.keys),
            self.park,
            "signed",
            permit,
            "cleared by",
            len(cleared),
        )
        demand(
            number == self.version(permit), self.park, "signed version", number, "of", self.version(permit)
        )
        ended = (permit, number) in self.ended()
        demand(not ended, self.park, "signed", permit, number, "which had ended")

    def declaration(self, permit: str, version: int) -> str | None:
        """SHA-256 of the declared bytes of that version, hex."""
        for line in self.stream(permit):
            if line.says("permit.declared", version=version):
                return hashlib.sha256(_plain(line.act["body"]["declaration"])).hexdigest()
        return None


def read_base64url(text: str) -> bytes:
    """The bytes of unpadded base64url."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _plain(value: object) -> bytes:
    """Canonical JSON of the plain values acts hold."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


plain = _plain
