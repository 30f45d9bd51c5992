"""Pages of a declaration being made: a task list of short sections, saved as typed, answered by the law as it grows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from twoparks.packs import load
from twoparks.permits import actions, drafting, files, form, letter, queries, travel
from twoparks.permits.drafting import FROM_GOODS, VARIES
from twoparks.permits.flows import FLOWS
from twoparks.permits.form import Content
from twoparks.permits.models import Draft
from twoparks.permits.types import APPLICANT, DraftId, Invalid, PermitId, Problem
from twoparks.registry import queries as registry
from twoparks.registry.models import Approval, Organisation, Project, User
from twoparks.registry.zone import zone

ASKED_AT_ONCE = 6


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Choose the project and what crosses, or take a draft up again."""
    user = cast(User, request.user)
    projects = list(registry.own_projects(user))
    if request.method == "POST":
        project = next((p for p in projects if p.pk == request.POST.get("project")), None)
        flow = request.POST.get("flow", "materials")
        if project is not None and flow in FLOWS:
            content = {**_begin(project, flow), **_chosen_person(request)}
            checked = drafting.checked_facts(flow, content["crosses"], request.POST)
            content["facts"] = {**checked, **content["facts"]}  # what the registry knows prevails
            draft = actions.save_draft(user, None, content, timezone.now())
            return redirect("draft", draft.pk)
        messages.error(request, _("Choose the project under which it crosses."))
    context = {
        "projects": projects,
        "chosen": request.GET.get("project"),
        "flow": request.GET.get("flow", "materials"),
        "drafts": queries.drafts(user),
        "checked": [
            (name, value)
            for name, values in request.GET.lists()
            if name.startswith(("facts.", "many."))
            for value in values
        ],
    }
    return render(request, "permits/start.html", context)


def _chosen_person(request: HttpRequest) -> Content:
    person = request.POST.get("person", "")
    return {"person": person} if person else {}


def _begin(project: Project, flow: str) -> Content:
    """A fresh draft: the applicant sends from its own bank; what both parties are comes from their profiles."""
    here = project.organisation.park
    crosses = next(way for way, (leaving, _to) in zone().directions.items() if leaving == here)
    if flow == travel.FLOW:
        facts = {"work_place": project.organisation.place}
        return {"project": project.pk, "flow": flow, "crosses": crosses, "facts": facts, "uses": None}
    facts = {**_of_party("sender", project.organisation), **_of_party("recipient", project.partner)}
    return {"project": project.pk, "flow": flow, "crosses": crosses, "facts": facts}


def _of_party(part: str, organisation: Organisation) -> dict[str, Any]:
    """What the law asks about a party and the registry already knows; nobody types it again."""
    own = {"kind": organisation.kind, "place": organisation.place, **organisation.profile}
    known = load().facts_of("materials")
    named = {f"{part}_{n.removeprefix('sender_').removeprefix('recipient_')}": v for n, v in own.items()}
    return {name: value for name, value in named.items() if name in known}


@login_required
def draft(request: HttpRequest, draft_id: str) -> HttpResponse:
    """The task list of one draft."""
    user, found = _draft(request, draft_id)
    problems = drafting.problems(user, found.content)
    open_questions = sum(1 for a in drafting.questions(found.content) if not a.answered)
    tasks = [
        {
            "key": key,
            "label": label,
            "status": drafting.section_status(key, found.content, problems, open_questions),
        }
        for key, label in form.sections(found.content["flow"]).items()
    ]
    context = {
        "draft": found,
        "tasks": tasks,
        "letter": drafting.answers(found.content),
        "project": found.project,
        "open_questions": open_questions,
        "ready": not problems,
    }
    return render(request, "permits/draft.html", context)


