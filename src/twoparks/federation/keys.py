"""The node's own keys and the trust lists of both parks: made at first start, rotated and given up by command."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.db import connection

from twoparks.ledger import trust as lists
from twoparks.ledger.checkpoint import Signer, Verifier
from twoparks.ledger.keys import KeyPair, KeyPurpose, PublicKey
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.ledger.trust import Trust, TrustList
from twoparks.registry.node import Node, this_node
from twoparks.registry.zone import Park, zone

OWN_PURPOSES = (
    KeyPurpose.ACTS,
    KeyPurpose.TRANSPORT,
    KeyPurpose.CHECKPOINT,
    KeyPurpose.PASSES,
    KeyPurpose.STATUS,
)
OUTLIVING = (
    KeyPurpose.PASSES,
    KeyPurpose.STATUS,
)  # undated on their face: a retired key verifies until a date
PEER_TRUST = "trust"


class KeysMissing(LedgerRefusal):
    """This node has no keys yet, or lacks one."""

    code = "keys_missing"


class PeerUnknown(LedgerRefusal):
    """This node cannot believe its peer yet: no root key was exchanged, or no trust list fetched."""

    code = "peer_unknown"


@dataclass(frozen=True)
class NodeKeys:
    """What one node signs with: its published trust list and the private halves of its active keys."""

    folder: Path
    published: bytes
    trust_list: TrustList
    root: KeyPair

    def signer(self, purpose: KeyPurpose) -> KeyPair:
        """The key this node signs with now for `purpose`; raises KeysMissing when its private half is gone."""
        return _pair(self.folder, self.trust_list.active(purpose).kid)


def node_keys() -> NodeKeys:
    """The keys of `this_node()`, read again whenever its trust list changed; raises KeysMissing before set-up."""
    node = this_node()
    folder = _folder(node)
    try:
        stat = (folder / "trust.json").stat()
    except FileNotFoundError:
        raise KeysMissing(f"{node.id} has no keys yet; `twoparks run` or ensure_keys() makes them") from None
    return _load(folder, node.id, (stat.st_mtime_ns, stat.st_ino, stat.st_size))


def ensure_keys(now: datetime) -> NodeKeys:
    """The node's keys, made now where they are missing (folder 0700, files 0600)."""
    node = this_node()
    with _alone(node):
        folder = _folder(node)
        if not (folder / "trust.json").exists():
            root = KeyPair.generate(KeyPurpose.TRUST, node.id, now)
            pairs = [KeyPair.generate(purpose, node.id, now) for purpose in OWN_PURPOSES]
            for pair in (root, *pairs):
                pair.save(_file(folder, pair.kid))
            first = TrustList(
                park=node.id,
                number=node.park.number,
                version=1,
                issued_at=now.replace(microsecond=0),
                keys=tuple(pair.public for pair in pairs),
            )
            _replace(folder / "root.json", json.dumps(root.public.to_json()).encode())
            _replace(folder / "trust.json", first.sign(root))
    return node_keys()


def rotate(purpose: KeyPurpose, now: datetime, verify_until: datetime | None = None) -> PublicKey:
    """Sign with a fresh key for `purpose` from now on; the old one is retired and its private half destroyed.

    A retired pass or status key still verifies until `verify_until`: the end of the last thing it signed, asked of
    `register_last_use` when not given.
    """
    if purpose in OUTLIVING and verify_until is None:
        verify_until = _last_use(purpose, now)
    node, fresh = this_node(), KeyPair.generate(purpose, this_node().id, now)
    with _changing(node) as change:
        old = change.keys.trust_list
        retiring = [k.kid for k in old.keys if k.purpose is purpose and k.status == "active"]
        fresh.save(_file(change.folder, fresh.kid))
        change.publish(lists.rotate(old, fresh.public, _next_second(now), verify_until))
        for kid in retiring:
            _file(change.folder, kid).unlink(missing_ok=True)
    return fresh.public


