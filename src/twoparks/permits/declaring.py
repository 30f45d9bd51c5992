"""Pages of a declaration being made: a task list of short sections, saved as typed, answered by the law as it grows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from twoparks.packs import load
from twoparks.permits import actions, files, form, letter, queries
from twoparks.permits.form import SECTION_OF, SECTIONS, Content
from twoparks.permits.models import Draft
from twoparks.permits.stated import SAID_ELSEWHERE
from twoparks.permits.types import APPLICANT, DraftId, Invalid, PermitId, Problem
from twoparks.registry import queries as registry
from twoparks.registry.models import Approval, Organisation, Project, User
from twoparks.registry.zone import zone

FLOW = "materials"
ASKED_AT_ONCE = 6
FROM_GOODS = ("value_hkd_cents", "un_numbers")  # facts that the list of goods says by itself
VARIES = "varies"  # key of a draft's content that names the permit it will vary; never part of a declaration


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Choose the project and go on with a draft, or take one up again."""
    user = cast(User, request.user)
    projects = list(registry.own_projects(user))
    if request.method == "POST":
        project = next((p for p in projects if p.pk == request.POST.get("project")), None)
        if project is not None:
            draft = actions.save_draft(user, None, _begin(project), timezone.now())
            return redirect("draft", draft.pk)
        messages.error(request, _("Choose the project under which the samples cross."))
    context = {"projects": projects, "chosen": request.GET.get("project"), "drafts": queries.drafts(user)}
    return render(request, "permits/start.html", context)


def _begin(project: Project) -> Content:
    """A fresh draft: the applicant sends from its own bank; what both parties are comes from their profiles."""
    here = project.organisation.park
    crosses = next(way for way, (leaving, _to) in zone().directions.items() if leaving == here)
    facts = {**_of_party("sender", project.organisation), **_of_party("recipient", project.partner)}
    return {"project": project.pk, "flow": FLOW, "crosses": crosses, "facts": facts}


def _of_party(part: str, organisation: Organisation) -> dict[str, Any]:
    """What the law asks about a party and the registry already knows; nobody types it again."""
    own = {"kind": organisation.kind, "place": organisation.place, **organisation.profile}
    known = load().facts_of(FLOW)
    named = {f"{part}_{n.removeprefix('sender_').removeprefix('recipient_')}": v for n, v in own.items()}
    return {name: value for name, value in named.items() if name in known}


@login_required
def draft(request: HttpRequest, draft_id: str) -> HttpResponse:
    """The task list of one draft."""
    user, found = _draft(request, draft_id)
    problems = _problems(user, found.content)
    answers = _answers(found.content)
    open_questions = sum(1 for a in _questions(found.content, ()) if not a.answered)
    tasks = [
        {
            "key": key,
            "label": label,
            "status": _section_status(key, found.content, problems, open_questions),
        }
        for key, label in SECTIONS.items()
    ]
    context = {
        "draft": found,
        "tasks": tasks,
        "letter": answers,
        "project": found.project,
        "open_questions": open_questions,
        "ready": not problems,
    }
    return render(request, "permits/draft.html", context)


@login_required
def section(request: HttpRequest, draft_id: str, name: str) -> HttpResponse:
    """One short section; POST saves it, as one types (htmx) or by the Save button."""
    if name not in SECTIONS:
        raise Http404
    user, found = _draft(request, draft_id)
    if request.method == "POST":
        content = form.read(name, request.POST, found.content)
        found = actions.save_draft(user, DraftId(found.pk), content, timezone.now())
        if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
            return render(
                request, "permits/_live.html", {"letter": _answers(content), "saved": timezone.now()}
            )
        if "more" in request.POST:
            return redirect(f"{request.path}?rows=1")
        problems = [p for p in _problems(user, content) if SECTION_OF.get(p.path.split(".")[0]) == name]
        if not problems:
            return _next(request, found, name)
        return _show(request, found, name, problems)
    return _show(request, found, name, [])


def _next(request: HttpRequest, found: Draft, name: str) -> HttpResponse:
    """Questions go on while the law has any; everything else returns to the task list."""
    if name == "questions" and any(not a.answered for a in _questions(found.content, ())):
        return redirect("draft_section", found.pk, name)
    return redirect("draft", found.pk)


def _show(request: HttpRequest, found: Draft, name: str, problems: list[Problem]) -> HttpResponse:
    context = {
        "draft": found,
        "content": found.content,
        "section": name,
        "title": SECTIONS[name],
        "problems": [{"href": "#f-" + p.path.replace(".", "-"), "says": p.says} for p in problems],
        "wrong": {p.path: p.says for p in problems},
        "letter": _answers(found.content),
        **_SHOWN[name](found, problems, "rows" in request.GET),
    }
    return render(request, f"permits/section_{name}.html", context, status=422 if problems else 200)


