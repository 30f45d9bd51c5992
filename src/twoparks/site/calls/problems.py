"""What could not be done, as problem details (RFC 9457) in the reader's language."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, cast

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from twoparks.crossings.device import NotReady
from twoparks.law.facts import FactError
from twoparks.lists.types import Refused
from twoparks.permits.accepted import unusable
from twoparks.permits.types import Invalid
from twoparks.registry.actions import NotAccepted
from twoparks.site.calls.strict import NotStrict
from twoparks.site.refusals import refusal_of

PROBLEM = "application/problem+json"
TYPE = "urn:twoparks:problem:"
_told = logging.getLogger(__name__)


class Stopped(Exception):
    """A call stopped with this problem."""

    def __init__(self, status: int, code: str, **headers: str) -> None:
        self.status, self.code = status, code
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(code)


def says(code: str) -> tuple[str, str]:
    """Title and detail of a problem that needs no further words."""
    return {
        "signed_out": (
            _("Sign in first."),
            _("Send a token in the header Authorization: Bearer …, or sign in with a browser."),
        ),
        "token_not_live": (
            _("Sign in first."),
            _("This token is unknown, expired or revoked, or its owner's account is closed."),
        ),
        "no_form_token": (
            _("This is not open to you"),
            _("A browser sends its form token in the header X-CSRFToken with everything that writes."),
        ),
        "not_found": (_("There is nothing here"), _("No such thing is known here.")),
        "no_such_method": (
            _("There is nothing here"),
            _("This address does not take this method; the header Allow lists those it takes."),
        ),
        "no_length": (
            _("The request cannot be read"),
            _("Say how long the body is, in the header Content-Length."),
        ),
        "too_large": (_("Too large"), _("The body is larger than this node takes.")),
        "not_json": (
            _("The body cannot be read"),
            _("Send JSON in UTF-8, with the header Content-Type: application/json."),
        ),
        "malformed_request": (_("The request cannot be read"), _("Address or headers are malformed.")),
        "too_many": (_("Too many requests"), _("Wait as many seconds as the header Retry-After says.")),
        "key_malformed": (
            _("The request cannot be read"),
            _("An Idempotency-Key is 1 to 255 visible ASCII letters, such as a UUID."),
        ),
        "key_reused": (
            _("This key was used before"),
            _("Another request was sent under this Idempotency-Key. Take a fresh key for each new request."),
        ),
        "being_done": (
            _("This cannot be done now"),
            _("A request under this Idempotency-Key is being worked on. Ask again shortly."),
        ),
        "fault": (_("Something went wrong here"), _("The fault is ours, not yours.")),
    }[code]


def problem(
    status: int, code: str, title: str, detail: str, problems: list[dict[str, Any]] | None = None
) -> HttpResponse:
    """A problem-details answer; `problems` lists what was wrong, field by field."""
    body: dict[str, Any] = {"type": f"{TYPE}{code}", "title": title, "status": status, "detail": detail}
    if problems is not None:
        body["problems"] = problems
    text = json.dumps(body, ensure_ascii=False, default=str)
    return HttpResponse(text, status=status, content_type=PROBLEM)


def stopped(error: Stopped) -> HttpResponse:
    """The answer to a call that was stopped."""
    answer = problem(error.status, error.code, *says(error.code))
    for name, value in error.headers.items():
        answer.headers[name] = value
    return answer


_OF_STATUS = {
    401: "signed_out",
    403: "no_form_token",
    404: "not_found",
    405: "no_such_method",
    413: "too_large",
    415: "not_json",
    429: "too_many",
}


def instead_of(answer: HttpResponse) -> HttpResponse:
    """A problem in place of an error page made elsewhere; headers that belong to the status stay."""
    code = _OF_STATUS.get(answer.status_code)
    code = code or ("fault" if answer.status_code >= 500 else "malformed_request")
    made = problem(answer.status_code, code, *says(code))
    for name in ("Allow", "Retry-After"):
        if name in answer.headers:
            made.headers[name] = answer.headers[name]
    return made


def answer_errors(api: NinjaAPI) -> None:
    """Have every error that an operation raises answered here."""
    for kind, answer in _ANSWERS.items():
        api.add_exception_handler(kind, answer)


def _refused(request: HttpRequest, error: Exception) -> HttpResponse:
    refusal = refusal_of(error)
    if refusal is None:
        _told.exception("fault in %s %s", request.method, request.path, exc_info=error)
        return problem(500, "fault", *says("fault"))
    return problem(refusal.status, refusal.code, refusal.title, refusal.says)


def _stopped(request: HttpRequest, error: Exception) -> HttpResponse:
    return stopped(cast(Stopped, error))


def _rows(rows: list[dict[str, Any]]) -> HttpResponse:
    return problem(422, "invalid", _("Please correct"), " ".join(row["says"] for row in rows), rows)


def _invalid(request: HttpRequest, error: Exception) -> HttpResponse:
    found = cast(Invalid, error).problems
    return _rows([{"path": p.path, "value": p.value, "says": p.says} for p in found])


def _not_accepted(request: HttpRequest, error: Exception) -> HttpResponse:
    wrong = cast(NotAccepted, error)
    return _rows([{"path": wrong.field, "value": None, "says": str(wrong)}])


def _facts(request: HttpRequest, error: Exception) -> HttpResponse:
    found = cast(FactError, error).problems
    return _rows([{"path": f"facts.{p.name}", "value": p.value, "says": unusable(p)} for p in found])


def _cannot_list(request: HttpRequest, error: Exception) -> HttpResponse:
    found = cast(Refused, error).problems
    return _rows([{"path": p.name, "value": request.GET.get(p.name), "says": p.says} for p in found])


def _malformed(request: HttpRequest, error: Exception) -> HttpResponse:
    rows = [
        {"path": ".".join(map(str, _place(e.get("loc", ())))), "value": None, "says": _said(e)}
        for e in cast(ValidationError, error).errors
    ]
    told = " ".join(f"{row['path']}: {row['says']}" for row in rows)
    return problem(422, "malformed", _("Please correct"), told, rows)


def _place(loc: tuple[Any, ...]) -> tuple[Any, ...]:
    """Where in the request: `body` and the parameter's own name say nothing to the caller."""
    return loc[2:] or loc[:1] if loc[:2] == ("body", "body") else loc[1:] or loc


