"""Pages of paper: each paper as a page that prints and as a PDF, and the public check of a pass."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from twoparks.permits import queries
from twoparks.permits.types import PermitId
from twoparks.registry.models import User
from twoparks.site.paper import papers, verify, wording
from twoparks.site.paper.pdf import pdf, picture
from twoparks.site.paper.shape import Code, Paper, PaperKind
from twoparks.site.paper.verdict_words import UNREADABLE, told


@login_required
@never_cache
def paper(request: HttpRequest, permit_id: str, kind: str) -> HttpResponse:
    """A paper as a page, in the language asked for."""
    with wording.language(request.GET.get("lang", "")) as language:
        detail, made = _made(request, permit_id, kind, language)
        code = next((b.text for s in made.sections for b in s.blocks if isinstance(b, Code)), "")
        context = {
            "paper": made,
            "qr": picture(code) if code else "",
            "detail": detail,
            "languages": list(_NAMES.items()),
        }
        return render(request, "site/paper.html", context)


@login_required
@never_cache
def paper_pdf(request: HttpRequest, permit_id: str, kind: str) -> HttpResponse:
    """A paper as a PDF, in the language asked for."""
    with wording.language(request.GET.get("lang", "")) as language:
        _detail, made = _made(request, permit_id, kind, language)
        content = pdf(made)
    name = f"{made.number}-{made.kind}-{language}.pdf"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"', "Content-Language": language},
    )


_NAMES = {"en": "English", "zh-Hant": "繁體中文", "zh-Hans": "简体中文"}


def _made(
    request: HttpRequest, permit_id: str, kind: str, language: str
) -> tuple[queries.PermitDetail, Paper]:
    if kind not in set(PaperKind):
        raise Http404
    detail = queries.detail(cast(User, request.user), PermitId(permit_id), timezone.now())
    return detail, papers.paper(detail, PaperKind(kind), language)


@never_cache
def check(request: HttpRequest) -> HttpResponse:
    """Check a pass by its text or its printed address: open to everybody, nothing is kept."""
    given = request.POST.get("given", "") if request.method == "POST" else ""
    if not given:
        return render(request, "site/verify.html", {})
    try:
        found = verify.check(given, timezone.now())
    except verify.Unreadable:
        return render(request, "site/verify.html", {"problem": UNREADABLE}, status=422)
    return render(request, "site/verify.html", {"found": told(found)})


@never_cache
def check_link(request: HttpRequest, permit_id: str, digest: str) -> HttpResponse:
    """Check a pass by the address printed on it."""
    found = verify.check_link(permit_id, digest, timezone.now())
    return render(request, "site/verify.html", {"found": told(found)})