def _goods(found: Draft, problems: list[Problem], more: bool) -> dict[str, Any]:
    un_numbers = load().facts_of(FLOW)["un_numbers"]
    return {
        "rows": form.item_rows(found.content, problems, un_numbers, more=1 if more else 0),
        "labels": "\n".join(found.content.get("containers") or []),
    }


def _law_questions(found: Draft, problems: list[Problem], more: bool) -> dict[str, Any]:
    questions = _questions(found.content, problems)
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
        for bank in _answers(found.content).banks
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


_SHOWN = {"goods": _goods, "questions": _law_questions, "approvals": _approvals, "route": _route}


@login_required
def review(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Read it all once more, then declare; the answer of both banks' law stands first."""
    user, found = _draft(request, draft_id)
    varied = found.content.get(VARIES)
    if request.method == "POST":
        try:
            if varied:
                seen = int(request.POST.get("seen", "0"))
                actions.vary(user, PermitId(varied), declared(found.content), seen, timezone.now())
                actions.discard_draft(user, DraftId(found.pk))
                return redirect("permit", varied)
            permit = actions.declare(user, declared(found.content), timezone.now(), DraftId(found.pk))
        except Invalid:
            pass  # the page below tells every problem
        else:
            return redirect("permit", permit)
    problems = _problems(user, found.content)
    context = {
        "draft": found,
        "goods": found.content.get("items") or [],
        "letter": _answers(found.content),
        "problems": [
            {
                "section": SECTION_OF.get(p.path.split(".")[0], "goods"),
                "anchor": "f-" + p.path.replace(".", "-"),
                "says": p.says,
            }
            for p in problems
        ],
        "answered": [q for q in _questions(found.content, ()) if q.answered],
        "seen": queries.detail(user, PermitId(varied), timezone.now()).state.acts if varied else None,
    }
    return render(
        request, "permits/review.html", context, status=422 if problems and request.method == "POST" else 200
    )


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


def declared(content: Content) -> Content:
    """A draft's content without what the page keeps for itself."""
    return {name: value for name, value in content.items() if name != VARIES}


def _draft(request: HttpRequest, draft_id: str) -> tuple[User, Draft]:
    user = cast(User, request.user)
    return user, queries.draft(user, DraftId(draft_id))


def _problems(user: User, content: Content) -> tuple[Problem, ...]:
    try:
        queries.check(user, declared(content), timezone.now())
    except Invalid as wrong:
        specs = load().facts_of(FLOW)
        return tuple(replace(p, says=form.labelled(p, specs)) for p in wrong.problems)
    return ()


def _known(content: Content) -> dict[str, Any]:
    """Facts stated so far that the law can read; the rest is told by the check, not by the law."""
    specs = load().facts_of(FLOW)
    stated = {**_from_goods(content), **(content.get("facts") or {})}
    facts = {n: v for n, v in stated.items() if n in specs and n not in SAID_ELSEWHERE}
    common = {"flow": FLOW, "crosses": content["crosses"], "on": _day(content)}
    wrong = {problem.name for problem in load().check_facts({**facts, **common})}
    return {name: value for name, value in facts.items() if name not in wrong}


def _from_goods(content: Content) -> dict[str, Any]:
    """What the list of goods says by itself."""
    items = content.get("items") or []
    values = [i.get("value_hkd_cents") for i in items]
    found: dict[str, Any] = {}
    if items and all(isinstance(v, int) for v in values):
        found["value_hkd_cents"] = sum(values)
        found["un_numbers"] = sorted({i["un_number"] for i in items if i.get("un_number")})
    return found


def _day(content: Content) -> date:
    try:
        return date.fromisoformat(str(content.get("valid_from") or ""))
    except ValueError:
        return timezone.localdate()


def _answers(content: Content) -> letter.Letter:
    known = _known(content)
    held = [e["measure"] for e in content.get("evidence") or [] if e.get("measure") in load().measures]
    return letter.letter(queries.determination(FLOW, content["crosses"], known, held, _day(content)))


def _questions(content: Content, problems: Any) -> list[form.Asked]:
    """Every question of the form: answered ones in the order given, then those the law still needs."""
    facts, specs = content.get("facts") or {}, load().facts_of(FLOW)
    known = {**_known(content), "on": _day(content).isoformat()}
    still = [s for s in queries.questions(FLOW, content["crosses"], known) if s.name not in facts]
    still = [s for s in still if s.name not in (*SAID_ELSEWHERE, *FROM_GOODS)]
    return [form.asked(spec, facts, problems) for spec in [*(specs[n] for n in facts if n in specs), *still]]


def _section_status(key: str, content: Content, problems: tuple[Problem, ...], open_questions: int) -> str:
    touched = [name for name, part in SECTION_OF.items() if part == key and content.get(name)]
    if not touched:
        return "not_started"
    if any(SECTION_OF.get(p.path.split(".")[0]) == key for p in problems):
        return "to_mend"
    return "started" if key == "questions" and open_questions else "done"
