"""Pages of one's own tokens: the list, making one, ending one."""

from __future__ import annotations

from typing import cast

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from twoparks.registry import tokens
from twoparks.registry.access import Verb, open_verbs
from twoparks.registry.actions import NotAccepted
from twoparks.registry.models import Token, User
from twoparks.registry.rights import says

PER_PAGE = 25
LIVES = (7, 30, tokens.DAYS, 180, tokens.MOST_DAYS)


class NewTokenForm(forms.Form):
    """What making a token asks."""

    label = forms.CharField(
        max_length=tokens.LABEL_MAX,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("So that you know later which program holds it."),
    )
    days = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Lives for"), initial=tokens.DAYS)
    verbs = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Only what the program needs. It never may more than you may yourself."),
    )

    def __init__(self, user: User, posted: object = None) -> None:
        super().__init__(posted)  # type: ignore[arg-type]  # a QueryDict or None
        mine = open_verbs(user)
        choices = [(str(verb), says(verb)) for verb in Verb if verb in mine]
        self.fields["verbs"].choices = choices  # type: ignore[attr-defined]
        lives = [(days, _("%(days)d days") % {"days": days}) for days in LIVES]
        self.fields["days"].choices = lives  # type: ignore[attr-defined]


@login_required
def own_tokens(request: HttpRequest) -> HttpResponse:
    """One's tokens, the newest first."""
    now = timezone.now()
    page = Paginator(tokens.tokens(cast(User, request.user)), PER_PAGE).get_page(request.GET.get("page"))
    rows = [_row(token, tokens.status(token, now)) for token in page.object_list]
    return render(request, "registry/tokens.html", {"page": page, "rows": rows})


@login_required
@reauthentication_required
def new_token(request: HttpRequest) -> HttpResponse:
    """Make a token, after showing once more who one is; its text is on the answer to this form and nowhere else."""
    user = cast(User, request.user)
    form = NewTokenForm(user, request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            wanted = tokens.NewToken(given["label"], tokens.verbs_of(given["verbs"]), given["days"])
            made, text = tokens.make_token(user, wanted, timezone.now())
        except NotAccepted as wrong:
            form.add_error(wrong.field, str(wrong))
        else:
            answer = render(request, "registry/token_made.html", {"token": made, "text": text})
            answer.headers["Cache-Control"] = "no-store"
            return answer
    return render(request, "registry/new_token.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_POST
def revoke_token(request: HttpRequest, prefix: str) -> HttpResponse:
    """End one of one's own tokens."""
    try:
        ended = tokens.revoke_token(cast(User, request.user), prefix, timezone.now())
    except Token.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The token %(label)s is revoked.") % {"label": ended.label})
    return redirect("tokens")


def _row(token: Token, status: str) -> dict[str, object]:
    live = status == "live"
    may = [says(verb) for verb in Verb if verb in token.verbs]
    return {"token": token, "status": "valid" if live else status, "live": live, "may": may}
