"""Every check earns its place: without any one of them some schedule of the law next door breaks.

`FOUND_BY` names, for each, a schedule that finds it; when a schedule changes, others are searched. Where a second check
stands behind the first, both are taken out together, and either of them put back must hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.laws.schedules.checks import CHECKS
from tests.laws.schedules.days import A_LIAR, ANYTHING, AT_THE_GATES, OTHER_KEYS
from tests.laws.schedules.finding import TRIES, finds, search
from tests.laws.schedules.removing import Check, still_there
from tests.laws.schedules.running import quietly, stages

pytestmark = pytest.mark.one_database  # both nodes live in SQLite in memory here, whatever the suite runs on

ON_ANY_DAY: Mapping[str, int] = {
    "inbox: signature of the envelope": 100,
    "inbox: key of the author's park": 219,
    "inbox: same digest is a duplicate": 4,
    "inbox: order of numbers": 46,
    "inbox: canonical form": 11,
    "outbox: queued in the act's transaction": 5,
    "received: who may say it": 2,
    "received: clearance of what its law allows": 285,
    "received: terms within the declaration": 7,
    "received: withdrawn by its home park": 89,
    "received: signed or revoked after clearing": 107,
    "received: the peer's signature verified": 160,
    "received: passage at a gate of that park": 0,
    "officers: every authority has granted": 86,
    "officers: one decision of the park": 11,
    "node: both clearances before signing": 0,
    "node: signed once": 1,
    "node: the newest version is signed": 0,
    "status: revoked ends": 102,
    "pass: the second signature": 35,
    "pass: the signature is over these claims": 160,
    "pass: key for passes": 10,
    "pass: two keys of two parks": 138,
    "pass: two signatures": 9,
    "gate: status of the entry side": 102,
    "gate: status list there": 6,
    "inbox: key of the purpose": 13,
    "inbox: key neither retired nor given up": 8,
    "inbox: same id, other content": 132,
    "inbox: number taken before": 44,
    "outbox: an act that crosses is queued": 0,
    "trust: nothing given up comes back": 0,
    "received: clearance over the declared bytes": 57,
    "received: one clearance for a version": 19,
    "received: versions in order": 3,
    "received: each park for its own law": 1,
    "received: signature over the same bytes": 89,
    "received: passage under a permit in force": 1,
    "officers: nobody acted since they looked": 31,
    "officers: only a park officer clears": 105,
    "officers: terms within the declaration": 59,
    "node: nothing revoked is signed": 8,
    "node: nothing withdrawn is signed": 27,
    "status: earlier versions end": 87,
    "status: withdrawn ends": 278,
    "pass: the first signature": 10,
    "pass: key of the park at that place": 187,
    "pass: key neither retired nor given up": 24,
    "gate: status of the exit side": 87,
    "gate: status bit": 87,
    "status list: signed by a good key": 27,
    "gate: labels are those signed": 29,
    "officers: forbidden is never cleared": 1380,
    "officers: nothing is decided that was closed": 69,
    "received: declared by its home park, by its record and by its id": 1,
    "pass: not zeroed, and signed": 26,
}
AT_GATES: Mapping[str, int] = {
    "gate: validity": 1,
    "gate: status fresh": 1,
    "gate: terms must be there": 1,
    "gate: status not stale": 76,
    "gate: terms are those signed": 5,
    "gate: no counter without terms": 1,
    "gate: both banks and this one, by the pass and by the gate": 99,
    "gate: direction, by the pass, its group and its bundle": 41,
    "gate: group, by the pass and by its bundle": 1,
    "gate: labels are there and those signed": 8,
    "gate and store: quantity left": 8,
    "gate and store: uses left": 9,
    "status list: never goes back": 6,
    "store: quantity left": 18,
    "store: uses left": 142,
    "store: a use id is of one passage": 152,
    "events: by that gate": 11,
    "events: in their order": 0,
    "ledger: goods on the way too long have an owner": 3,
    "node: nothing refused is refused again": 26,
}
WITH_OTHER_KEYS: Mapping[str, int] = {
    "node: signed anew when the key was given up": 2,
    "received: signed anew only when the key was given up": 8,
}
WITH_A_LIAR: Mapping[str, int] = {
    "received: parties on their banks": 1,
    "received: gates that lead this way": 5,
    "received: ends after it begins": 18,
    "received: lines in order": 3,
    "received: names that fit into a pass": 1,
    "received: refusal of the declared bytes": 0,
    "received: passage said by its gate": 16,
    "received: passage the right way, by its gate and by its number": 1,
    "received: passages in turn": 4,
    "received: passage of declared goods": 4,
    "received: discrepancy opened by its owner": 16,
    "received: discrepancy opened by the node": 186,
    "received: nothing declared once withdrawn": 99,
    "inbox: not dated ahead": 3,
    "inbox: nothing that stays at home": 0,
    "inbox: nothing beyond the contract": 3,
    "inbox: ids of the author's park": 1,
    "status list: signed": 17,
    "status list: signed by a key for it": 1,
    "status list: not ended": 1,
}
FOUND_BY = {
    **{name: (ANYTHING, seed) for name, seed in ON_ANY_DAY.items()},
    **{name: (AT_THE_GATES, seed) for name, seed in AT_GATES.items()},
    **{name: (OTHER_KEYS, seed) for name, seed in WITH_OTHER_KEYS.items()},
    **{name: (A_LIAR, seed) for name, seed in WITH_A_LIAR.items()},
}
NEEDED = [check for check in CHECKS if not check.spare]


@pytest.mark.parametrize("check", NEEDED, ids=lambda check: check.name)
def test_without_this_check_a_schedule_breaks_that_holds_with_it(
    check: Check, django_db_blocker: Any
) -> None:
    day, seed = FOUND_BY[check.name]
    with django_db_blocker.unblock(), quietly():
        stages()  # made with every check in place
        if finds(check, seed, day):
            return
        found = search(check)
    assert found is not None, f"nobody noticed in any of {TRIES} schedules a day that this was gone"
    print(f"write into the table: {check.name}: {found[1]}, {found[0].name}")


@pytest.mark.parametrize("check", [c for c in CHECKS if c.spare], ids=lambda check: check.name)
def test_a_check_with_another_behind_it_is_found_gone_together_with_that(check: Check) -> None:
    assert still_there(check)
    assert any({*check.cuts} < {*other.cuts} for other in NEEDED)
