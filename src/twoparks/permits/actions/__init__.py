"""The only writers of permits: one verb, one transaction, one act of a person; what follows from it, the node adds."""

from twoparks.permits.actions.applicant import declare, discard_draft, save_draft, vary, withdraw
from twoparks.permits.actions.consent import consent, permits_to_end, rebuild_people, withdraw_consent
from twoparks.permits.actions.ending import end_with_trial
from twoparks.permits.actions.node import apply, follow, follow_keys, follow_law, go_on, register_then
from twoparks.permits.actions.officers import clear, decide, refuse, revoke
from twoparks.permits.actions.places import take_status
from twoparks.permits.actions.projection import project, rebuild, register_rebuild, register_told

__all__ = [
    "apply",
    "clear",
    "consent",
    "decide",
    "declare",
    "discard_draft",
    "end_with_trial",
    "follow",
    "follow_keys",
    "follow_law",
    "go_on",
    "permits_to_end",
    "project",
    "rebuild",
    "rebuild_people",
    "refuse",
    "register_rebuild",
    "register_then",
    "register_told",
    "revoke",
    "save_draft",
    "take_status",
    "vary",
    "withdraw",
    "withdraw_consent",
]
