"""Every check on the way from an envelope to a green light, each with how to take it out."""

from __future__ import annotations

from collections.abc import Sequence

from tests.laws.schedules.removing import Check, Cut

OPEN = "ledger.envelope:open_envelope"
ACCEPT = "federation.actions:_accept"
RECEIVED = "permits.received:"
MATERIALS = "permits.flows.materials:Materials."
PASSAGES = "crossings.received:"
COSE = "passes.cose:"
GATE = "passes.gate:"
BUNDLE = "crossings.bundles:_terms"
HERE, EVERYWHERE = "issued.rows_at_groups([group])", "issued.rows_at_groups(zone().gate_groups)"


def _one(name: str, where: str, old: str, new: str | None = None, spare: str = "") -> Check:
    return Check(name, (Cut(where, old, new),), spare)


INBOX: Sequence[Check] = (
    _one(
        "inbox: signature of the envelope",
        OPEN,
        "not key.verify(signed_bytes(envelope.act, purpose), envelope.sig)",
    ),
    _one("inbox: key of the purpose", OPEN, "key.purpose is not purpose"),
    _one("inbox: key of the author's park", OPEN, "envelope.act.get('park') != key.park"),
    _one("inbox: key neither retired nor given up", OPEN, "reason is not None"),
    _one(
        "inbox: same digest is a duplicate",
        ACCEPT,
        "at.digest is not None and at.digest == envelope.digest.hex()",
    ),
    _one("inbox: same id, other content", ACCEPT, "at.digest is not None"),
    _one("inbox: order of numbers", ACCEPT, "act['seq'] > at.next_seq"),
    _one("inbox: number taken before", ACCEPT, "act['seq'] < at.next_seq"),
    _one("inbox: canonical form", "ledger.canonical:parse", "canonical(value) != raw"),
    _one("outbox: an act that crosses is queued", "federation.actions:record", "contract.crosses", "False"),
    _one(
        "outbox: queued in the act's transaction",
        "federation.actions:record",
        "Outgoing.objects.create(act=row, stream=row.stream, seq=row.seq, next_attempt_at=now)",
        "transaction.on_commit(lambda: Outgoing.objects.create("
        "act=row, stream=row.stream, seq=row.seq, next_attempt_at=now))",
    ),
    _one(
        "trust: a list never goes back",
        "ledger.trust:accept",
        "new.version < old.version",
        spare="what was retired or given up since may not become good again",
    ),
    Check(
        "trust: nothing given up comes back",
        (
            Cut("ledger.trust:accept", "new.version < old.version"),
            Cut("ledger.trust:accept", "now is not None and (not _may_become(was, now))"),
        ),
    ),
)
RULES: Sequence[Check] = (
    _one(
        "received: who may say it",
        RECEIVED + "refusal",
        "act.by.role not in _SPEAKERS.get(act.kind, frozenset())",
    ),
    _one(
        "received: clearance over the declared bytes",
        RECEIVED + "_cleared",
        "act.body['declaration_digest'] != version.digest",
    ),
    _one(
        "received: clearance of what its law allows",
        RECEIVED + "_cleared",
        "determined is None or determined.outcome in CLOSED_OUTCOMES",
    ),
    _one(
        "received: one clearance for a version",
        RECEIVED + "_cleared",
        "act.park in version.cleared or act.park in version.refused",
    ),
    _one(
        "received: terms within the declaration",
        RECEIVED + "_cleared",
        "(beyond := terms.exceeds(terms.from_json(act.body['terms']), asked)) is not None",
    ),
    _one(
        "received: declared by its home park",
        RECEIVED + "_declared",
        "before is not None and before.home != act.park",
        spare="its id begins with the home park's and is checked too",
    ),
    Check(
        "received: declared by its home park, by its record and by its id",
        (
            Cut(RECEIVED + "_declared", "before is not None and before.home != act.park"),
            Cut(RECEIVED + "_declared", "not act.stream.startswith(f'{act.park}-p-')"),
        ),
    ),
    _one("received: versions in order", RECEIVED + "_declared", "act.body['version'] != expected"),
    _one("received: withdrawn by its home park", RECEIVED + "_withdrawn", "act.park != before.home"),
    _one(
        "received: each park for its own law",
        RECEIVED + "_determined",
        "act.body['bank'] != zone.park(act.park).bank",
    ),
    _one(
        "received: signed or revoked after clearing",
        RECEIVED + "_after_clearance",
        "act.park not in version.cleared",
    ),
    _one(
        "received: signature over the same bytes",
        "permits.actions.node:_verify_signature",
        "sha256(claims).hexdigest() != act.body['permit_digest']",
    ),
    _one(
        "received: the peer's signature verified",
        "permits.actions.node:_verify_signature",
        "isinstance(found, PassRefusal)",
    ),
    _one(
        "received: passage under a permit in force",
        "crossings.received:_passed",
        "version is None or len(version.signed) < 2",
    ),
    _one(
        "received: passage at a gate of that park",
        "crossings.received:_passed",
        "(group.park, group.id, group.leg) != (act.park, body['group'], body['leg'])",
    ),
)
SHAPES: Sequence[Check] = (
    _one(
        "received: parties on their banks",
        RECEIVED + "_shape",
        "(declaration.sender.park, declaration.recipient.park) != way or home not in way",
    ),
    _one(
        "received: gates that lead this way",
        MATERIALS + "refusal",
        "not exits.issuperset(declaration.exit_groups) or not entries.issuperset(declaration.entry_groups)",
    ),
    _one(
        "received: ends after it begins",
        RECEIVED + "_shape",
        "declaration.valid_until < declaration.valid_from",
    ),
    _one(
        "received: lines in order",
        MATERIALS + "refusal",
        "[item.line for item in goods.items] != list(range(1, len(goods.items) + 1))",
    ),
    _one("received: names that fit into a pass", RECEIVED + "_declared", "len(act.stream) > LONGEST_ID"),
    _one(
        "received: refusal of the declared bytes",
        RECEIVED + "_refused",
        "act.body['declaration_digest'] != version.digest",
    ),
    _one(
        "received: passage said by its gate",
        PASSAGES + "_passed",
        "act.by.role != 'gate' or act.by.actor != body['gate']",
    ),
    _one(
        "received: passage the right way",
        PASSAGES + "_passed",
        "group.id not in (*version.declaration.exit_groups, *version.declaration.entry_groups)",
        spare="a movement that goods do not make has no number that comes next",
    ),
    Check(
        "received: passage the right way, by its gate and by its number",
        (
            Cut(
                PASSAGES + "_passed",
                "group.id not in (*version.declaration.exit_groups, *version.declaration.entry_groups)",
            ),
            Cut(PASSAGES + "_passed", "(wrong := _misnumbered(permit, act, group.crosses)) is not None"),
        ),
    ),
    _one("received: passages in turn", PASSAGES + "_misnumbered", "body['crossing'] != expected"),
    _one(
        "received: passage of declared goods",
        PASSAGES + "_passed",
        "not set(named) <= lines or len(set(named)) != len(named)",
    ),
    _one("received: discrepancy opened by its owner", PASSAGES + "_opened", "act.body['owner'] != act.park"),
    _one("received: discrepancy opened by the node", PASSAGES + "_opened", "act.by.role != 'node'"),
    _one(
        "received: nothing declared once withdrawn",
        RECEIVED + "_declared",
        "before is not None and before.withdrawn_at is not None",
    ),
    _one(
        "inbox: not dated ahead",
        "federation.envelopes:believe",
        "read_instant(act['at']) > now + CLOCK_DIFFERENCE",
    ),
    _one("inbox: nothing that stays at home", "federation.envelopes:believe", "not contract.crosses"),
    _one("inbox: nothing beyond the contract", "federation.contracts:check_body", "problems"),
    _one(
        "inbox: ids of the author's park",
        "federation.envelopes:_check_shape",
        "not act['id'].startswith(f\"{act['park']}-a-\")",
    ),
)
OFFICERS: Sequence[Check] = (
    Check(
        "officers: nobody acted since they looked",
        (
            Cut("permits.actions.guards:take_up", "seen != state.acts"),
            Cut("federation.actions:record", "expected is not None and at.length != expected"),
        ),
    ),
    _one("officers: every authority has granted", "permits.rules:_no_clear", "work"),
    _one(
        "officers: forbidden is never cleared",
        "permits.work:todo",
        "law.outcome in CLOSED_OUTCOMES",
    ),
    _one(
        "officers: only a park officer clears",
        "registry.access:may",
        "role.kind == kind and _reaches(role, scope, subject)",
        "True",
    ),
    _one("officers: nothing is decided that was closed", "permits.rules:_no_decide", "now not in OPEN"),
    _one("officers: one decision of the park", "permits.rules:_no_decide", "park in state.current.cleared"),
    _one(
        "officers: terms within the declaration",
        "permits.actions.officers:_demand_terms",
        "(beyond := t.exceeds(offered, offer_of(case))) is not None",
    ),
    _one(
        "node: both clearances before signing",
        "permits.actions.node:_conclude",
        "allowed is None or version.refused or version.revoked or (park in version.signed)",
        "version.refused or version.revoked or (park in version.signed)",
    ),
    _one(
        "node: nothing refused is refused again", "permits.actions.node:_conclude", "version.refused", "False"
    ),
    _one("node: nothing revoked is signed", "permits.actions.node:_conclude", "version.revoked", "False"),
    _one("node: signed once", "permits.actions.node:_conclude", "park in version.signed", "False"),
    _one(
        "node: nothing withdrawn is signed",
        "permits.actions.node:_go_on_from",
        "at.state.withdrawn_at is None",
        "True",
    ),
    _one(
        "node: the newest version is signed",
        "permits.types:PermitState.current",
        "self.versions[-1]",
        "self.versions[0]",
    ),
    _one(
        "node: signed anew when the key was given up",
        "permits.actions.node:_sign_anew",
        "not signatures.serves(signature, node_keys().trust_list, allowed.valid_until)",
    ),
    _one(
        "received: signed anew only when the key was given up",
        "permits.actions.node:_demand_given_up",
        "isinstance(allowed, Terms) and signatures.serves(held, trust.lists[act.park], allowed.valid_until)",
    ),
    _one("status: earlier versions end", "permits.rules:ended_versions", "v is not state.current", "False"),
    _one("status: revoked ends", "permits.rules:ended_versions", "v.revoked", "False"),
    _one("status: withdrawn ends", "permits.rules:ended_versions", "state.withdrawn_at is not None", "False"),
)
PASSES: Sequence[Check] = (
    _one(
        "pass: the second signature",
        COSE + "_verify",
        "_signed_by(second, claims_bytes, claims.crosses[1], trust, now)",
        "_signed_by(first, claims_bytes, claims.crosses[0], trust, now)",
    ),
    _one("pass: two signatures", COSE + "_verify", "len(items) < 2"),
    _one(
        "pass: the first signature",
        COSE + "_verify",
        "_signed_by(first, claims_bytes, claims.crosses[0], trust, now)",
        "_signed_by(second, claims_bytes, claims.crosses[1], trust, now)",
    ),
    _one(
        "pass: the signature is over these claims",
        COSE + "_signed_by",
        "not key.verify(_to_sign(part.protected, claims_bytes), part.signature)",
    ),
    _one("pass: key of the park at that place", COSE + "_signed_by", "key.park != name"),
    _one("pass: key for passes", COSE + "_signed_by", "key.purpose is not KeyPurpose.PASSES"),
    _one("pass: key neither retired nor given up", COSE + "_signed_by", "reason is not None"),
    _one(
        "pass: two parks",
        "passes.claims:PassClaims.check",
        "self.places[0].park == self.places[1].park",
        spare="a pass that names one park twice leads no way on which a gate stands",
    ),
    _one(
        "pass: two keys",
        COSE + "_verify",
        "first.kid == second.kid",
        spare="the key must be of the park at its place, and the places are of two parks",
    ),
    _one(
        "pass: not zeroed",
        COSE + "_check_form",
        "not any(signature)",
        spare="a blank signature verifies under no key",
    ),
    Check(
        "pass: not zeroed, and signed",
        (
            Cut(COSE + "_check_form", "not any(signature)"),
            Cut(
                COSE + "_signed_by", "not key.verify(_to_sign(part.protected, claims_bytes), part.signature)"
            ),
        ),
    ),
    Check(
        "pass: two keys of two parks",
        (
            Cut(COSE + "_verify", "first.kid == second.kid"),
            Cut(COSE + "_signed_by", "key.park != name"),
        ),
    ),
)
GATES: Sequence[Check] = (
    _one("gate: validity", GATE + "_validity", "refusal is not None"),
    _one(
        "gate: direction",
        GATE + "_route",
        "context.crosses not in ways",
        spare="in a zone of two parks each gate group leads one way, and the group is checked",
    ),
    _one(
        "gate: bank",
        GATE + "_route",
        "context.park not in claims.crosses",
        spare="in a zone of two parks every pass concerns both banks",
    ),
    Check(
        "gate: both banks and this one, by the pass and by the gate",
        (
            Cut("passes.claims:PassClaims.check", "self.places[0].park == self.places[1].park"),
            Cut(GATE + "_route", "context.park not in claims.crosses"),
            Cut(GATE + "_route", "context.crosses not in ways"),
        ),
    ),
    _one(
        "gate: group",
        GATE + "_route",
        "not here or context.group in here",
        "True",
        spare="a gate is given the terms of permits that lead through its group, and of no others",
    ),
    Check(
        "gate: direction, by the pass, its group and its bundle",
        (
            Cut(GATE + "_route", "context.crosses not in ways"),
            Cut(GATE + "_route", "not here or context.group in here", "True"),
            Cut(BUNDLE, HERE, EVERYWHERE),
        ),
    ),
    Check(
        "gate: group, by the pass and by its bundle",
        (
            Cut(GATE + "_route", "not here or context.group in here", "True"),
            Cut(BUNDLE, HERE, EVERYWHERE),
        ),
    ),
    _one("gate: status of the exit side", GATE + "check", "claims.places", "claims.places[1:]"),
    _one("gate: status of the entry side", GATE + "check", "claims.places", "claims.places[:1]"),
    _one("gate: status bit", GATE + "_status", "status != VALID"),
    _one("gate: status list there", GATE + "_status", "held is None or held.park != park"),
    _one(
        "gate: status fresh",
        "passes.status:StatusList.freshness",
        "'fresh' if age <= fresh_s else 'ageing'",
        "'fresh'",
    ),
    _one(
        "gate: status not stale",
        "passes.status:StatusList.freshness",
        "age > max_s or now >= self.expires_at",
    ),
    _one("status list: signed by a good key", "passes.status:_key", "reason is not None"),
    _one(
        "status list: never goes back",
        "passes.status:decode_and_verify",
        "seen is not None and found.issued_at < seen.issued_at",
    ),
    _one(
        "status list: signed",
        "passes.status:decode_and_verify",
        "not key.verify(_to_sign(protected, claims_bytes), signature)",
    ),
    _one("status list: signed by a key for it", "passes.status:_key", "key.purpose is not KeyPurpose.STATUS"),
    _one("status list: not ended", "passes.status:decode_and_verify", "now >= found.expires_at"),
    _one("gate: terms must be there", GATE + "_terms", "context.terms_required", "False"),
    _one("gate: terms are those signed", GATE + "_terms", "not same"),
    _one("gate: no counter without terms", GATE + "_record", "set(verdict.codes) & _NOT_BY_COUNTER", "set()"),
    _one(
        "gate: labels are there",
        GATE + "_labels",
        "not labels",
        spare="no labels give another digest, or none at all",
    ),
    _one("gate: labels are those signed", GATE + "_labels", "not same"),
    Check(
        "gate: labels are there and those signed",
        (
            Cut(GATE + "_labels", "not labels"),
            Cut(GATE + "_labels", "not same"),
            Cut("passes.claims:labels_digest", "not tidy", "False"),
        ),
    ),
    _one(
        "gate: quantity left",
        "crossings.device:_beyond",
        "terms is not None and quantity > left.get(line, 0)",
        spare="the store holds every lane to the terms",
    ),
    _one(
        "store: quantity left",
        "passes.uses:SqliteUseStore._refusal",
        "use.limits is not None and _exceeds(use, sums or {}, use.limits)",
    ),
    Check(
        "gate and store: quantity left",
        (
            Cut("crossings.device:_beyond", "terms is not None and quantity > left.get(line, 0)"),
            Cut(
                "passes.uses:SqliteUseStore._refusal",
                "use.limits is not None and _exceeds(use, sums or {}, use.limits)",
            ),
        ),
    ),
    _one(
        "gate: uses left",
        GATE + "_uses",
        "len(earlier) >= claims.uses",
        spare="the store counts again when it takes the use",
    ),
    _one(
        "store: uses left",
        "passes.uses:SqliteUseStore._refusal",
        "use.allowed and self._passages(use.permit, use.leg) >= use.allowed",
    ),
    Check(
        "gate and store: uses left",
        (
            Cut(GATE + "_uses", "len(earlier) >= claims.uses"),
            Cut(
                "passes.uses:SqliteUseStore._refusal",
                "use.allowed and self._passages(use.permit, use.leg) >= use.allowed",
            ),
        ),
    ),
    _one(
        "store: a use id is of one passage",
        GATE + "_repeated",
        "(act['permit'], act['leg'], act['crosses']) != (claims.permit, context.leg, list(context.crosses))",
    ),
    _one(
        "events: by that gate",
        "passes.events:_read",
        "envelope.kid != known.kid or envelope.act.get('gate') != known.gate",
    ),
    _one(
        "events: without gap",
        "passes.events:_read",
        "envelope.act.get('n') != expected",
        spare="each event names the digest of the one before it",
    ),
    _one(
        "events: each after the one before",
        "passes.events:read_events",
        "act.get('prev') != (None if digest is None else base64url(digest))",
        spare="numbers without gap, and one signature a number",
    ),
    Check(
        "events: in their order",
        (
            Cut("passes.events:_read", "envelope.act.get('n') != expected"),
            Cut(
                "passes.events:read_events",
                "act.get('prev') != (None if digest is None else base64url(digest))",
            ),
        ),
    ),
    _one(
        "ledger: goods on the way too long have an owner",
        "crossings.rules:to_open",
        "found is None or found.owner != park",
        "True",
    ),
)
CHECKS: tuple[Check, ...] = (*INBOX, *RULES, *SHAPES, *OFFICERS, *PASSES, *GATES)
