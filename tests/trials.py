"""A trial of a rule as a test stage: filed in Shenzhen, agreed, signed, opened; the laboratory of the story takes part."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import Any

from tests.story import Story

from twoparks.federation.queries import acts
from twoparks.federation.types import StreamId
from twoparks.permits.types import PermitId
from twoparks.pilots import actions, rules
from twoparks.pilots.figures import Figures, figures
from twoparks.pilots.models import TrialCase
from twoparks.pilots.types import Trial, TrialId
from twoparks.registry.zone import zone

CHANGE = """
provisions:
  - id: CN-TRY-01
    instrument: special-goods-order-281
    flow: materials
    crosses: [sz-hk, hk-sz]
    status: pilot
    article: "1"
    when: special_goods && quarantine_grade in ["c", "d"]
    exempt: [customs_special_goods_quarantine_approval, customs_quarantine_inspection]
    confidence: V
    says:
      en: On trial, special goods of grades C and D of listed laboratories are notified, not approved.
      zh-Hant: 試行期間，名單內實驗室的C級及D級特殊物品以通報代替審批。
      zh-Hans: 试行期间，名单内实验室的C级和D级特殊物品以通报代替审批。
"""
FIRST = date(2026, 11, 22)  # the stage's day


def words(text: str) -> dict[str, str]:
    return {"en": text, "zh-Hant": f"{text}（繁）", "zh-Hans": f"{text}（简）"}


PROTOCOL: dict[str, Any] = {
    "title": words("Notified samples"),
    "question": words("Do notified samples cross sooner and as safely?"),
    "kind": "rule",
    "change": CHANGE,
    "flow": "materials",
    "crosses": "sz-hk",
    "authorities": {"ml": ["customs_ml"], "hk": ["dh"]},
    "participants": {
        "how": "open",
        "organisations": [],
        "sender_kinds": [],
        "places": {"sz": 5, "hk": 5},
        "drawn_per_mille": None,
    },
    "caps": {"permits": {"sz": 3, "hk": 0}, "per_participant": None, "quantity": None},
    "dates": {
        "shadow_from": FIRST.isoformat(),
        "live_from": FIRST.isoformat(),
        "ends": (FIRST + timedelta(days=30)).isoformat(),
    },
    "benefit": [{"key": "sooner", "words": words("sooner in force"), "counted": "working_minutes"}],
    "harm": [
        {
            "key": "found",
            "words": words("found at inspection"),
            "counted": "recorded",
            "accepted_per_mille": 10,
        },
        {"key": "refused", "words": words("refused"), "counted": "refused", "accepted_per_mille": 100},
    ],
    "stop_rule": {"harm": "found", "error_per_mille": 50, "at_least": 1},
    "data_kept": {"what": words("the cases"), "until": (FIRST + timedelta(days=400)).isoformat()},
    "when_stopped": "revoked",
    "assumed": ["harm.found.accepted_per_mille"],
}
NAMED = {"sz": ("customs_ml", "sz-customs"), "hk": ("dh", "hk-dh")}


def protocol(**changes: Any) -> dict[str, Any]:
    """The protocol with some of its fields written otherwise."""
    return {**copy.deepcopy(PROTOCOL), **changes}


class Trials:
    """The story of one trial."""

    def __init__(self, story: Story) -> None:
        self.story, self.nodes = story, story.nodes

    def file(self, raw: dict[str, Any] | None = None) -> TrialId:
        """Shenzhen's rule maker files, and the protocol arrives."""
        with self.nodes.at("sz"):
            trial = actions.file(self.story.user("sz-rules"), raw or protocol(), self.nodes.now)
        self.nodes.settle()
        return trial

    def seen(self, trial: TrialId) -> int:
        """How many acts the node stood on has of the trial."""
        return len(acts(StreamId(trial)))

    def agree(self, park: str, trial: TrialId, agrees: bool = True) -> None:
        """The named authority of one bank answers."""
        authority, officer = NAMED[park]
        with self.nodes.at(park):
            answer = (authority, agrees, "We have read it.")
            actions.agree(self.story.user(officer), trial, answer, self.seen(trial), self.nodes.now)

    def sign(self, park: str, trial: TrialId) -> None:
        """The park officer signs."""
        with self.nodes.at(park):
            actions.sign(self.story.user(f"{park}-officer"), trial, self.seen(trial), self.nodes.now)

    def signed(self, raw: dict[str, Any] | None = None) -> TrialId:
        """A trial both parks signed: its shadow run begins."""
        trial = self.file(raw)
        for park in ("sz", "hk"):
            self.agree(park, trial)
            self.sign(park, trial)
        self.nodes.settle()
        self.nodes.tick(60)
        return trial

    def open(self, park: str, trial: TrialId) -> None:
        """The park officer opens it on the figures before his eyes."""
        with self.nodes.at(park):
            digest = figures(self.here(trial)).digest()
            officer = self.story.user(f"{park}-officer")
            actions.open_trial(officer, trial, digest, self.seen(trial), self.nodes.now)

    def live(self, raw: dict[str, Any] | None = None, joins: bool = True) -> TrialId:
        """A live trial in which the laboratory takes part."""
        trial = self.signed(raw)
        for park in ("sz", "hk"):
            self.open(park, trial)
        if joins:
            self.join(trial)
        self.nodes.settle()
        self.nodes.tick(60)
        return trial

    def join(
        self, trial: TrialId, person: str = "sz-lab-admin", organisation: str = "sz-o-riverbank"
    ) -> None:
        """An administrator joins with the organisation."""
        with self.nodes.at(person[:2]):
            actions.join(self.story.user(person), trial, organisation, False, self.nodes.now)

    def harm(self, park: str, trial: TrialId, permit: PermitId | str = "") -> None:
        """An officer records a harm."""
        with self.nodes.at(park):
            officer = self.story.user(f"{park}-officer")
            said = ("found", permit, "A seal was broken.")
            actions.record_harm(officer, trial, said, self.seen(trial), self.nodes.now)

    def here(self, trial: TrialId) -> Trial:
        """The trial as the node stood on knows it."""
        return rules.fold(acts(StreamId(trial)), zone())

    def at(self, park: str, trial: TrialId) -> Trial:
        """The trial as one park knows it."""
        with self.nodes.at(park):
            return self.here(trial)

    def status(self, park: str, trial: TrialId) -> str:
        """The status one park shows."""
        return str(rules.status(self.at(park, trial), self.nodes.now))

    def figures(self, park: str, trial: TrialId) -> Figures:
        """The figures one park shows."""
        with self.nodes.at(park):
            return figures(self.here(trial))

    def cases(self, park: str, trial: TrialId) -> list[TrialCase]:
        """The rows one park holds, the earliest first."""
        with self.nodes.at(park):
            return list(TrialCase.objects.filter(trial=trial).order_by("declared_at", "permit"))