@login_required
def section(request: HttpRequest, draft_id: str, name: str) -> HttpResponse:
    """One short section; POST saves it, as one types (htmx) or by the Save button."""
    user, found = _draft(request, draft_id)
    if name not in form.sections(found.content["flow"]):
        raise Http404
    if request.method == "POST":
        content = form.read(name, request.POST, found.content)
        found = actions.save_draft(user, DraftId(found.pk), content, timezone.now())
        if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
            live = {"letter": drafting.answers(content), "saved": timezone.now()}
            return render(request, "permits/_live.html", live)
        if "more" in request.POST:
            return redirect(f"{request.path}?rows=1")
        parts = form.section_of(content["flow"])
        problems = [p for p in drafting.problems(user, content) if parts.get(p.path.split(".")[0]) == name]
        if not problems:
            return _next(request, found, name)
        return _show(request, found, name, problems)
    return _show(request, found, name, [])


def _next(request: HttpRequest, found: Draft, name: str) -> HttpResponse:
    """Questions go on while the law has any; everything else returns to the task list."""
    if name == "questions" and any(not a.answered for a in drafting.questions(found.content)):
        return redirect("draft_section", found.pk, name)
    return redirect("draft", found.pk)


def _show(request: HttpRequest, found: Draft, name: str, problems: list[Problem]) -> HttpResponse:
    flow = found.content["flow"]
    template, parts = _SHOWN[(flow, name)]
    context = {
        "draft": found,
        "content": found.content,
        "section": name,
        "title": form.sections(flow)[name],
        "problems": [{"href": "#f-" + p.path.replace(".", "-"), "says": p.says} for p in problems],
        "wrong": {p.path: p.says for p in problems},
        "faults": [
            (p.path, p.says) for p in problems
        ],  # a fault may be called "items", so templates do not loop over `wrong`
        "letter": drafting.answers(found.content),
        **parts(found, problems, "rows" in request.GET),
    }
    return render(request, f"permits/section_{template}.html", context, status=422 if problems else 200)


def _goods(found: Draft, problems: list[Problem], more: bool) -> dict[str, Any]:
    un_numbers = load().facts_of("materials")["un_numbers"]
    return {
        "rows": form.item_rows(found.content, problems, un_numbers, more=1 if more else 0),
        "labels": "\n".join(found.content.get("containers") or []),
    }


def _law_questions(found: Draft, problems: list[Problem], more: bool) -> dict[str, Any]:
    questions = drafting.questions(found.content, problems)
    answered = [q for q in questions if q.answered]
    still = [q for q in questions if not q.answered]
    return {"still": still[:ASKED_AT_ONCE], "later": max(0, len(still) - ASKED_AT_ONCE), "answered": answered}


def _approvals(found: Draft, problems: list[Problem], more: bool) -> dict[str, Any]:
    """Approvals of the project that can be relied on, and the applicant's own steps that the law asks."""
    given = {form.evidence_key(row) for row in found.content.get("evidence") or []}
    first = found.content.get("evidence") is None
    approvals = found.project.approvals.all() if found.project else Approval.objects.none()
    held = [_held(a, given, first) for a in approvals]
    asked = [
        {"key": f"{step.id}|{APPLICANT}|", "step": step, "picked": f"{step.id}|{APPLICANT}|" in given}
        for bank in drafting.answers(found.content).banks
        for step in bank.steps
        if step.own and step.status != "duty" and step.id not in {a["measure"] for a in held}
    ]
    return {"held": held, "own": list({a["key"]: a for a in asked}.values())}


def _held(approval: Approval, given: set[str], first: bool) -> dict[str, Any]:
    row = {"measure": approval.measure, "authority": approval.authority, "number": approval.number}
    key = form.evidence_key(row)
    return {
        "key": key,
        "measure": approval.measure,
        "name": letter.measure_name(approval.measure),
        "who": letter.authority_name(approval.authority),
        "approval": approval,
        "picked": first or key in given,
    }


def _route(found: Draft, problems: list[Problem], more: bool) -> dict[str, Any]:
    return {"routes": form.routes(found.content["crosses"], found.content)}