def _said(wrong: Mapping[str, Any]) -> str:  # Any: an error as pydantic lists it
    """What is wrong with one value, in the reader's language."""
    kind, context = str(wrong.get("type")), wrong.get("ctx", {})
    if kind in {"literal_error", "enum"}:
        return _("This must be one of %(expected)s.") % {"expected": context.get("expected", "")}
    if kind in {"greater_than_equal", "greater_than", "string_too_short", "too_short"}:
        return _("This must be at least %(least)s.") % {"least": next(iter(context.values()), "")}
    if kind in {"less_than_equal", "less_than", "string_too_long", "too_long"}:
        return _("This must be at most %(most)s.") % {"most": _most(context)}
    for start, sentence in _kinds():
        if kind.startswith(start):
            return sentence
    return _("This is not accepted here.")


def _most(context: Mapping[str, Any]) -> object:
    return next((v for k, v in context.items() if k in {"le", "lt", "max_length"}), "")


def _kinds() -> tuple[tuple[str, str], ...]:
    return (
        ("missing", _("This is needed.")),
        ("extra_forbidden", _("No such field is known here.")),
        ("datetime", _("This must be a time like 2026-11-22T08:00:00Z.")),
        ("timezone", _("This must be a time like 2026-11-22T08:00:00Z.")),
        ("date", _("This must be a date like 2026-11-22.")),
        ("int", _("This must be a whole number.")),
        ("bool", _("This must be true or false.")),
        ("string", _("This must be text.")),
        ("list", _("This must be a list.")),
        ("dict", _("This must be an object.")),
        ("model", _("This must be an object.")),
    )


def _http(request: HttpRequest, error: Exception) -> HttpResponse:
    wrong = cast(HttpError, error)
    if isinstance(wrong.__cause__, NotStrict):
        return problem(400, "not_json", says("not_json")[0], str(wrong.__cause__))
    if isinstance(wrong.__cause__, RequestDataTooBig):
        return problem(413, "too_large", *says("too_large"))
    code = _OF_STATUS.get(wrong.status_code, "malformed_request")
    answer = problem(wrong.status_code, code, *says(code))
    if isinstance(wrong, AuthenticationError):
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _suspicious(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, RequestDataTooBig):
        return problem(413, "too_large", *says("too_large"))
    return problem(400, "malformed_request", *says("malformed_request"))


def _not_ready(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(409, "gate_not_ready", _("This cannot be done now"), str(error))


_ANSWERS: dict[type[Exception], Callable[[HttpRequest, Exception], HttpResponse]] = {
    Exception: _refused,
    Http404: _refused,
    Stopped: _stopped,
    Invalid: _invalid,
    NotAccepted: _not_accepted,
    FactError: _facts,
    Refused: _cannot_list,
    ValidationError: _malformed,
    HttpError: _http,
    AuthenticationError: _http,
    SuspiciousOperation: _suspicious,
    NotReady: _not_ready,
}
