"""What can be done to a trial at a park at a moment, and why not. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from twoparks.pilots import rules
from twoparks.pilots.types import Action, Possible, Status, Trial


@dataclass(frozen=True)
class At:
    """A trial seen from one park at a moment."""

    trial: Trial
    park: str
    bank: str
    now: datetime

    @property
    def status(self) -> Status:
        """Where the trial stands."""
        return rules.status(self.trial, self.now)


def possible(at: At) -> Mapping[Action, Possible]:
    """Every action with whether this park's people may take it now, and why not."""
    found = {}
    for action, refusal in _REFUSALS.items():
        says = refusal(at)
        found[action] = Possible(action, says is None, says or "")
    return found


def _no_file(at: At) -> str | None:
    if at.park != at.trial.home:
        return _("Only the park where it was filed can file it anew.")
    if rules.agreed_at(at.trial) is not None:
        return _("Both parks have signed it; a change of it is a new trial.")
    return None if at.status in {Status.FILED, Status.REFUSED} else _("The trial is over.")


def _no_agree(at: At) -> str | None:
    if at.status is not Status.FILED:
        return _("Authorities answer before both parks have signed.")
    if at.park in at.trial.current.signed:
        return _("This park has signed already.")
    return None


def _no_sign(at: At) -> str | None:
    if (closed := _no_agree(at)) is not None:
        return closed
    if rules.waiting_authorities(at.trial.current, at.bank):
        return _("Each authority of this bank that the protocol names must agree first.")
    return None


def _no_refuse(at: At) -> str | None:
    if at.status is not Status.FILED:
        return _("A trial is refused before both parks have signed; afterwards it is stopped.")
    return None


def _no_open(at: At) -> str | None:
    if at.status not in {Status.SHADOW, Status.LIVE}:
        return _("A trial is opened while its shadow run shows figures.")
    if at.park in at.trial.current.opened:
        return _("This park has opened it already.")
    return None


def _no_join(at: At) -> str | None:
    if at.status in {Status.AGREED, Status.SHADOW, Status.LIVE}:
        return None
    return _("Organisations join once both parks have signed and until the trial ends.")


def _no_leave(at: At) -> str | None:
    return None if rules.agreed_at(at.trial) is not None else _("Nobody takes part yet.")


def _no_harm(at: At) -> str | None:
    if rules.agreed_at(at.trial) is None:
        return _("Harm is recorded once the trial runs.")
    return _("The trial was reported.") if at.status is Status.REPORTED else None


def _no_stop(at: At) -> str | None:
    if at.status in {Status.AGREED, Status.SHADOW, Status.LIVE}:
        return None
    return _("There is nothing to stop.")


def _no_report(at: At) -> str | None:
    if at.park != at.trial.home:
        return _("The park where it was filed reports it.")
    if at.status in {Status.STOPPED, Status.ENDED} and rules.agreed_at(at.trial) is not None:
        return None
    return _("A trial is reported once it has ended or was stopped.")


_REFUSALS: Mapping[Action, Callable[[At], str | None]] = {
    Action.FILE: _no_file,
    Action.AGREE: _no_agree,
    Action.SIGN: _no_sign,
    Action.REFUSE: _no_refuse,
    Action.OPEN: _no_open,
    Action.JOIN: _no_join,
    Action.LEAVE: _no_leave,
    Action.HARM: _no_harm,
    Action.STOP: _no_stop,
    Action.REPORT: _no_report,
}
