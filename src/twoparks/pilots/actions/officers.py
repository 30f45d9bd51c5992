"""What officers do about a trial: agree for an authority; sign, refuse, open or stop for the park; record harm."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from twoparks.permits.models import PermitRow
from twoparks.permits.reading import Reader
from twoparks.permits.types import NotPossible
from twoparks.pilots import rules, trial_law
from twoparks.pilots.actions.guards import demand_possible, demand_reasons, say, take_up
from twoparks.pilots.actions.node import settle
from twoparks.pilots.figures import figures
from twoparks.pilots.types import Action, TrialId
from twoparks.registry.access import NODE, Subject, Verb, demand
from twoparks.registry.models import User
from twoparks.registry.node import this_node


@transaction.atomic
def agree(user: User, trial: TrialId, answer: tuple[str, bool, str], seen: int, now: datetime) -> None:
    """Say for an authority the protocol names whether it agrees, with reasons: (authority, agrees, reasons)."""
    authority, agrees, given = answer
    found = take_up(trial)
    role = demand(user, Verb.AGREE_TRIAL, Subject(authorities=frozenset({authority})))
    demand_possible(found, Action.AGREE, seen, now)
    if rules.bank_of(found.protocol, authority) != this_node().park.bank:
        raise NotPossible("not_named", _("The protocol does not name this authority for this bank."))
    body = {
        "version": found.current.number,
        "protocol_digest": found.current.digest,
        "authority": authority,
        "agrees": agrees,
        "reasons": demand_reasons(given),
    }
    say(found, "trial.authority_agreed", body, (user, role), now)


@transaction.atomic
def sign(user: User, trial: TrialId, seen: int, now: datetime) -> None:
    """Sign the protocol for the park; with the other park's signature the trial is agreed."""
    found = take_up(trial)
    role = demand(user, Verb.SIGN_TRIAL)
    demand_possible(found, Action.SIGN, seen, now)
    if (objection := trial_law.fits(found.protocol)) is not None:
        says = _("The packs of this park do not take the change: %(why)s") % {"why": objection}
        raise NotPossible("does_not_fit", says)
    body = {"version": found.current.number, "protocol_digest": found.current.digest}
    say(found, "trial.signed", body, (user, role), now)


@transaction.atomic
def refuse(user: User, trial: TrialId, reasons: str, seen: int, now: datetime) -> None:
    """Refuse this version for the park; the rule maker may file another."""
    found = take_up(trial)
    role = demand(user, Verb.SIGN_TRIAL)
    demand_possible(found, Action.REFUSE, seen, now)
    body = {"version": found.current.number, "reasons": demand_reasons(reasons)}
    say(found, "trial.refused", body, (user, role), now)


@transaction.atomic
def open_trial(user: User, trial: TrialId, figures_digest: str, seen: int, now: datetime) -> None:
    """Agree for the park that it decides, having seen the shadow figures of that digest; both parks must."""
    found = take_up(trial)
    role = demand(user, Verb.OPEN_TRIAL)
    demand_possible(found, Action.OPEN, seen, now)
    if figures_digest != figures(found).digest():
        raise NotPossible("other_figures", _("The figures have changed since you looked; look again."))
    body = {"version": found.current.number, "seen": figures_digest}
    say(found, "trial.opened", body, (user, role), now)


@transaction.atomic
def stop(user: User, trial: TrialId, reasons: str, seen: int, now: datetime) -> None:
    """Stop the trial for the park, at once and at both parks."""
    found = take_up(trial)
    role = demand(user, Verb.STOP_TRIAL)
    demand_possible(found, Action.STOP, seen, now)
    body = {
        "version": found.current.number,
        "why": "officer",
        "reasons": demand_reasons(reasons),
        "figures": figures(found).as_json(),
    }
    settle(say(found, "trial.stopped", body, (user, role), now), now)


@transaction.atomic
def record_harm(user: User, trial: TrialId, harm: tuple[str, str, str], seen: int, now: datetime) -> None:
    """Record a harm: (measure, permit or '', reasons); no personal data. The stop rule is asked at once."""
    measure, permit, given = harm
    found = take_up(trial)
    named = frozenset(key for keys in found.protocol.authorities.values() for key in keys)
    role = demand(user, Verb.RECORD_HARM, Subject(authorities=named) if named else NODE)
    demand_possible(found, Action.HARM, seen, now)
    reader = Reader()
    reader.choice(measure, "measure", [h.key for h in found.protocol.harm if h.counted == "recorded"])
    if permit and not PermitRow.objects.filter(pk=permit, trial=found.id).exists():
        reader.wrong(
            "permit", permit, _("give the number of a permit declared under this trial, or leave it empty")
        )
    reader.done()
    body = {"measure": measure, "permit": permit or None, "reasons": demand_reasons(given)}
    say(found, "trial.harmed", body, (user, role), now)
