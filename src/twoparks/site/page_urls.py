"""Addresses of all pages, in the order of the menu."""

from __future__ import annotations

from django.urls import path

from twoparks.crossings import my_movements, my_pass, released
from twoparks.crossings import pages as crossings
from twoparks.lists import pages as lists
from twoparks.permits import declaring
from twoparks.permits import pages as permits
from twoparks.pilots import drafts_edit, drafts_pages, impact_pages
from twoparks.pilots import pages as trials
from twoparks.registry import pages as registry
from twoparks.registry import people, traveller_pages
from twoparks.registry import token_pages as tokens
from twoparks.site import about, begin, record
from twoparks.site import pages as site
from twoparks.site.front import front
from twoparks.site.paper import pages as paper
from twoparks.site.paper import trial_pages
from twoparks.window import pages as window

urlpatterns = [
    path("", front, name="front"),
    path("zone/", about.about, name="about"),
    path("begin/", begin.begin, name="begin"),
    path("check/", window.check, name="check"),
    path("check/<slug:flow>/<slug:crosses>/", window.check_case, name="check_case"),
    path("work/", site.work, name="work"),
    path("waiting/", site.waiting, name="waiting"),
    path("projects/", registry.projects, name="projects"),
    path("projects/new/", registry.new_project, name="new_project"),
    path("organisations/", registry.organisations, name="organisations"),
    path("approvals/", registry.approvals, name="approvals"),
    path("views/", lists.views, name="views"),
    path("projects/<str:project_id>/", registry.project, name="project"),
    path("projects/<str:project_id>/approvals/new/", registry.new_approval, name="new_approval"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new_person, name="new_person"),
    path("people/<int:person_id>/", people.person, name="person"),
    path("people/<int:person_id>/roles/give/", people.give_role, name="role_give"),
    path("people/<int:person_id>/roles/end/", people.end_role, name="role_end"),
    path("people/<int:person_id>/password/", people.new_password, name="person_password"),
    path("people/<int:person_id>/end/", people.end_account, name="person_end"),
    path("travellers/", traveller_pages.people, name="travellers"),
    path("travellers/new/", traveller_pages.register, name="new_traveller"),
    path("travellers/days/", released.released_counts, name="released_counts"),
    path("travellers/<str:person_id>/invite/", traveller_pages.invite, name="invite_traveller"),
    path("join/<str:token>/", traveller_pages.join, name="join"),
    path("my-pass/", my_pass.my_pass, name="my_pass"),
    path("my-pass/worker.js", my_pass.worker, name="my_pass_worker"),
    path("my-pass/key/", my_pass.keep_key, name="my_key"),
    path("my-pass/consent/", my_pass.consent, name="my_consent"),
    path("my-pass/consent/withdraw/", my_pass.withdraw_consent, name="my_consent_withdraw"),
    path("my-pass/movements/", my_movements.my_movements, name="my_movements"),
    path("my-pass/movements/released/", released.release_counts, name="release_counts"),
    path("my-pass/movements/taken-back/", released.withdraw_counts, name="withdraw_counts"),
    path("declare/", declaring.start, name="declare"),
    path("declare/file/", declaring.by_file, name="declare_file"),
    path("declare/<str:draft_id>/", declaring.draft, name="draft"),
    path("declare/<str:draft_id>/review/", declaring.review, name="draft_review"),
    path("declare/<str:draft_id>/discard/", declaring.discard, name="draft_discard"),
    path("declare/<str:draft_id>/<slug:name>/", declaring.section, name="draft_section"),
    path("permits/", permits.permits, name="permits"),
    path("permits/<str:permit_id>/", permits.permit, name="permit"),
    path("permits/<str:permit_id>/decide/", permits.decide, name="decide"),
    path("permits/<str:permit_id>/movements/", my_movements.movements, name="movements"),
    path("permits/<str:permit_id>/vary/", declaring.vary, name="vary"),
    path("permits/<str:permit_id>/withdraw/", permits.withdraw, name="withdraw"),
    path("permits/<str:permit_id>/pass.svg", permits.qr, name="permit_qr"),
    path("permits/<str:permit_id>/paper/<slug:kind>/", paper.paper, name="paper"),
    path("permits/<str:permit_id>/paper/<slug:kind>.pdf", paper.paper_pdf, name="paper_pdf"),
    path("trials/drafts/", drafts_pages.draft_list, name="trial_drafts"),
    path("trials/drafts/begin/", drafts_pages.begin, name="trial_draft_begin"),
    path("trials/drafts/<str:draft_id>/", drafts_pages.draft, name="trial_draft"),
    path("trials/drafts/<str:draft_id>/checks/", drafts_pages.checks, name="trial_draft_checks"),
    path("trials/drafts/<str:draft_id>/cases.yaml", drafts_pages.cases, name="trial_draft_cases"),
    path("trials/drafts/<str:draft_id>/words/", drafts_pages.describe, name="trial_draft_describe"),
    path(
        "trials/drafts/<str:draft_id>/alternatives/",
        drafts_pages.alternatives,
        name="trial_draft_alternatives",
    ),
    path("trials/drafts/<str:draft_id>/discard/", drafts_pages.discard, name="trial_draft_discard"),
    path("trials/drafts/<str:draft_id>/law/", drafts_edit.law, name="trial_draft_law"),
    path(
        "trials/drafts/<str:draft_id>/parameter/<slug:name>/",
        drafts_edit.parameter,
        name="trial_draft_parameter",
    ),
    path(
        "trials/drafts/<str:draft_id>/provision/<slug:key>/",
        drafts_edit.provision,
        name="trial_draft_provision",
    ),
    path("trials/drafts/<str:draft_id>/take-out/", drafts_edit.take_out, name="trial_draft_take_out"),
    path("trials/drafts/<str:draft_id>/impact/", impact_pages.ask, name="trial_draft_impact"),
    path("trials/impact/<str:run_id>/", impact_pages.result, name="trial_impact"),
    path("trials/impact/<str:run_id>/cases/", impact_pages.cases, name="trial_impact_cases"),
    path("trials/impact/<str:run_id>/stop/", impact_pages.stop, name="trial_impact_stop"),
    path("crossings/", crossings.crossings, name="crossings"),
    path("crossings/<str:crossing_id>/", crossings.crossing, name="crossing"),
    path("gate/", crossings.gate, name="gate"),
    path("gate/events/", crossings.gate_events, name="gate_events"),
    path("gate/<str:gate_id>/", crossings.gate_desk, name="gate_desk"),
    path("trials/", trials.trials, name="trials"),
    path("trials/cases/", trials.cases, name="trial_cases"),
    path("trials/new/", trials.file, name="trial_file"),
    path("trials/register/", trial_pages.register, name="trial_register"),
    path("trials/register/<slug:trial_id>.pdf", trial_pages.entry_pdf, name="trial_entry_pdf"),
    path("trials/register/<slug:trial_id>/", trial_pages.entry, name="trial_entry"),
    path("trials/<str:trial_id>/", trials.trial, name="trial"),  # after every trials/<word>/
    path("trials/<str:trial_id>/versions/new/", trials.file_anew, name="trial_file_anew"),
    path("verify/", paper.check, name="verify"),
    path("verify/<slug:permit_id>/<slug:digest>/", paper.check_link, name="verify_link"),
    path("ledger/", record.ledger, name="ledger"),
    path("ledger/acts/", record.acts, name="acts"),
    path("ledger/checkpoints/", record.checkpoints, name="checkpoints"),
    path("ledger/incidents/", record.all_incidents, name="incidents"),
    path("tokens/", tokens.own_tokens, name="tokens"),
    path("tokens/new/", tokens.new_token, name="token_new"),
    path("tokens/<str:prefix>/revoke/", tokens.revoke_token, name="token_revoke"),
]
