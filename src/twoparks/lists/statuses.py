"""The word, shape and tint of every status, as pages, files and tags show it."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

# status key -> (tint, shape, word)
STATUSES: Mapping[str, tuple[str, str, object]] = {
    "declared": ("wait", "wait", _("Declared")),
    "in_review": ("wait", "wait", _("In review")),
    "cleared_by_one": ("wait", "half", _("Cleared by one park")),
    "in_force": ("good", "good", _("In force")),
    "in_transit": ("good", "move", _("In transit")),
    "completed": ("plain", "good", _("Completed")),
    "refused": ("stop", "stop", _("Refused")),
    "revoked": ("stop", "stop", _("Revoked")),
    "withdrawn": ("plain", "end", _("Withdrawn")),
    "expired": ("plain", "end", _("Expired")),
    "draft": ("plain", "empty", _("Draft")),
    "clear": ("good", "good", _("May cross")),
    "conditional": ("wait", "half", _("Conditional")),
    "forbidden": ("stop", "stop", _("Forbidden")),
    "refer": ("wait", "ask", _("For a person to decide")),
    "unknown": ("plain", "ask", _("Not yet known")),
    "held": ("good", "good", _("Held")),
    "missing": ("wait", "empty", _("Missing")),
    "duty": ("plain", "move", _("Duty")),
    "cleared": ("good", "good", _("Cleared")),
    "waiting": ("wait", "wait", _("Waiting")),
    "not_started": ("plain", "empty", _("Not started")),
    "started": ("wait", "half", _("Begun")),
    "to_mend": ("stop", "ask", _("To correct")),
    "done": ("good", "good", _("Done")),
    "open": ("good", "good", _("Open")),
    "under_construction": ("wait", "half", _("Under construction")),
    "planned": ("plain", "empty", _("Planned")),
    "departed": ("wait", "move", _("Departed")),
    "arrived": ("wait", "half", _("Arrived")),
    "reconciled": ("good", "good", _("Reconciled")),
    "short": ("stop", "stop", _("Short")),
    "over": ("stop", "stop", _("Over")),
    "overdue": ("stop", "stop", _("Overdue")),
    "unannounced": ("stop", "ask", _("Unannounced")),
    "discrepancy": ("stop", "stop", _("Discrepancy")),
    "closed": ("plain", "end", _("Closed")),
    "green": ("good", "good", _("Pass")),
    "refer_gate": ("wait", "ask", _("Refer to the counter")),
    "refuse": ("stop", "stop", _("Do not pass")),
    "ready": ("good", "good", _("Ready to clear")),
    "incident_open": ("stop", "ask", _("Not settled")),
    "gate.passed": ("good", "good", _("Let through")),
    "gate.referred": ("wait", "ask", _("Referred")),
    "gate.refused": ("stop", "stop", _("Turned back")),
    "enrolled": ("good", "good", _("Enrolled")),
    "not_enrolled": ("plain", "empty", _("Not enrolled")),
    "cut_off": ("stop", "stop", _("Cut off")),
    "cosigned": ("good", "good", _("Cosigned")),
    "not_cosigned": ("wait", "wait", _("Not yet cosigned")),
    "released": ("good", "good", _("Released")),
    "not_released": ("plain", "empty", _("Not released")),
    "simulated": ("plain", "empty", _("Simulated register")),
    "valid": ("good", "good", _("Valid")),
    "revoked_entry": ("stop", "stop", _("Revoked")),
    "stands": ("good", "good", _("Stands")),
    "ended": ("stop", "end", _("Ended")),
    "not_heard": ("wait", "ask", _("Not heard lately")),
    "other_holder": ("stop", "stop", _("Other holder")),
}


def status_word(key: object) -> str:
    """The word of a status in the reader's language; the key itself where nobody gave it one."""
    return str(STATUSES.get(str(key), ("", "", str(key)))[2])
