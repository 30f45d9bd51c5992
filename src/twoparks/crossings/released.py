"""Pages of days across that a person releases to the employer, month by month: the person's choice, and what the employer sees."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from twoparks.crossings import actions, queries
from twoparks.crossings.my_pass import own
from twoparks.permits.types import Invalid
from twoparks.registry.models import User

PER_PAGE = 25


@login_required
@require_POST
def release_counts(request: HttpRequest) -> HttpResponse:
    """Let the employer see exactly the months ticked."""
    user, _person = own(request)
    try:
        actions.release_counts(user, request.POST.getlist("months"), timezone.now())
    except Invalid as wrong:
        messages.error(request, " ".join(problem.says for problem in wrong.problems))
    else:
        messages.success(
            request, _("Recorded. Your employer sees the days of the months ticked and nothing else.")
        )
    return redirect("my_movements")


@login_required
@require_POST
def withdraw_counts(request: HttpRequest) -> HttpResponse:
    """Let the employer see nothing any more."""
    user, _person = own(request)
    actions.withdraw_counts(user, timezone.now())
    messages.success(request, _("Taken back. Your employer sees none of your days."))
    return redirect("my_movements")


@login_required
def released_counts(request: HttpRequest) -> HttpResponse:
    """The employer's people, each with the days across they released."""
    people = queries.employed(cast(User, request.user))
    page = Paginator(people, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "lines": queries.released(page.object_list, timezone.now())}
    return render(request, "crossings/released.html", context)
