"""The way in to the API: who calls is found, the call counted, done once, and whatever goes wrong said as a problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from twoparks.registry import tokens
from twoparks.registry.models import User
from twoparks.site.calls import rates
from twoparks.site.calls.once import WRITES, once
from twoparks.site.calls.problems import PROBLEM, Stopped, instead_of, stopped

PREFIX = "/api/"
MOST_BYTES = 1024 * 1024  # of a body; a working limit
BEARER = "Bearer "
JSON = "application/json"


@dataclass(frozen=True)
class Caller:
    """Who calls: by a token, a person by their browser's session, or nobody known."""

    kind: str  # token, person or address
    who: str  # what calls are counted under
    user: User | None = None
    refused: bool = False  # shows a token that is not believed


class Door:
    """Stands before every operation of the API; the page that describes it is a page like others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PREFIX) or request.path == PREFIX:
            return self.get_response(request)
        answer = self._answer(request)
        if answer.status_code >= 400 and answer.headers.get("Content-Type") != PROBLEM:
            answer = instead_of(answer)
        answer.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(answer, ["Authorization", "Cookie", "Accept-Language"])
        return answer

    def _answer(self, request: HttpRequest) -> HttpResponse:
        pace = None
        try:
            caller = _caller(request)
            pace = rates.take(caller.kind, caller.who, timezone.now())
            if pace is not None and pace.wait_s:
                raise Stopped(429, "too_many")
            _look(request, caller)
            answer = self._done(request, caller)
        except Stopped as error:
            answer = stopped(error)
        for name, value in ({} if pace is None else pace.headers()).items():
            answer.headers[name] = value
        return answer

    def _done(self, request: HttpRequest, caller: Caller) -> HttpResponse:
        if caller.user is None:
            return self.get_response(request)
        return once(request, caller.user, timezone.now(), lambda: self.get_response(request))


class BySession(APIKeyCookie):
    """Signed in with a browser; the form token was looked at on the way in."""

    def __init__(self, cookie: str) -> None:
        self.param_name = cookie
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        """The person signed in."""
        return cast(User, request.user) if request.user.is_authenticated else None


class ByToken(HttpBearer):
    """A token; whose it is was found on the way in."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The person for whom the token acts."""
        return cast(User, request.user) if request.user.is_authenticated else None


def _caller(request: HttpRequest) -> Caller:
    """Who calls. A token that is not believed is nobody, whatever else the request carries."""
    given = request.headers.get("Authorization")
    if given is None and request.user.is_authenticated:
        return Caller("person", str(request.user.pk), cast(User, request.user))
    token = tokens.believe(_token_in(given), timezone.now()) if given else None
    if token is None:
        return Caller("address", rates.address_of(request), refused=given is not None)
    request.user = token.user
    request.token = token  # type: ignore[attr-defined]  # for the operations about tokens
    return Caller("token", str(token.pk), token.user)


def _token_in(header: str) -> str:
    return header[len(BEARER) :].strip() if header[: len(BEARER)].lower() == BEARER.lower() else ""


def _look(request: HttpRequest, caller: Caller) -> None:
    """Raise Stopped for a request that no operation needs to see."""
    if caller.refused:
        raise Stopped(401, "token_not_live", WWW_Authenticate='Bearer error="invalid_token"')
    if b"\x00" in unquote_to_bytes(request.get_full_path()):
        raise Stopped(400, "malformed_request")
    if "CONTENT_LENGTH" not in request.META and "Transfer-Encoding" in request.headers:
        raise Stopped(411, "no_length")
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise Stopped(413, "too_large")
    if request.body and request.content_type != JSON:
        raise Stopped(415, "not_json")
    if caller.kind == "person" and request.method in WRITES and check_csrf(request):
        raise Stopped(403, "no_form_token")
