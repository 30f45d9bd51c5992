"""Who reaches what: every address and every operation against things of one organisation, for each kind of account.

`PEOPLE` are the kinds of account at one park; the things belong to the organisation of `sz-lab` and `sz-lab-admin`. A row says who is let
through. A page or an operation that is not in the table fails the test that walks the addresses, so a new one is thought about here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

NOBODY = ""
PEOPLE = (
    NOBODY,
    "sz-lab",
    "sz-lab-admin",
    "sz-biobank",
    "sz-biobank-admin",
    "sz-officer",
    "sz-nhc",
    "sz-mofcom",
    "sz-gate",
    "sz-auditor",
    "sz-commuter",
    "sz-rules",
)
MEMBER = frozenset({"sz-lab"})
ADMIN = frozenset({"sz-lab-admin"})
OWN = MEMBER | ADMIN
OTHERS = frozenset({"sz-biobank", "sz-biobank-admin"})
PARK = frozenset({"sz-officer"})
DESK = frozenset(
    {"sz-nhc"}
)  # the authority before which the permit is; sz-mofcom is one before which it is not
GATE = frozenset({"sz-gate"})
AUDIT = frozenset({"sz-auditor"})
PERSON = frozenset({"sz-commuter"})  # a person who crosses, employed by that organisation
RULES = frozenset({"sz-rules"})  # drafts of trials are of the park, not of an organisation
LAB = RULES | AUDIT
READERS = OWN | PARK | DESK | AUDIT

TRIAL_READERS = OWN | OTHERS | PARK | DESK | {"sz-mofcom"} | AUDIT | RULES
CASE_READERS = PARK | AUDIT | RULES

Kind = Literal["public", "own", "list", "thing", "machine"]


@dataclass(frozen=True)
class Row:
    """One address or operation.

    public: everybody, and nothing of the organisation's on it. own: whoever is signed in, about themselves. list: whoever is
    signed in or fewer; `allowed` see the thing on it, others an answer without it. thing: `allowed` and nobody else. machine: answers no account.
    """

    method: str
    address: str
    kind: Kind
    allowed: frozenset[str] = frozenset()
    body: Mapping[str, Any] = field(default_factory=dict)
    shows: str = ""  # of a list: what those allowed see
    refused: int = 0  # besides 401, 403 and 404: how a form refuses what is not among its choices


SEEN = {
    "seen": "{seen}"
}  # acts before one's eyes: a stale number is refused before anybody is asked who they are
SEEN_VALID = {"seen": "{seen_valid}"}
SEEN_TRIAL, SEEN_FILED = {"seen": "{seen_trial}"}, {"seen": "{seen_filed}"}
REASONS = {**SEEN, "reasons": "Because."}
CHECK = {"flow": "materials", "crosses": "sz-hk", "on": "2026-11-22", "facts": {}}

PAGES: dict[str, tuple[Row, ...]] = {
    # accounts: each for oneself
    "account": (Row("get", "/accounts/", "own"),),
    "account_login": (Row("get", "/accounts/login/", "public"),),
    "account_logout": (Row("get", "/accounts/logout/", "public"),),
    "account_inactive": (Row("get", "/accounts/ended/", "public"),),
    "account_reauthenticate": (Row("get", "/accounts/reauthenticate/", "own"),),
    "account_change_password": (Row("get", "/accounts/password/", "own"),),
    "sessions_end": (Row("post", "/accounts/sessions/end/", "own", body={"session": "none"}),),
    "mfa_index": (Row("get", "/accounts/factors/", "public"),),
    "mfa_authenticate": (Row("get", "/accounts/factors/show/", "own"),),
    "mfa_reauthenticate": (Row("get", "/accounts/factors/confirm/", "own"),),
    "mfa_activate_totp": (Row("get", "/accounts/factors/app/add/", "own"),),
    "mfa_deactivate_totp": (Row("get", "/accounts/factors/app/remove/", "thing"),),
    "mfa_view_recovery_codes": (Row("get", "/accounts/factors/codes/", "thing"),),
    "mfa_generate_recovery_codes": (Row("get", "/accounts/factors/codes/new/", "own"),),
    "mfa_list_webauthn": (Row("get", "/accounts/factors/passkeys/", "public"),),
    "mfa_add_webauthn": (Row("get", "/accounts/factors/passkeys/add/", "own"),),
    "mfa_login_webauthn": (Row("get", "/accounts/factors/passkeys/login/", "own"),),
    "mfa_reauthenticate_webauthn": (Row("get", "/accounts/factors/passkeys/confirm/", "own"),),
    "mfa_remove_webauthn": (
        Row("get", "/accounts/factors/passkeys/{key}/remove/", "thing"),
        Row("post", "/accounts/factors/passkeys/{key}/remove/", "thing"),
    ),
    "mfa_edit_webauthn": (
        Row("get", "/accounts/factors/passkeys/{key}/", "thing"),
        Row("post", "/accounts/factors/passkeys/{key}/", "thing", body={"name": "mine"}),
    ),
    "tokens": (Row("get", "/tokens/", "list", MEMBER, shows="{token}"),),
    "token_new": (Row("get", "/tokens/new/", "own"),),
    "token_revoke": (Row("post", "/tokens/{token}/revoke/", "thing", MEMBER),),
    "set_language": (Row("post", "/i18n/setlang/", "public", body={"language": "en"}),),
    # machines
    "federation/inbox": (Row("post", "/federation/inbox", "machine"),),
    "federation/cosignature": (Row("post", "/federation/cosignature", "machine"),),
    "federation/consistency": (Row("get", "/federation/consistency", "machine"),),
    "federation/frontier": (Row("get", "/federation/frontier", "machine"),),
    "federation/held": (Row("post", "/federation/held", "machine"),),
    "federation/returned": (Row("post", "/federation/returned", "machine"),),
    "federation/<slug:name>": (Row("get", "/federation/trust", "machine"),),
    "health/live": (Row("get", "/health/live", "machine"),),
    "health/ready": (Row("get", "/health/ready", "machine"),),
    "metrics": (Row("get", "/metrics", "machine"),),
    # for everybody
    "front": (Row("get", "/", "public"),),
    "about": (Row("get", "/zone/", "public"),),
    "begin": (Row("get", "/begin/", "machine"),),
    "check": (Row("get", "/check/", "public"),),
    "check_case": (Row("get", "/check/materials/sz-hk/", "public"),),
    "verify": (Row("get", "/verify/", "public"),),
    "verify_link": (Row("get", "/verify/{permit}/{digest}/", "public"),),
    # the organisation's things
    "work": (
        Row("get", "/work/", "list", OWN, shows="{draft}"),
        Row("get", "/work/", "list", OWN | DESK, shows="{waiting}"),
        Row("get", "/work/?as=csv", "list", OWN | DESK, shows="{waiting}"),
        Row("get", "/work/?as=xlsx", "list", OWN | DESK, shows="{waiting}"),
    ),
    "waiting": (
        Row("get", "/waiting/", "thing", PARK | AUDIT),
        Row("get", "/waiting/?as=csv", "thing", PARK | AUDIT),
        Row("get", "/waiting/?as=xlsx", "thing", PARK | AUDIT),
    ),
    "projects": (
        Row("get", "/projects/", "list", OWN | PARK | AUDIT, shows="RB-2026-014"),
        Row("get", "/projects/?as=csv", "list", OWN | PARK | AUDIT, shows="RB-2026-014"),
        Row("get", "/projects/?as=xlsx", "list", OWN | PARK | AUDIT, shows="RB-2026-014"),
    ),
    "new_project": (
        Row("get", "/projects/new/", "own"),
        Row(
            "post",
            "/projects/new/",
            "thing",
            ADMIN,
            {"organisation": "sz-o-riverbank", "partner": "hk-o-southbank", "title": "X"},
            refused=422,
        ),
    ),
    "organisations": (Row("get", "/organisations/", "own"),),
    "approvals": (
        Row("get", "/approvals/", "list", OWN | PARK | AUDIT, shows="EC-2026-118"),
        Row("get", "/approvals/?as=csv", "list", OWN | PARK | AUDIT, shows="EC-2026-118"),
    ),
    "views": (Row("get", "/views/", "own"),),
    "project": (Row("get", "/projects/{project}/", "thing", OWN | PARK | AUDIT),),
    "new_approval": (
        Row("get", "/projects/{project}/approvals/new/", "thing", OWN | PARK | AUDIT),
        Row(
            "post",
            "/projects/{project}/approvals/new/",
            "thing",
            ADMIN,
            {"measure": "hgr_ethics_review|ethics_committee", "number": "E-1", "valid_from": "2026-11-01"},
        ),
    ),
    "people": (
        Row("get", "/people/", "list", ADMIN | PARK | AUDIT, shows=">sz-lab<"),
        Row("get", "/people/?as=csv", "list", ADMIN | PARK | AUDIT, shows=",sz-lab,"),
        Row("get", "/people/?as=xlsx", "list", ADMIN | PARK | AUDIT, shows=">sz-lab<"),
    ),
    "new_person": (
        Row("get", "/people/new/", "own"),
        Row(
            "post",
            "/people/new/",
            "thing",
            ADMIN | PARK,
            {"organisation": "sz-o-riverbank", "name": "Wen", "username": "wen", "kind": "member"},
            refused=422,
        ),
    ),
    "person": (Row("get", "/people/{person}/", "thing", ADMIN | PARK | AUDIT),),
    "role_give": (Row("post", "/people/{person}/roles/give/", "thing", PARK, {"role": "auditor|"}),),
    "role_end": (Row("post", "/people/{person}/roles/end/", "thing", ADMIN | PARK, {"role": "{role}"}),),
    "person_password": (Row("post", "/people/{person}/password/", "thing", ADMIN | PARK),),
    "person_end": (Row("post", "/people/{person}/end/", "thing", ADMIN | PARK),),
    "travellers": (
        Row("get", "/travellers/", "list", OWN, shows="{pseudonym}"),
        Row("get", "/travellers/?as=csv", "list", OWN, shows="{pseudonym}"),
        Row("get", "/travellers/?as=xlsx", "list", OWN, shows="{pseudonym}"),
    ),
    "new_traveller": (
        Row("get", "/travellers/new/", "own"),
        Row(
            "post",
            "/travellers/new/",
            "thing",
            ADMIN,
            {"organisation": "sz-o-riverbank", "name": "Wen"},
            refused=422,
        ),
    ),
    "invite_traveller": (
        Row("get", "/travellers/{traveller}/invite/", "thing", ADMIN),
        Row("post", "/travellers/{traveller}/invite/", "thing", ADMIN),
    ),
    "join": (Row("get", "/join/nothing/", "public"),),
    "my_pass": (Row("get", "/my-pass/", "thing", PERSON),),
    "my_pass_worker": (Row("get", "/my-pass/worker.js", "public"),),
    "my_key": (Row("post", "/my-pass/key/", "thing", PERSON, {"point": "x"}),),
    "my_consent": (Row("post", "/my-pass/consent/", "thing", PERSON, {"digest": "x"}),),
    "my_consent_withdraw": (Row("post", "/my-pass/consent/withdraw/", "thing", PERSON),),
    "released_counts": (Row("get", "/travellers/days/", "list", ADMIN, shows='row">Wen Jiaqi'),),
    "release_counts": (
        Row("post", "/my-pass/movements/released/", "thing", PERSON, {"months": ["2026-10"]}),
    ),
    "withdraw_counts": (Row("post", "/my-pass/movements/taken-back/", "thing", PERSON),),
    "my_movements": (Row("get", "/my-pass/movements/", "thing", PERSON),),
    "movements": (
        Row("get", "/permits/{travel}/movements/", "thing", PARK | AUDIT),
        Row("post", "/permits/{travel}/movements/", "thing", PARK | AUDIT, {"reason": "Because."}),
    ),
    "declare": (
        Row("get", "/declare/", "list", OWN, shows="{project}"),
        Row("post", "/declare/", "thing", OWN, {"project": "{project}"}, refused=200),
    ),
    "declare_file": (Row("get", "/declare/file/", "own"),),
    "draft": (Row("get", "/declare/{draft}/", "thing", OWN),),
    "draft_review": (
        Row("get", "/declare/{draft}/review/", "thing", OWN),
        Row("post", "/declare/{draft}/review/", "thing", OWN),
    ),
    "draft_discard": (Row("post", "/declare/{draft}/discard/", "thing", OWN),),
    "draft_section": (
        Row("get", "/declare/{draft}/goods/", "thing", OWN),
        Row("post", "/declare/{draft}/route/", "thing", OWN),
    ),
    "permits": (
        Row("get", "/permits/", "list", READERS, shows="{permit}"),
        Row("get", "/permits/?as=csv", "list", READERS, shows="{permit}"),
        Row("get", "/permits/?as=xlsx", "list", READERS, shows="{permit}"),
        Row("get", "/permits/?q={permit}", "list", READERS, shows="{permit}/"),
    ),
    "permit": (Row("get", "/permits/{permit}/", "thing", READERS),),
    "decide": (
        Row("get", "/permits/{waiting}/decide/", "thing", READERS),
        Row("post", "/permits/{waiting}/decide/", "thing", PARK, {"do": "clear", **SEEN}),
    ),
    "vary": (Row("post", "/permits/{waiting}/vary/", "thing", OWN),),
    "withdraw": (Row("post", "/permits/{waiting}/withdraw/", "thing", OWN, SEEN),),
    "permit_qr": (Row("get", "/permits/{valid}/pass.svg", "thing", READERS),),
    "paper": (Row("get", "/permits/{permit}/paper/permit/", "thing", READERS),),
    "paper_pdf": (Row("get", "/permits/{permit}/paper/permit.pdf", "thing", READERS),),
    "crossings": (
        Row("get", "/crossings/", "list", READERS | GATE, shows="{crossing}"),
        Row("get", "/crossings/?as=csv", "list", READERS | GATE, shows="{crossing}"),
    ),
    "crossing": (
        Row("get", "/crossings/{crossing}/", "thing", READERS),
        Row("post", "/crossings/{crossing}/", "thing", PARK, {"code": "short", "explanation": "Because."}),
    ),
    "gate": (
        Row("get", "/gate/?sort=gate", "list", GATE | PARK | AUDIT, shows="{gate}"),
        Row("get", "/gate/?as=csv", "list", GATE | PARK | AUDIT, shows="{gate}"),
    ),
    "gate_events": (
        Row("get", "/gate/events/", "list", GATE | PARK | AUDIT, shows="{permit}"),
        Row("get", "/gate/events/?as=csv", "list", GATE | PARK | AUDIT, shows="{permit}"),
        Row("get", "/gate/events/?as=xlsx", "list", GATE | PARK | AUDIT, shows="{permit}"),
        Row("get", "/gate/events/?permit={travel}&as=csv", "list", shows="{travel}"),
    ),
    "gate_desk": (
        Row("get", "/gate/{gate}/", "thing", GATE | PARK | AUDIT),
        Row("post", "/gate/{gate}/", "thing", GATE, {"do": "refresh"}),
        Row("post", "/gate/{gate}/", "thing", GATE, {"code": "TP1:X", "labels": "A"}),
    ),
    "trial_drafts": (Row("get", "/trials/drafts/", "thing", LAB),),
    "trial_draft_begin": (
        Row("post", "/trials/drafts/begin/", "thing", RULES, {"flow": "data", "crosses": "sz-hk"}),
    ),
    "trial_draft": (
        Row("get", "/trials/drafts/{trial_draft}/", "thing", LAB),
        Row("post", "/trials/drafts/{trial_draft}/", "thing", RULES, {"seen": "{trial_seen}", "text": ""}),
    ),
    "trial_draft_checks": (Row("get", "/trials/drafts/{trial_draft}/checks/", "thing", LAB),),
    "trial_draft_cases": (Row("get", "/trials/drafts/{trial_draft}/cases.yaml", "thing", LAB),),
    "trial_draft_describe": (Row("post", "/trials/drafts/{trial_draft}/words/", "thing", RULES),),
    "trial_draft_alternatives": (Row("post", "/trials/drafts/{trial_draft}/alternatives/", "thing", RULES),),
    "trial_draft_discard": (Row("post", "/trials/drafts/{trial_draft}/discard/", "thing", RULES),),
    "trial_draft_law": (Row("get", "/trials/drafts/{trial_draft}/law/", "thing", RULES),),
    "trial_draft_parameter": (
        Row("get", "/trials/drafts/{trial_draft}/parameter/exempt_below_persons/", "thing", RULES),
        Row(
            "post",
            "/trials/drafts/{trial_draft}/parameter/exempt_below_persons/",
            "thing",
            RULES,
            {"seen": "{trial_seen}", "value": "7", "from": "2027-01-04"},
        ),
    ),
    "trial_draft_provision": (Row("get", "/trials/drafts/{trial_draft}/provision/new/", "thing", RULES),),
    "trial_draft_take_out": (
        Row(
            "post",
            "/trials/drafts/{trial_draft}/take-out/",
            "thing",
            RULES,
            {"seen": "{trial_seen}", "do": "drop", "key": "CN-CBDF-05-4"},
        ),
    ),
    "trial_draft_impact": (
        Row("get", "/trials/drafts/{trial_draft}/impact/", "thing", LAB),
        Row(
            "post",
            "/trials/drafts/{trial_draft}/impact/",
            "thing",
            RULES,
            {"history": "generated", "crosses": "sz-hk"},
        ),
    ),
    "trial_impact": (Row("get", "/trials/impact/{trial_run}/", "thing", LAB),),
    "trial_impact_cases": (Row("get", "/trials/impact/{trial_run}/cases/?turn={trial_turn}", "thing", LAB),),
    "trial_impact_stop": (Row("post", "/trials/impact/{trial_run}/stop/", "thing", RULES),),
    "trials": (
        Row("get", "/trials/", "thing", TRIAL_READERS),
        Row("get", "/trials/?as=csv", "thing", TRIAL_READERS),
        Row("get", "/trials/?as=xlsx", "thing", TRIAL_READERS),
    ),
    "trial_cases": (
        Row("get", "/trials/cases/", "thing", CASE_READERS),
        Row("get", "/trials/cases/?trial={trial}&as=csv", "thing", CASE_READERS),
        Row("get", "/trials/cases/?trial={trial}&as=xlsx", "thing", CASE_READERS),
    ),
    "trial_register": (
        Row("get", "/trials/register/", "public"),
        Row("get", "/trials/register/?as=csv", "public"),
        Row("get", "/trials/register/?as=xlsx", "public"),
    ),
    "trial_entry": (Row("get", "/trials/register/{trial}/", "public"),),
    "trial_entry_pdf": (Row("get", "/trials/register/{trial}.pdf", "public"),),
    "trial_file": (
        Row("get", "/trials/new/", "thing", RULES),
        Row("post", "/trials/new/", "thing", RULES),
    ),
    "trial_file_anew": (
        Row("get", "/trials/{filed}/versions/new/", "thing", RULES),
        Row("post", "/trials/{filed}/versions/new/", "thing", RULES),
    ),
    "trial": (
        Row("get", "/trials/{trial}/", "thing", TRIAL_READERS),
        Row("post", "/trials/{filed}/", "thing", DESK, {"do": "agree", "authority": "nhc", **SEEN_FILED}),
        Row("post", "/trials/{filed}/", "thing", PARK, {"do": "sign", **SEEN_FILED}),
        Row("post", "/trials/{filed}/", "thing", PARK, {"do": "refuse", **SEEN_FILED}),
        Row("post", "/trials/{trial}/", "thing", PARK, {"do": "open", **SEEN_TRIAL}),
        Row("post", "/trials/{trial}/", "thing", PARK, {"do": "stop", **SEEN_TRIAL}),
        Row("post", "/trials/{trial}/", "thing", PARK, {"do": "harm", **SEEN_TRIAL}),
        Row("post", "/trials/{trial}/", "thing", ADMIN, {"do": "join", "organisation": "sz-o-riverbank"}),
        Row("post", "/trials/{trial}/", "thing", ADMIN, {"do": "leave", "organisation": "sz-o-riverbank"}),
        Row("post", "/trials/{trial}/", "thing", RULES, {"do": "report", **SEEN_TRIAL}),
    ),
    "ledger": (
        Row("get", "/ledger/", "thing", PARK | AUDIT),
        Row("post", "/ledger/", "thing", PARK | AUDIT),
    ),
    "acts": (Row("get", "/ledger/acts/", "thing", PARK | AUDIT),),
    "checkpoints": (
        Row("get", "/ledger/checkpoints/", "thing", PARK | AUDIT),
        Row("get", "/ledger/checkpoints/?as=csv", "thing", PARK | AUDIT),
    ),
    "incidents": (
        Row("get", "/ledger/incidents/", "thing", PARK | AUDIT),
        Row("get", "/ledger/incidents/?as=csv", "thing", PARK | AUDIT),
    ),
    "api_page": (Row("get", "/api/", "public"),),
}

OPERATIONS: dict[str, tuple[Row, ...]] = {
    "me": (Row("get", "/api/me", "own"),),
    "token": (Row("get", "/api/token", "own"),),
    "revoke_token": (Row("delete", "/api/token", "own"),),
    "the_zone": (Row("get", "/api/zone", "public"),),
    "figures": (Row("get", "/api/figures", "public"),),
    "today": (Row("get", "/api/today", "public"),),
    "check": (Row("post", "/api/check", "public", body=CHECK),),
    "check_pass": (Row("post", "/api/verify", "public", body={"given": "TP1:X"}),),
    "check_printed": (Row("get", "/api/verify/{permit}/{digest}", "public"),),
    "determination": (Row("post", "/api/determination", "own", body=CHECK),),
    "questions": (Row("post", "/api/questions", "own", body=CHECK),),
    "partners": (Row("get", "/api/partners", "own"),),
    "organisations": (Row("get", "/api/organisations", "own"),),
    "list_trial_drafts": (Row("get", "/api/trials/drafts", "thing", LAB),),
    "begin_trial_draft": (Row("post", "/api/trials/drafts", "thing", RULES, {"flow": "data"}),),
    "trial_draft": (Row("get", "/api/trials/drafts/{trial_draft}", "thing", LAB),),
    "write_trial_change": (
        Row(
            "put",
            "/api/trials/drafts/{trial_draft}/change",
            "thing",
            RULES,
            {"seen": "{trial_seen}", "text": ""},
        ),
    ),
    "describe_trial_draft": (
        Row("put", "/api/trials/drafts/{trial_draft}/words", "thing", RULES, {"title": {}, "question": {}}),
    ),
    "add_trial_alternative": (Row("post", "/api/trials/drafts/{trial_draft}/alternatives", "thing", RULES),),
    "drop_trial_alternative": (
        Row("delete", "/api/trials/drafts/{trial_draft}/alternatives/1?seen=x", "thing", RULES),
    ),
    "discard_trial_draft": (Row("delete", "/api/trials/drafts/{trial_draft}", "thing", RULES),),
    "trial_draft_checks": (Row("get", "/api/trials/drafts/{trial_draft}/checks", "thing", LAB),),
    "ask_trial_impact": (
        Row("post", "/api/trials/drafts/{trial_draft}/impact", "thing", RULES, {"crosses": "sz-hk"}),
    ),
    "trial_impact": (Row("get", "/api/trials/impact/{trial_run}", "thing", LAB),),
    "trial_impact_cases": (
        Row("get", "/api/trials/impact/{trial_run}/cases?turn={trial_turn}", "thing", LAB),
    ),
    "stop_trial_impact": (Row("post", "/api/trials/impact/{trial_run}/stop", "thing", RULES),),
    "ledger": (Row("get", "/api/ledger", "thing", PARK | AUDIT),),
    "proof": (Row("post", "/api/ledger/proof", "thing", PARK | AUDIT),),
    "projects": (Row("get", "/api/projects", "list", OWN | PARK | AUDIT, shows="RB-2026-014"),),
    "create_project": (
        Row(
            "post",
            "/api/projects",
            "thing",
            ADMIN,
            {"organisation": "sz-o-riverbank", "partner": "hk-o-southbank", "title": {"en": "X"}},
        ),
    ),
    "approvals": (Row("get", "/api/approvals", "list", OWN | PARK | AUDIT, shows="EC-2026-118"),),
    "project": (Row("get", "/api/projects/{project}", "thing", OWN | PARK | AUDIT),),
    "add_approval": (
        Row(
            "post",
            "/api/projects/{project}/approvals",
            "thing",
            ADMIN,
            {
                "measure": "hgr_ethics_review",
                "authority": "ethics_committee",
                "number": "E-1",
                "valid_from": "2026-11-01",
            },
        ),
    ),
    "list_people": (Row("get", "/api/people", "list", ADMIN | PARK | AUDIT, shows="Lin Xiaohe"),),
    "list_travellers": (Row("get", "/api/travellers", "list", OWN, shows="{pseudonym}"),),
    "add_person": (
        Row(
            "post",
            "/api/people",
            "thing",
            ADMIN | PARK,
            {
                "username": "wen",
                "name": "Wen",
                "password": "a few words in a row",
                "kind": "member",
                "organisation": "sz-o-riverbank",
            },
        ),
    ),
    "one_person": (Row("get", "/api/people/{person}", "thing", ADMIN | PARK | AUDIT),),
    "give_role": (
        Row("post", "/api/people/{person}/roles", "thing", PARK, {"kind": "auditor"}),
        Row(
            "post",
            "/api/people/{person}/roles",
            "thing",
            ADMIN | PARK,
            {"kind": "administrator", "where": "sz-o-riverbank"},
        ),
    ),
    "end_role": (Row("post", "/api/people/{person}/roles/{role}/end", "thing", ADMIN | PARK),),
    "end_account": (Row("post", "/api/people/{person}/end", "thing", ADMIN | PARK),),
    "give_password": (
        Row(
            "post",
            "/api/people/{person}/password",
            "thing",
            ADMIN | PARK,
            {"password": "other words in a row"},
        ),
    ),
    "counts": (Row("get", "/api/counts", "thing", PERSON),),
    "release_counts": (Row("put", "/api/counts", "thing", PERSON, {"months": ["2026-11"]}),),
    "withdraw_counts": (Row("delete", "/api/counts", "thing", PERSON),),
    "released_counts": (Row("get", "/api/counts/released", "list", ADMIN, shows="Wen Jiaqi"),),
    "consents": (Row("get", "/api/consents", "thing", PERSON),),
    "consent": (Row("post", "/api/consents", "thing", frozenset(), {"digest": "x"}),),
    "withdraw_consent": (Row("delete", "/api/consents", "thing", PERSON),),
    "declare_return": (
        Row(
            "post",
            "/api/permits/{travel}/returns",
            "thing",
            PERSON | ADMIN,
            {"control_point": "luohu", "at": "2026-01-01T00:00:00Z"},
        ),
    ),
    "movements": (
        Row("post", "/api/permits/{travel}/movements", "thing", PARK | AUDIT, {"reason": "Because."}),
    ),
    "checkpoints": (Row("get", "/api/ledger/checkpoints", "thing", PARK | AUDIT),),
    "incidents_in_the_log": (Row("get", "/api/ledger/incidents", "thing", PARK | AUDIT),),
    "trials": (Row("get", "/api/trials", "list", TRIAL_READERS, shows="{trial}"),),
    "trial_cases": (
        Row("get", "/api/trials/cases?trial={trial}", "thing", CASE_READERS),
        Row("get", "/api/trials/cases", "list", CASE_READERS, shows="{on_trial}"),
    ),
    "file_trial": (Row("post", "/api/trials", "thing", RULES, {"protocol": {}}),),
    "trial_register": (Row("get", "/api/trials/register", "public"),),
    "trial_entry": (Row("get", "/api/trials/register/{trial}", "public"),),
    "trial_entry_pdf": (Row("get", "/api/trials/register/{trial}/pdf", "public"),),
    "trial": (Row("get", "/api/trials/{trial}", "thing", TRIAL_READERS),),
    "file_trial_anew": (
        Row("post", "/api/trials/{filed}/versions", "thing", RULES, {"protocol": {}, **SEEN_FILED}),
    ),
    "agree_to_trial": (
        Row(
            "post",
            "/api/trials/{filed}/agreements",
            "thing",
            DESK,
            {"authority": "nhc", "agrees": True, "reasons": "Because.", **SEEN_FILED},
        ),
    ),
    "sign_trial": (Row("post", "/api/trials/{filed}/signature", "thing", PARK, SEEN_FILED),),
    "refuse_trial": (
        Row("post", "/api/trials/{filed}/refusal", "thing", PARK, {"reasons": "Because.", **SEEN_FILED}),
    ),
    "open_trial": (
        Row("post", "/api/trials/{trial}/opening", "thing", PARK, {"figures_digest": "x", **SEEN_TRIAL}),
    ),
    "stop_trial": (
        Row("post", "/api/trials/{trial}/stop", "thing", PARK, {"reasons": "Because.", **SEEN_TRIAL}),
    ),
    "record_harm": (
        Row(
            "post",
            "/api/trials/{trial}/harms",
            "thing",
            PARK,
            {"measure": "found", "reasons": "Because.", **SEEN_TRIAL},
        ),
    ),
    "join_trial": (
        Row("post", "/api/trials/{trial}/participants", "thing", ADMIN, {"organisation": "sz-o-riverbank"}),
    ),
    "leave_trial": (Row("delete", "/api/trials/{trial}/participants/sz-o-riverbank", "thing", ADMIN),),
    "report_trial": (
        Row(
            "post",
            "/api/trials/{trial}/report",
            "thing",
            RULES,
            {"proposal": "end", "summary": {"en": "X"}, **SEEN_TRIAL},
        ),
    ),
    "acts_in_the_log": (Row("get", "/api/ledger/acts", "thing", PARK | AUDIT),),
    "permits": (Row("get", "/api/permits", "list", READERS, shows="{permit}"),),
    "declare": (Row("post", "/api/permits", "thing", OWN, {"__declaration__": True}, refused=422),),
    "check_declaration": (
        Row("post", "/api/permits/check", "thing", OWN, {"__declaration__": True}, refused=422),
    ),
    "permit": (Row("get", "/api/permits/{permit}", "thing", READERS),),
    "acts": (Row("get", "/api/permits/{permit}/acts", "thing", READERS),),
    "permit_pass": (Row("get", "/api/permits/{valid}/pass", "thing", READERS),),
    "vary": (Row("post", "/api/permits/{waiting}/versions", "thing", OWN, {**SEEN, "declaration": {}}),),
    "withdraw": (Row("post", "/api/permits/{waiting}/withdrawal", "thing", OWN, SEEN),),
    "decide": (
        Row(
            "post",
            "/api/permits/{waiting}/decisions",
            "thing",
            DESK,
            {
                **REASONS,
                "authority": "nhc",
                "decision": "grant",
                "measure": "hgr_material_export_certificate",
            },
        ),
    ),
    "clear": (Row("post", "/api/permits/{waiting}/clearance", "thing", PARK, SEEN),),
    "refuse": (Row("post", "/api/permits/{waiting}/refusal", "thing", PARK, REASONS),),
    "revoke": (Row("post", "/api/permits/{valid}/revocation", "thing", PARK, {**REASONS, **SEEN_VALID}),),
    "queue": (
        Row("get", "/api/queue", "thing", PARK | AUDIT),
        Row("get", "/api/queue?authority=nhc", "thing", PARK | DESK | AUDIT),
    ),
    "work": (Row("get", "/api/work", "list", DESK, shows="{waiting}"),),
    "waiting": (Row("get", "/api/waiting", "thing", PARK | AUDIT),),
    "drafts": (Row("get", "/api/drafts", "list", OWN, shows="{draft}"),),
    "new_draft": (Row("post", "/api/drafts", "thing", OWN | OTHERS, {"seal": "S"}),),  # each their own
    "save_draft": (Row("put", "/api/drafts/{draft}", "thing", OWN, {"project": "{project}"}),),
    "discard_draft": (Row("delete", "/api/drafts/{draft}", "thing", OWN),),
    "crossings": (Row("get", "/api/crossings", "list", READERS | GATE, shows="{crossing}"),),
    "crossing": (Row("get", "/api/crossings/{crossing}", "thing", READERS),),
    "close": (
        Row(
            "post",
            "/api/crossings/{crossing}/discrepancies/short/closing",
            "thing",
            PARK,
            {"explanation": "Because."},
        ),
    ),
    "gates": (Row("get", "/api/gates", "list", GATE | PARK | AUDIT, shows="{gate}"),),
    "gate": (Row("get", "/api/gates/{gate}", "thing", GATE | PARK | AUDIT),),
    "gate_events": (Row("get", "/api/gates/events", "list", GATE | PARK | AUDIT, shows="{permit}"),),
    "scan": (Row("post", "/api/gates/{gate}/scan", "thing", GATE, {"code": "TP1:X", "labels": ["A"]}),),
    "refresh": (Row("post", "/api/gates/{gate}/refresh", "thing", GATE),),
    "paper": (Row("get", "/api/permits/{permit}/papers/permit", "thing", READERS),),
    "paper_pdf": (Row("get", "/api/permits/{permit}/papers/permit/pdf", "thing", READERS),),
}
