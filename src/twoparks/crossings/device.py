"""A gate device: what it keeps in its folder and how it decides with nothing else. No database, no network."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from twoparks.ledger.canonical import base64url, read_base64url
from twoparks.ledger.keys import KeyPair, PublicKey
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.ledger.trust import Trust, TrustList
from twoparks.passes.cose import verify_signatures
from twoparks.passes.gate import GateContext, Passage, Presented, admit
from twoparks.passes.qr import HOLDER_PREFIX, from_text
from twoparks.passes.refusal import PassRefused, Refusal
from twoparks.passes.status import Statuses, StatusList, decode_and_verify
from twoparks.passes.uses import GateEvent, SqliteUseStore, UseStore
from twoparks.passes.verdict import Reason, Verdict, stop

KEY, BUNDLE, STORE = "key.json", "bundle.json", "uses.sqlite3"
Inspection = Literal["passed", "failed", "waived"]


class NotReady(RuntimeError):
    """The gate's folder lacks something; the message says what and which command brings it."""


@dataclass(frozen=True)
class Bundle:
    """What the node hands a gate at each synchronisation, as it stands in the gate's folder."""

    gate: str
    group: str
    group_number: int
    leg: Literal["exit", "entry"]
    crosses: tuple[int, int]
    made_at: str
    status_fresh_s: int
    status_max_s: int
    time_zone: str
    roots: tuple[Mapping[str, Any], ...]
    trust_lists: tuple[str, ...]  # base64url of the published bytes, in the order of `roots`
    status_lists: tuple[str, ...]  # base64url of the tokens; their park and number stand in `status_names`
    status_names: tuple[tuple[int, int], ...]
    terms: Mapping[str, Mapping[str, Any]]  # permit -> terms document

    def to_json(self) -> dict[str, Any]:
        """The bundle as JSON values."""
        return {**self.__dict__}

    @classmethod
    def of_json(cls, raw: Mapping[str, Any]) -> Bundle:
        """The bundle in JSON values."""
        lists = {name: tuple(raw[name]) for name in ("roots", "trust_lists", "status_lists", "crosses")}
        names = tuple(tuple(name) for name in raw["status_names"])
        return cls(**{**raw, **lists, "status_names": names})


@dataclass(frozen=True)
class Counter:
    """The officer who lets a referred pass through, by pseudonym, and why; both stand in the gate's event."""

    officer: str
    reason: str


@dataclass(frozen=True)
class Seen:
    """What the gate's officer reads off the consignment. `quantities` None: all that the terms allow."""

    code: str
    labels: tuple[str, ...]
    quantities: Mapping[int, int] | None = None
    seal: str | None = None
    inspection: Inspection | None = None
    holder: str | None = None  # the moving code of the phone that a person's pass is bound to
    use_id: str = ""  # given again after a crash, the same presentation answers as before
    counter: Counter | None = None


