"""The only readers of trials for pages, API and reports. What a user may not see raises Forbidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from twoparks.federation.queries import acts
from twoparks.federation.types import StoredAct, StreamId
from twoparks.law.pack import PackError
from twoparks.packs import load
from twoparks.pilots import joining, rules, trial_law
from twoparks.pilots import protocol as p
from twoparks.pilots.figures import Figures, figures
from twoparks.pilots.models import TrialCase, TrialDraft, TrialRow
from twoparks.pilots.possible import At, possible
from twoparks.pilots.types import Action, Joined, Possible, Protocol, Status, Trial
from twoparks.registry.access import Seer, Subject, Verb, demand, may, scopes_of, who_may
from twoparks.registry.models import Organisation, User
from twoparks.registry.node import this_node
from twoparks.registry.zone import zone

FEW = 20  # filed protocols looked at to say what waits for a person
_VERBS = {
    Action.FILE: Verb.FILE_TRIAL,
    Action.SIGN: Verb.SIGN_TRIAL,
    Action.REFUSE: Verb.SIGN_TRIAL,
    Action.OPEN: Verb.OPEN_TRIAL,
    Action.STOP: Verb.STOP_TRIAL,
    Action.REPORT: Verb.REPORT_TRIAL,
}


@dataclass(frozen=True)
class Changed:
    """One provision or parameter that the law on trial says otherwise: `how` is new, changed or gone."""

    id: str
    how: str
    says: Mapping[str, str]


@dataclass(frozen=True)
class Own:
    """An organisation for which the reader may join or leave."""

    organisation: Organisation
    joined: Joined | None
    objection: str  # why it cannot join; empty when it can


@dataclass(frozen=True)
class TrialDetail:
    """Everything a page says about one trial. Carry `trial.acts` as `seen` into any action."""

    trial: Trial
    status: Status
    figures: Figures
    possible: Mapping[Action, Possible]  # only those this user's roles allow
    agreeing_for: tuple[str, ...]  # authorities for which the reader may answer
    own: tuple[Own, ...]
    sees_cases: bool
    joined: tuple[Joined, ...]  # all for who sees cases, else the reader's own
    taking_part: int
    changes: tuple[Changed, ...]
    unfit: str  # what this park's packs object to the change
    acts: tuple[StoredAct, ...]  # none for who does not see cases
    seers: tuple[Seer, ...]


def trial(user: User, number: str) -> Trial:
    """One trial; raises NoTrial or Forbidden."""
    demand(user, Verb.SEE_TRIAL)
    return rules.fold(acts(StreamId(number)), zone())


def detail(user: User, number: str, now: datetime) -> TrialDetail:
    """One trial for one reader; raises NoTrial or Forbidden."""
    demand(user, Verb.SEE_TRIAL)
    found = acts(StreamId(number))
    made = rules.fold(found, zone())
    sees_cases = bool(may(user, Verb.SEE_TRIAL_CASES))
    own = _own(user, made)
    mine = {each.organisation.id for each in own}
    taking_part = [joined for joined in made.joined.values() if joined.left_at is None]
    return TrialDetail(
        trial=made,
        status=rules.status(made, now),
        figures=figures(made),
        possible=_possible_for(user, made, own, now),
        agreeing_for=_agreeing_for(user, made),
        own=own,
        sees_cases=sees_cases,
        joined=tuple(j for j in made.joined.values() if sees_cases or j.organisation in mine),
        taking_part=len(taking_part),
        changes=changes(made.protocol),
        unfit=trial_law.fits(made.protocol) or "",
        acts=tuple(found) if sees_cases else (),
        seers=who_may(Verb.SEE_TRIAL),
    )


def visible(user: User) -> QuerySet[TrialRow]:
    """The trials a list shows this user."""
    return TrialRow.objects.all() if may(user, Verb.SEE_TRIAL) else TrialRow.objects.none()


def demand_cases(user: User) -> None:
    """Raise Forbidden unless the user may see cases of trials."""
    demand(user, Verb.SEE_TRIAL_CASES)


def visible_cases(user: User) -> QuerySet[TrialCase]:
    """The cases of trials a list shows this user."""
    return TrialCase.objects.all() if may(user, Verb.SEE_TRIAL_CASES) else TrialCase.objects.none()


def cases_of(found: Trial) -> QuerySet[TrialCase]:
    """The cases of one trial, for whoever was let at it before."""
    return TrialCase.objects.filter(trial=found.id)


def running(flow: str, crosses: str, now: datetime) -> tuple[TrialRow, ...]:
    """Trials in shadow or live for that flow and direction; open to everybody, no person and no organisation in it."""
    rows = TrialRow.objects.filter(flow=flow, crosses__in=("", crosses), stage__in=("agreed", "opened"))
    return tuple(rows.filter(shadow_at__lte=now, ends_at__gt=now).order_by("filed_at", "id"))


def waiting_for(user: User, now: datetime) -> int:
    """How many filed protocols this person may still answer or sign at this park."""
    park = this_node().park
    if not scopes_of(user, Verb.AGREE_TRIAL) and not may(user, Verb.SIGN_TRIAL):
        return 0
    rows = in_status(TrialRow.objects.all(), Status.FILED, now).values_list("id", flat=True)[:FEW]
    found = [rules.fold(acts(StreamId(number)), zone()) for number in rows]
    signs = bool(may(user, Verb.SIGN_TRIAL))
    return sum(_waits(user, each, park.id, signs) for each in found)


def _waits(user: User, found: Trial, park: str, signs: bool) -> bool:
    """Whether an answer or the signature of this person is still missing."""
    current, bank = found.current, zone().park(park).bank
    if park in current.signed:
        return False
    if signs and not rules.waiting_authorities(current, bank):
        return True
    return any(key not in current.agreed for key in _agreeing_for(user, found))


def status_of(row: TrialRow, now: datetime) -> Status:
    """The status of a row at `now`."""
    if row.stage in {"refused", "stopped", "ended", "reported"}:
        return Status(row.stage)
    if now >= row.ends_at:
        return Status.ENDED
    if row.stage == "filed":
        return Status.FILED
    if now < row.shadow_at:
        return Status.AGREED
    return Status.LIVE if row.stage == "opened" and now >= row.live_at else Status.SHADOW


def in_status(rows: QuerySet[TrialRow], status: Status, now: datetime) -> QuerySet[TrialRow]:
    """The rows whose trials have that status at `now`."""
    over, begun = Q(ends_at__lte=now), Q(shadow_at__lte=now)
    opened = Q(stage="opened", live_at__lte=now)
    match status:
        case Status.ENDED:
            return rows.filter(Q(stage="ended") | (over & Q(stage__in=("filed", "agreed", "opened"))))
        case Status.FILED:
            return rows.filter(stage="filed").exclude(over)
        case Status.AGREED:
            return rows.filter(stage__in=("agreed", "opened")).exclude(over).exclude(begun)
        case Status.LIVE:
            return rows.filter(opened & begun).exclude(over)
        case Status.SHADOW:
            return rows.filter(begun, stage__in=("agreed", "opened")).exclude(over).exclude(opened)
    return rows.filter(stage=str(status))


def changes(protocol: Protocol) -> tuple[Changed, ...]:
    """What the law on trial says otherwise than the packs, nothing where the change no longer fits them."""
    try:
        law = trial_law.law_of(protocol)
    except PackError:
        return ()
    base = load()
    found = []
    for old, new in ((base.provisions, law.provisions), (base.parameters, law.parameters)):
        for key in dict.fromkeys([*new, *old]):
            if old.get(key) != new.get(key):
                how = "new" if key not in old else "gone" if key not in new else "changed"
                said = new.get(key) or old[key]
                found.append(Changed(key, how, said.says))
    return tuple(found)


def filing_draft(user: User, draft: str) -> TrialDraft:
    """The draft a protocol begins from; raises DoesNotExist or Forbidden."""
    demand(user, Verb.DRAFT_TRIAL)
    return TrialDraft.objects.get(pk=draft)


def as_filed(found: Trial) -> dict[str, object]:
    """The current protocol as it was filed, to be filed anew."""
    return p.to_json(found.protocol)


def names(organisations: frozenset[str]) -> Mapping[str, Mapping[str, str]]:
    """Names of organisations known here, by id."""
    return dict(Organisation.objects.filter(pk__in=organisations).values_list("id", "name"))


def _own(user: User, found: Trial) -> tuple[Own, ...]:
    ids = [role.organisation_id for role, _scope in scopes_of(user, Verb.JOIN_TRIAL) if role.organisation_id]
    return tuple(
        Own(each, found.joined.get(each.id), joining.objection(found, each) or "")
        for each in Organisation.objects.filter(pk__in=ids)
    )


def _agreeing_for(user: User, found: Trial) -> tuple[str, ...]:
    named = found.protocol.authorities.get(this_node().park.bank, ())
    return tuple(k for k in named if may(user, Verb.AGREE_TRIAL, Subject(authorities=frozenset({k}))))


def _possible_for(user: User, found: Trial, own: tuple[Own, ...], now: datetime) -> Mapping[Action, Possible]:
    park = this_node().park
    every = possible(At(found, park.id, park.bank, now))
    named = frozenset(key for keys in found.protocol.authorities.values() for key in keys)
    allowed = {action for action, verb in _VERBS.items() if may(user, verb)}
    if _agreeing_for(user, found):
        allowed.add(Action.AGREE)
    if own:
        allowed |= {Action.JOIN, Action.LEAVE}
    if may(user, Verb.RECORD_HARM, Subject(authorities=named)):
        allowed.add(Action.HARM)
    return {action: answer for action, answer in every.items() if action in allowed}