def compromise(kid: str, now: datetime) -> PublicKey | None:
    """Give up key `kid` at once: it vouches for nothing new. Returns the fresh key that takes its place, if one does.

    The fresh key may vouch for acts dated since the lost one began: what had not reached the other park is signed again.
    """
    node = this_node()
    with _changing(node) as change:
        old = change.keys.trust_list
        lost = old.key(kid)
        new = lists.compromise(old, kid, _next_second(now))
        fresh = None
        if lost is not None and lost.status == "active" and lost.purpose in OWN_PURPOSES:
            fresh = KeyPair.generate(lost.purpose, node.id, lost.valid_from)
            fresh.save(_file(change.folder, fresh.kid))
            new = lists.TrustList(new.park, new.number, new.version, new.issued_at, (*new.keys, fresh.public))
            new.check()
        change.publish(new)
        _file(change.folder, kid).unlink(missing_ok=True)
    return fresh.public if fresh is not None else None


def enrol(public: PublicKey, now: datetime) -> None:
    """Stand behind the key of a gate device of this park."""
    if public.purpose is not KeyPurpose.GATE:
        raise lists.TrustRefused(f"key {public.kid} is for {public.purpose}; only gate keys are enrolled")
    with _changing(this_node()) as change:
        if change.keys.trust_list.key(public.kid) is None:
            change.publish(lists.rotate(change.keys.trust_list, public, now))


def cut_off(kid: str, now: datetime) -> None:
    """Stop standing behind the gate key `kid`: events dated before now still count, later ones do not."""
    with _changing(this_node()) as change:
        change.publish(lists.retire(change.keys.trust_list, kid, _next_second(now)))


def take_back(published: bytes) -> None:
    """Go on from a newer trust list of this park that the other one holds: keys changed after this home was copied."""
    with _changing(this_node()) as change:
        held = TrustList.read(change.keys.published, change.keys.root.public)
        offered = TrustList.read(published, change.keys.root.public)
        if offered.version > held.version:
            lists.accept(change.keys.published, published, change.keys.root.public)
            _replace(change.folder / "trust.json", published)


def missing() -> tuple[KeyPurpose, ...]:
    """Purposes whose key in use has no private half in this node's home."""
    own = node_keys()
    return tuple(p for p in OWN_PURPOSES if not _file(own.folder, own.trust_list.active(p).kid).exists())


_last_uses: dict[KeyPurpose, Callable[[], datetime | None]] = {}


def register_last_use(purpose: KeyPurpose, function: Callable[[], datetime | None]) -> None:
    """Let the app that signs with `purpose` say when the last thing signed so far ends (None: nothing is open)."""
    _last_uses[purpose] = function


def _last_use(purpose: KeyPurpose, now: datetime) -> datetime | None:
    function = _last_uses.get(purpose)
    if function is None and purpose is KeyPurpose.STATUS:
        return now + timedelta(seconds=zone().timing.status_max_s)  # no gate believes an older list anyway
    if function is None:
        raise KeysMissing(
            f"nobody says until when things signed with the {purpose} key run; give a date with --verify-until"
        )
    return function()


# --- the other park ---------------------------------------------------------------------------------------------


def root_document() -> bytes:
    """This node's root public key as the peer needs it at set-up (written there as trust/peer-root.json)."""
    return json.dumps(node_keys().root.public.to_json(), indent=1).encode()


def trust_peer_root(document: bytes) -> PublicKey:
    """Believe the peer's root key from now on. Done once, at set-up, over a channel the parks trust otherwise."""
    node = this_node()
    root = _read_root(document, node.peer.id)
    path = _peer_root_file(node)
    if path.exists() and _read_root(path.read_bytes(), node.peer.id).kid != root.kid:
        raise PeerUnknown(
            f"{node.id} already trusts another root of {node.peer.id}; remove {path.name} first"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, document)
    return root


def peer_root() -> PublicKey:
    """The peer's root key; raises PeerUnknown when none was exchanged."""
    node = this_node()
    path = _peer_root_file(node)
    try:
        stat = path.stat()
    except FileNotFoundError:
        raise PeerUnknown(
            f"{node.id} has no root key of {node.peer.id}: put it into trust/{path.name} of this node's home; "
            "until then every message of the peer is refused"
        ) from None
    return _load_peer_root(path, node.peer.id, (stat.st_mtime_ns, stat.st_ino, stat.st_size))