class Gate:
    """One gate device over its folder; `store` is the file its group shares."""

    def __init__(self, folder: Path, store: Path) -> None:
        self.folder, self.store = folder, store

    def scan(self, seen: Seen, now: datetime) -> Verdict:
        """Decide, take the use and write the signed event; raises NotReady when the folder is not complete."""
        bundle, key = self.bundle(), self.key()
        trust = _trust(bundle)
        presented = Presented(seen.code, seen.labels, seen.holder, _terms_for(seen.code, bundle, trust, now))
        with closing(SqliteUseStore(self.store, bundle.gate, key)) as store:
            limits = _limits(presented.terms)
            left = _left(presented.terms, bundle, store)
            taking = left if seen.quantities is None else seen.quantities
            shown_before = bool(seen.use_id) and store.taken(seen.use_id) is not None
            if not shown_before and (beyond := _beyond(taking, left, presented.terms)):
                return Verdict.of([beyond])
            context = GateContext(
                gate=bundle.gate,
                group=bundle.group_number,
                leg=bundle.leg,
                crosses=bundle.crosses,
                trust=trust,
                statuses=_statuses(bundle, trust, now),
                store=store,
                status_fresh_s=bundle.status_fresh_s,
                status_max_s=bundle.status_max_s,
                terms_required=True,
                time_zone=bundle.time_zone,
            )
            observed: dict[str, Any] = {
                "items": _rows(taking),
                "seal": seen.seal,
                "inspection": seen.inspection,
            }
            if seen.counter is not None:
                observed["counter_reason"] = seen.counter.reason
            officer = None if seen.counter is None else seen.counter.officer
            passage = Passage(seen.use_id or secrets.token_hex(8), observed, officer, limits)
            return admit(presented, context, passage, now)

    def events_after(self, number: int) -> list[GateEvent]:
        """This gate's events numbered above `number`."""
        with closing(SqliteUseStore(self.store, self.folder.name, self.key())) as store:
            return store.events_after(number)

    def key(self) -> KeyPair:
        """The gate's own key; raises NotReady before it was enrolled."""
        try:
            return KeyPair.load(self.folder / KEY)
        except FileNotFoundError:
            raise NotReady(
                f"gate {self.folder.name} has no key: enrol it with `twoparks gate enrol`"
            ) from None

    def bundle(self) -> Bundle:
        """What was synchronised last; raises NotReady before the first time."""
        try:
            return Bundle.of_json(json.loads((self.folder / BUNDLE).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise NotReady(
                f"gate {self.folder.name} was never synchronised: run `twoparks gate sync`"
            ) from None

    def take_bundle(self, bundle: Bundle) -> None:
        """Put a new bundle in place of the old one, whole or not at all."""
        fresh = self.folder / f".{BUNDLE}.new"
        fresh.write_text(json.dumps(bundle.to_json(), ensure_ascii=False), encoding="utf-8")
        fresh.replace(self.folder / BUNDLE)


def split_code(scanned: str) -> tuple[str, str | None]:
    """The pass and the phone's moving code where both were read, each on a line of its own."""
    lines = [line.strip("\r\t") for line in scanned.split("\n")]
    moving = next((line for line in lines if line.startswith(HOLDER_PREFIX)), None)
    return "".join(line for line in lines if not line.startswith(HOLDER_PREFIX)), moving


def root_json(root: PublicKey) -> Mapping[str, Any]:
    """A root key as a bundle carries it."""
    return root.to_json()


def token_text(raw: bytes) -> str:
    """Bytes as a bundle carries them."""
    return base64url(raw)


def _trust(bundle: Bundle) -> Trust:
    roots = [PublicKey.from_json(dict(root)) for root in bundle.roots]
    return Trust.of(*map(_read_list, bundle.trust_lists, roots))


@lru_cache(maxsize=64)
def _read_list(text: str, root: PublicKey) -> TrustList:
    """A trust list as its root signed it; the same bytes are proved once, not at every scan."""
    return TrustList.read(read_base64url(text), root)


def _statuses(bundle: Bundle, trust: Trust, now: datetime) -> Statuses:
    """The lists that verify; one that does not is left out, and the gate then refuses what needs it."""
    found: dict[tuple[int, int], StatusList] = {}
    for name, text in zip(bundle.status_names, bundle.status_lists, strict=True):
        try:
            found[name] = decode_and_verify(read_base64url(text), trust, now)
        except LedgerRefusal:
            continue
    return found


def _terms_for(code: str, bundle: Bundle, trust: Trust, now: datetime) -> Mapping[str, Any] | None:
    """The terms document of the permit a code names, once its signatures are good."""
    try:
        found = verify_signatures(from_text(code), trust, now)
    except PassRefused:
        return None
    return None if isinstance(found, Refusal) else bundle.terms.get(found.claims.permit)


def _left(terms: Mapping[str, Any] | None, bundle: Bundle, store: UseStore) -> dict[int, int]:
    """Quantities the terms still allow on this leg, by line, as far as this group's store knows."""
    if terms is None:
        return {}
    leg = f"{bundle.leg}:{bundle.crosses[0]}-{bundle.crosses[1]}"
    gone = store.carried(terms["permit"], leg)
    return {line: max(0, most - gone[line]) for line, most in (_limits(terms) or {}).items()}


def _limits(terms: Mapping[str, Any] | None) -> dict[int, int] | None:
    """Quantities the terms allow, by line; the store holds every lane to them."""
    return None if terms is None else {row["line"]: row["quantity"] for row in terms["terms"]["items"]}


def _beyond(
    taking: Mapping[int, int], left: Mapping[int, int], terms: Mapping[str, Any] | None
) -> Reason | None:
    """Why more is carried than may be, or None; without terms the gate has other reasons to stop."""
    for line, quantity in taking.items():
        if terms is not None and quantity > left.get(line, 0):
            said = f"line {line}: {quantity} carried, {left.get(line, 0)} left under the permit"
            return stop("quantity_exceeds", said, line=line, carried=quantity, left=left.get(line, 0))
    return None


def _rows(quantities: Mapping[int, int]) -> list[dict[str, int]]:
    return [{"line": line, "quantity": quantity} for line, quantity in sorted(quantities.items())]
