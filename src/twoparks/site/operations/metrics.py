"""`/metrics`: the figures of this node for Prometheus, to whoever brings the token, or to this machine alone."""

from __future__ import annotations

import hmac
import os
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from twoparks.site.operations.figures import Figures
from twoparks.site.operations.meters import SHARED
from twoparks.site.operations.requests import OWN

LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts and ages in the text format of Prometheus; 401 or 403 with the way in."""
    refused = _refused(request)
    if refused is not None:
        return refused
    records = CollectorRegistry()
    records.register(Figures(timezone.now()))
    content = generate_latest(_counted()) + generate_latest(records)
    return HttpResponse(content, content_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"Cache-Control": "no-store"})


def _counted() -> CollectorRegistry:
    if SHARED not in os.environ:
        return OWN
    shared = CollectorRegistry()
    MultiProcessCollector(shared)
    return shared


def _refused(request: HttpRequest) -> HttpResponse | None:
    token = settings.TWOPARKS_METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "")
        if hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return None
        plain = (
            "metrics are open to whoever sends Authorization: Bearer and the value of TWOPARKS_METRICS_TOKEN"
        )
        return JsonResponse(
            {"code": "token_wanted", "plain": plain}, status=401, headers={"WWW-Authenticate": "Bearer"}
        )
    if _asked_here(request):
        return None
    plain = "metrics are open to this machine alone (http://127.0.0.1); set TWOPARKS_METRICS_TOKEN to open them to others"
    return JsonResponse({"code": "local_only", "plain": plain}, status=403)


def _asked_here(request: HttpRequest) -> bool:
    """Whether the request was made on this machine: a proxy on it also comes from here, but for another name."""
    try:
        local = ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    name = request.get_host().rsplit(":", 1)[0]
    return local and name in LOCAL_NAMES and not any(field in request.headers for field in FORWARDED)
