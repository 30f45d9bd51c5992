"""Every request has an id, one log line and its time in the figures; none of them says who, or what was asked for."""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram

from twoparks.registry.pseudonyms import pseudonym
from twoparks.site.operations.logs import Asked, asked, route_of

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
QUIET = ("health/live", "health/ready", "metrics", "static")  # asked every few seconds, or not worth a line
INBOX = "federation/inbox"
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10)
_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")

OWN = CollectorRegistry()
SECONDS = Histogram(
    "twoparks_request_seconds",
    "Time to answer, by route template",
    ["route", "method", "status"],
    registry=OWN,
    buckets=BUCKETS,
)
ANSWERS = Counter(
    "twoparks_inbox_answers",
    "Answers to the other park's messages, by code of the refusal",
    ["answer", "code"],
    registry=OWN,
)

_told = logging.getLogger("twoparks.request")


class Requests:
    """Outermost middleware: id in, id out (`X-Request-Id`), one line, one observation."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        this = Asked(given if _ID.fullmatch(given) else secrets.token_hex(8))
        token, began = asked.set(this), time.perf_counter()
        try:
            response = self.get_response(request)
            self._tell(request, response, this, time.perf_counter() - began)
        finally:
            asked.reset(token)
        response.headers["X-Request-Id"] = this.request_id
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, words: object) -> None:
        """Django's hook, once the route is known: lines written while the page is made can name it."""
        if (this := asked.get()) is not None:
            this.route = route_of(request)

    def _tell(self, request: HttpRequest, response: HttpResponse, this: Asked, seconds: float) -> None:
        route = "static" if request.path.startswith("/static/") else route_of(request)
        method = request.method if request.method in METHODS else "other"
        status = response.status_code
        SECONDS.labels(route, method, f"{status // 100}xx").observe(seconds)
        if route == INBOX and response.headers.get("Content-Type") == "application/json":
            said = json.loads(response.content)
            ANSWERS.labels(said["answer"], said.get("code", "")).inc()
        user = getattr(
            request, "_cached_user", None
        )  # only where somebody looked who it is: no query for a line
        if user is not None and user.is_authenticated:
            this.actor = pseudonym(user)
        level = logging.DEBUG if route in QUIET else logging.INFO
        _told.log(
            level,
            "%s %s %d %.1f ms",
            method,
            route,
            status,
            seconds * 1000,
            extra={"route": route, "method": method, "status": status, "ms": round(seconds * 1000, 1)},
        )
