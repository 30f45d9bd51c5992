"""The only writers of trials: one verb, one transaction, one act of a person; what follows from it, the node adds."""

from twoparks.pilots.actions.node import apply, follow, follow_days, go_on, rebuild, take_permit, watch_permit
from twoparks.pilots.actions.officers import agree, open_trial, record_harm, refuse, sign, stop
from twoparks.pilots.actions.participants import join, leave
from twoparks.pilots.actions.rule_makers import file, file_anew, report

__all__ = [
    "agree",
    "apply",
    "file",
    "file_anew",
    "follow",
    "follow_days",
    "go_on",
    "join",
    "leave",
    "open_trial",
    "rebuild",
    "record_harm",
    "refuse",
    "report",
    "sign",
    "stop",
    "take_permit",
    "watch_permit",
]