def peer_trust() -> TrustList:
    """The newest trust list accepted from the peer; raises PeerUnknown when there is none yet."""
    root = peer_root()
    with connection.cursor() as cursor:  # asked for every message
        cursor.execute("SELECT document FROM federation_fetched WHERE name = %s", [PEER_TRUST])
        row = cursor.fetchone()
    if row is None:
        raise PeerUnknown(f"no trust list of {root.park} has been fetched yet; the worker fetches it")
    return _read_list(bytes(row[0]), root)


def both_trusts() -> Trust:
    """The trust lists of both parks together, as a verifier of passes needs them."""
    return Trust.of(node_keys().trust_list, peer_trust())


# --- names in the two logs --------------------------------------------------------------------------------------


def log_name(park: Park) -> str:
    """The origin line of a park's log."""
    return f"twoparks/{zone().id}/{park.id}"


def log_signer() -> Signer:
    """Who signs this node's checkpoints and cosigns the peer's."""
    return Signer(log_name(this_node().park), node_keys().signer(KeyPurpose.CHECKPOINT))


def verifiers(park: Park, trust_list: TrustList) -> tuple[Verifier, ...]:
    """The checkpoint keys of a park, the active one first; a key given up no longer counts."""
    keys = [k for k in trust_list.keys if k.purpose is KeyPurpose.CHECKPOINT and k.status != "compromised"]
    keys.sort(key=lambda k: k.status != "active")
    return tuple(Verifier(log_name(park), key) for key in keys)


# --- files ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Change:
    folder: Path
    keys: NodeKeys

    def publish(self, new: TrustList) -> None:
        _replace(self.folder / "trust.json", new.sign(self.keys.root))


@contextmanager
def _changing(node: Node) -> Iterator[_Change]:
    with _alone(node):
        yield _Change(_folder(node), node_keys())


@contextmanager
def _alone(node: Node) -> Iterator[None]:
    """One process of a node at a time changes its keys."""
    folder = _folder(node)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _folder(node: Node) -> Path:
    return node.home / "keys"


def _file(folder: Path, kid: str) -> Path:
    return folder / f"{kid}.json"


def _peer_root_file(node: Node) -> Path:
    return node.home / "trust" / "peer-root.json"


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("wb") as file:
        fresh.chmod(0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _next_second(now: datetime) -> datetime:
    """Dates in acts count whole seconds: what the old key signed in the running second stays good."""
    return now.replace(microsecond=0) + timedelta(seconds=1)


@lru_cache(maxsize=64)
def _load(folder: Path, park: str, _stat: tuple[int, int, int]) -> NodeKeys:
    published = (folder / "trust.json").read_bytes()
    named = PublicKey.from_json(json.loads((folder / "root.json").read_bytes()))
    root = _pair(folder, named.kid)
    trust_list = TrustList.read(published, root.public)
    if trust_list.park != park:
        raise KeysMissing(
            f"the keys in {folder.parent.name} belong to {trust_list.park}, this node is {park}"
        )
    return NodeKeys(folder=folder, published=published, trust_list=trust_list, root=root)


@lru_cache(maxsize=256)
def _pair(folder: Path, kid: str) -> KeyPair:
    try:
        return KeyPair.load(_file(folder, kid))
    except FileNotFoundError:
        raise KeysMissing(
            f"the private half of key {kid} is not in this node's home; rotate its purpose"
        ) from None


@lru_cache(maxsize=64)
def _load_peer_root(path: Path, peer: str, _stat: tuple[int, int, int]) -> PublicKey:
    return _read_root(path.read_bytes(), peer)


@lru_cache(maxsize=64)
def _read_list(document: bytes, root: PublicKey) -> TrustList:
    return TrustList.read(document, root)


def _read_root(document: bytes, peer: str) -> PublicKey:
    root = PublicKey.from_json(json.loads(document))
    if root.purpose is not KeyPurpose.TRUST or root.park != peer:
        raise PeerUnknown(
            f"the document holds a {root.purpose} key of {root.park}; the trust root of {peer} is wanted"
        )
    return root