_Shown = tuple[str, Callable[[Draft, list[Problem], bool], dict[str, Any]]]
_SHOWN: dict[tuple[str, str], _Shown] = {
    ("materials", "goods"): ("goods", _goods),
    ("materials", "questions"): ("questions", _law_questions),
    ("materials", "approvals"): ("approvals", _approvals),
    ("materials", "route"): ("route", _route),
    ("personnel", "person"): ("person", travel.person),
    ("personnel", "questions"): ("questions", _law_questions),
    ("personnel", "approvals"): ("documents", travel.documents),
    ("personnel", "route"): ("hours", travel.route),
}


@login_required
def review(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Read it all once more, then declare; the answer of both banks' law stands first."""
    user, found = _draft(request, draft_id)
    varied = found.content.get(VARIES)
    if request.method == "POST":
        try:
            return redirect("permit", _declare(request, user, found))
        except Invalid:
            pass  # the page below tells every problem
    problems, parts = drafting.problems(user, found.content), form.section_of(found.content["flow"])
    context = {
        "draft": found,
        "goods": found.content.get("items") or [],
        "travel": travel.told(found.content),
        "letter": drafting.answers(found.content),
        "problems": [
            {
                "section": parts.get(p.path.split(".")[0], next(iter(form.sections(found.content["flow"])))),
                "anchor": "f-" + p.path.replace(".", "-"),
                "says": p.says,
            }
            for p in problems
        ],
        "answered": [q for q in drafting.questions(found.content) if q.answered],
        "seen": queries.detail(user, PermitId(varied), timezone.now()).state.acts if varied else None,
    }
    return render(
        request, "permits/review.html", context, status=422 if problems and request.method == "POST" else 200
    )


def _declare(request: HttpRequest, user: User, found: Draft) -> str:
    """Declare the draft, or a new version of the permit it varies; returns the permit."""
    content, now = drafting.declared(found.content), timezone.now()
    varied = found.content.get(VARIES)
    if not varied:
        return actions.declare(user, content, now, DraftId(found.pk))
    actions.vary(user, PermitId(varied), content, int(request.POST.get("seen", "0")), now)
    actions.discard_draft(user, DraftId(found.pk))
    return str(varied)


@login_required
@require_POST
def discard(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Throw a draft away."""
    actions.discard_draft(cast(User, request.user), DraftId(draft_id))
    messages.success(request, _("The draft is gone."))
    return redirect("declare")


@login_required
def by_file(request: HttpRequest) -> HttpResponse:
    """Declare by a YAML file: the same fields, the same check, every problem named with its line."""
    user = cast(User, request.user)
    problems: list[str] = []
    if request.method == "POST":
        file: files.DeclarationFile | None = None
        try:
            file = files.read_file(_sent(request))
            return redirect("permit", actions.declare(user, file.raw, timezone.now()))
        except Invalid as wrong:
            problems = [file.located(p) if file else p.says for p in wrong.problems]
    context = {"problems": problems, "text": request.POST.get("text", "")}
    return render(request, "permits/by_file.html", context, status=422 if problems else 200)


def _sent(request: HttpRequest) -> bytes | str:
    """The file's first bytes, one more than would be accepted, or the text that was pasted."""
    file = request.FILES.get("file")
    return request.POST.get("text", "") if file is None else bytes(file.read(files.MOST_BYTES + 1))


@login_required
@require_POST
def vary(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Begin a new version of a declaration: a draft with everything the latest version says."""
    user = cast(User, request.user)
    detail = queries.detail(user, PermitId(permit_id), timezone.now())
    typed = queries.typed(detail)
    facts = {name: value for name, value in typed["facts"].items() if name not in FROM_GOODS}
    content = {**typed, "facts": facts, VARIES: permit_id}
    found = actions.save_draft(user, None, content, timezone.now())
    return redirect("draft", found.pk)


def _draft(request: HttpRequest, draft_id: str) -> tuple[User, Draft]:
    user = cast(User, request.user)
    return user, queries.draft(user, DraftId(draft_id))
