"""The rule maker's drafts: the list, one draft with what it changes and its text, alternatives, words."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from twoparks.law.pack import LANGUAGES
from twoparks.pilots import drafts, drafts_checks, drafts_told
from twoparks.pilots.actions import drafts as actions
from twoparks.pilots.drafts_queries import draft as find
from twoparks.pilots.drafts_queries import drafts as all_drafts
from twoparks.pilots.drafts_queries import text as text_of
from twoparks.pilots.examples import examples
from twoparks.pilots.flow_words import FLOW_WORDS, direction_words, directions
from twoparks.pilots.models import TrialDraft
from twoparks.registry.access import Verb, may
from twoparks.registry.models import User
from twoparks.registry.words import words

PER_PAGE = 25


@login_required
def draft_list(request: HttpRequest) -> HttpResponse:
    """The park's drafts, what to begin from, and a fresh one."""
    user = cast(User, request.user)
    page = Paginator(all_drafts(user), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(found) for found in page.object_list],
        "examples": [
            {"key": e.key, "title": words(e.title), "says": words(e.says), "flow": FLOW_WORDS[e.flow]}
            for e in examples().values()
        ],
        "flows": list(FLOW_WORDS.items()),
        "directions": directions(),
        "writes": bool(may(user, Verb.DRAFT_TRIAL)),
    }
    return render(request, "pilots/drafts.html", context)


def _row(found: TrialDraft) -> dict[str, object]:
    return {
        "draft": found,
        "title": title_of(found),
        "flow": FLOW_WORDS.get(found.flow, found.flow),
        "way": direction_words(found.crosses),
        "alternatives": len(found.alternatives),
    }


def title_of(found: TrialDraft) -> str:
    """The draft's title in the reader's language, or its number while it has none."""
    return words(found.title) or _("Draft %(id)s") % {"id": found.pk}


@login_required
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a draft, from nothing or from an example."""
    flow, crosses = request.POST.get("flow", ""), request.POST.get("crosses", "")
    chosen = request.POST.get("example", "")
    known = flow in FLOW_WORDS and crosses in dict(directions())
    if not (known or chosen in examples()):
        messages.error(request, _("Choose what moves, and which way."))
        return redirect("trial_drafts")
    user = cast(User, request.user)
    found = actions.begin(user, flow, crosses, timezone.now(), from_example=chosen)
    return redirect("trial_draft", found.pk)


@login_required
def draft(request: HttpRequest, draft_id: str) -> HttpResponse:
    """One draft: what it changes, its text, and beside it what the law says to it. POST keeps the text."""
    user, of = cast(User, request.user), number(request)
    if request.method == "POST":
        seen = actions.Seen(draft_id, of, request.POST.get("seen", ""))
        found = actions.write_change(user, seen, request.POST.get("text", ""), timezone.now())
        if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
            return render(request, "pilots/_draft_live.html", {**_shown(request, found, of), "swapped": True})
        return redirect(address(found.pk, of))
    return render(request, "pilots/draft.html", _shown(request, find(user, draft_id), of))


def address(draft_id: str, of: int) -> str:
    """The page of a draft, on its change or one of its alternatives."""
    return reverse("trial_draft", args=[draft_id]) + (f"?of={of}" if of else "")


def number(request: HttpRequest) -> int:
    """Which text of the draft is meant: 0 the change, 1 to 3 its alternatives."""
    given = request.POST.get("of") or request.GET.get("of") or "0"
    return int(given) if given.isdigit() and len(given) == 1 else 0


def _shown(request: HttpRequest, found: TrialDraft, of: int) -> dict[str, Any]:
    text = text_of(found, of)
    wrong = drafts.faults(text)
    return {
        "draft": found,
        "title": title_of(found),
        "flow": FLOW_WORDS.get(found.flow, found.flow),
        "way": direction_words(found.crosses),
        "of": of,
        "numbers": range(1, len(found.alternatives) + 1),
        "more": len(found.alternatives) < drafts.MOST_ALTERNATIVES,
        "text": text,
        "faults": wrong,
        "told": () if wrong or not text.strip() else drafts_told.told(text),
        "checked": _checked(found, text) if "checked" in request.GET and text.strip() and not wrong else None,
        "seen": found.changed_at.isoformat(),
        "saved": found.changed_at,
        "languages": [(key, found.title.get(key, ""), found.question.get(key, "")) for key in LANGUAGES],
        "writes": bool(may(cast(User, request.user), Verb.DRAFT_TRIAL)),
        "example": examples().get(found.example),
    }


def _checked(found: TrialDraft, text: str) -> drafts_checks.Checked:
    return drafts_checks.checked(text, found.flow, found.crosses, timezone.localdate())


@login_required
def checks(request: HttpRequest, draft_id: str) -> HttpResponse:
    """What the law says to the change, to be laid into its page."""
    found, of = find(cast(User, request.user), draft_id), number(request)
    text = text_of(found, of)
    if drafts.faults(text) or not text.strip():
        return HttpResponse("")
    context = {"draft": found, "of": of, "checked": _checked(found, text)}
    return render(request, "pilots/_draft_checks.html", context)


@login_required
def cases(request: HttpRequest, draft_id: str) -> HttpResponse:
    """The witnesses of the change as a file of cases for the packs."""
    found = find(cast(User, request.user), draft_id)
    text = text_of(found, number(request))
    if drafts.faults(text) or not text.strip():
        raise Http404
    kept = drafts_checks.witness_cases(text, found.flow, found.crosses, timezone.localdate())
    named = {"Content-Disposition": f'attachment; filename="{found.pk}.yaml"'}
    return HttpResponse(kept, content_type="application/yaml; charset=utf-8", headers=named)


@login_required
@require_POST
def describe(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Keep the draft's title and question."""
    given = {
        part: {key: request.POST.get(f"{part}.{key}", "") for key in LANGUAGES}
        for part in ("title", "question")
    }
    actions.describe(cast(User, request.user), draft_id, given["title"], given["question"], timezone.now())
    messages.success(request, _("Kept."))
    return redirect("trial_draft", draft_id)


@login_required
@require_POST
def alternatives(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Add an alternative, or throw one away."""
    user, now = cast(User, request.user), timezone.now()
    if request.POST.get("do") == "drop":
        actions.drop_alternative(
            user, actions.Seen(draft_id, number(request), request.POST.get("seen", "")), now
        )
        return redirect("trial_draft", draft_id)
    return redirect(address(draft_id, actions.add_alternative(user, draft_id, now)))


@login_required
@require_POST
def discard(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Throw the draft away."""
    actions.discard(cast(User, request.user), draft_id)
    messages.success(request, _("The draft is thrown away."))
    return redirect("trial_drafts")
