"""What a gate's checks say, in the reader's language: one sentence a code, the terminal's English where there is none."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from twoparks.passes.verdict import Light, Reason
from twoparks.registry.words import words
from twoparks.registry.zone import ZoneError, zone

SENTENCES: Mapping[str, object] = {
    "signatures_good": _("Both parks signed it."),
    "valid": _("It is within its time."),
    "route_matches": _("It is for this bank, direction and gate."),
    "status_fresh": _("Not revoked by %(park)s; that list is %(age_s)s s old."),
    "terms_match": _("The terms are those both parks signed."),
    "labels_match": _("The labels are those the pass was made for."),
    "use_left": _("%(left)s of %(uses)s uses left on this leg."),
    "not_counted": _("Passages under this permit are not counted."),
    "repeated": _("This presentation was let through before; its record stands."),
    "expired": _("The time of the pass has ended."),
    "not_yet_valid": _("The time of the pass has not begun."),
    "wrong_bank": _("The pass does not concern this bank."),
    "wrong_direction": _("The pass is for the other direction."),
    "wrong_leg": _("The pass names this gate for its other leg."),
    "wrong_group": _("The pass is for another gate."),
    "status_missing": _("The status list of %(park)s is not here. Refresh the gate."),
    "status_key": _("The key behind the status list of %(park)s is no longer good."),
    "status_ageing": _("The status list of %(park)s is %(age_s)s s old; ask at the counter."),
    "status_stale": _("The status list of %(park)s is too old. Refresh the gate."),
    "status_future": _("The status list of %(park)s is dated ahead of this gate's clock."),
    "revoked": _("Revoked by %(park)s."),
    "suspended": _("Suspended by %(park)s."),
    "terms_missing": _("The terms of this permit are not at this gate. Refresh it, or ask at the counter."),
    "terms_differ": _("The terms are not the ones both parks signed."),
    "labels_missing": _("Scan or type every label: the pass is bound to its boxes."),
    "labels_differ": _("These are not exactly the boxes the pass was made for."),
    "within_hours": _("It is within its hours, %(hours)s."),
    "outside_hours": _("It is %(now)s; the pass is for %(hours)s."),
    "holder_shown": _("It is shown by its own phone."),
    "holder_missing": _("The phone's moving code is missing: it stands below the pass."),
    "holder_other_key": _("The pass was made for another phone."),
    "holder_signature": _("The moving code is for another permit, gate or time."),
    "holder_step": _("The moving code is not of this minute. Show the pass again."),
    "holder_replayed": _("This moving code was shown here before. Show the next one."),
    "holder_malformed": _("The moving code is damaged. Show it again."),
    "gate_clock_off": _("The gate's clock is off by %(error_s)s s. Use the counter."),
    "already_used": _("It was used before: %(used)s of %(uses)s times on this leg."),
    "quantity_exceeds": _("Line %(line)s: %(carried)s carried, %(left)s left under the permit."),
    "store_unreachable": _("The gate cannot reach its group's record of uses. Use the counter."),
    "use_id_taken": _("Present it anew."),
    "labels_malformed": _("Give every label once, none empty."),
    "park_unknown": _("It is by a park that is not of this zone."),
    "terms_not_shown": _("The terms are not at this gate; it does not need them."),
    "qr_prefix": _("This is not a pass of the two parks."),
    "signature_missing": _("It carries one signature; both parks must sign."),
    "signature_extra": _("It carries more than two signatures."),
    "signature_copied": _("Both signatures are by one park; each must sign with its own key."),
    "signature_zeroed": _("One signature is blank."),
    "signature_false": _("A signature is not over this pass: it was changed."),
    "signature_high_s": _("A signature was changed."),
    "signature_length": _("A signature was changed."),
    "key_unknown": _("A signature is by a key that neither park trusts."),
    "key_other_park": _("A signature is by the wrong park."),
    "key_other_purpose": _("A signature is by a key that does not sign passes."),
    "key_retired": _("A signature is by a key given up since."),
    "key_compromised": _("A signature is by a key that somebody else may hold."),
}
BROKEN = _("The code is damaged or not a pass. Scan it again.")
DAMAGED = (
    "algorithm_other",
    "claims_",
    "header_refused",
    "malformed",
    "not_deterministic",
    "qr_",
    "too_long",
    "trailing_bytes",
)
LIGHTS = {Light.GREEN: "green", Light.REFER: "refer_gate", Light.REFUSE: "refuse"}
SHAPES = {Light.GREEN: ("good", "good"), Light.REFER: ("wait", "ask"), Light.REFUSE: ("stop", "stop")}


def sentence(reason: Reason) -> str:
    """One check in words; parks are named, not spelt by their ids."""
    template = SENTENCES.get(reason.code)
    if template is None:
        return str(BROKEN) if reason.code.startswith(DAMAGED) else reason.plain
    values = {name: _park(value) if name == "park" else value for name, value in reason.values.items()}
    try:
        return str(template) % values
    except KeyError:
        return reason.plain  # a code that comes with other values than its sentence names


SHORT: Mapping[str, object] = {  # of those whose sentence names a value
    "status_missing": _("A status list was not at the gate."),
    "status_key": _("The key behind a status list was no longer good."),
    "status_ageing": _("A status list was ageing."),
    "status_stale": _("A status list was too old."),
    "status_future": _("A status list was dated ahead of the gate's clock."),
    "revoked": _("Revoked."),
    "suspended": _("Suspended."),
    "outside_hours": _("Outside its hours."),
    "gate_clock_off": _("The gate's clock was off."),
    "already_used": _("Used before."),
    "quantity_exceeds": _("More was carried than was left under the permit."),
}


def in_short(code: str) -> str:
    """A code alone in words, where the values it came with were not kept; the code itself where nobody gave it words."""
    if code in SHORT or code in SENTENCES:
        return str(SHORT.get(code) or SENTENCES[code])
    return str(BROKEN) if code.startswith(DAMAGED) else code


def _park(value: object) -> str:
    try:
        return words(zone().park(str(value)).name)
    except ZoneError:
        return str(value)
