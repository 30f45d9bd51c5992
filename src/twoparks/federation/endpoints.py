"""What the other park may ask of this node over HTTP. Machine to machine: no cookies, no pages, every answer JSON or bytes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from twoparks.federation import published, returning, witness
from twoparks.federation.actions import receive
from twoparks.federation.envelopes import MAX_ENVELOPE_BYTES
from twoparks.federation.transport import (
    STATUS,
    TOO_LARGE,
    Headers,
    Message,
    TransportRefused,
    verify_from_peer,
)
from twoparks.federation.types import NotCaughtUp, Receipt, Refused
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.registry.node import this_node

clock = timezone.now

View = Callable[..., HttpResponse]


def from_peer(view: Callable[[bytes], HttpResponse]) -> View:
    """Let only signed posts of the peer through, at most 256 KiB; the CSRF token of browsers has no meaning here."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > MAX_ENVELOPE_BYTES:
            return _problem(TOO_LARGE, "too_large", f"at most {MAX_ENVELOPE_BYTES} bytes are accepted")
        try:
            verify_from_peer(_message(request), clock())
        except TransportRefused as refused:
            return _problem(401, "transport_refused", refused.plain)
        return view(request.body)

    return guarded


@from_peer
def inbox(body: bytes) -> HttpResponse:
    """Take one envelope; the answers are those of docs/protocol.md."""
    try:
        return _answer(receive(body, clock()))
    except NotCaughtUp as restoring:  # the sender tries again, as after any outage
        return _problem(503, restoring.code, str(restoring))


@from_peer
def cosignature(body: bytes) -> HttpResponse:
    """Take the peer's cosignature under one of this node's checkpoints."""
    try:
        fresh = witness.take_cosignature(body.decode("utf-8", "replace"), clock())
    except LedgerRefusal as refused:
        return _problem(422, refused.code, refused.plain)
    return JsonResponse({"answer": "accepted" if fresh else "duplicate"})


@from_peer
def held(body: bytes) -> HttpResponse:
    """Which acts this node holds, for a peer that was put back from a copy."""
    return _given_back(lambda: returning.answer_held(body, clock()))


@from_peer
def returned(body: bytes) -> HttpResponse:
    """The acts of one stream that the peer lost."""
    return _given_back(lambda: returning.answer_returned(body))


def _given_back(answer: Callable[[], bytes]) -> HttpResponse:
    try:
        return HttpResponse(answer(), content_type="application/json")
    except Refused as refused:
        return _problem(422, refused.code, refused.plain)


@require_GET
def document(request: HttpRequest, name: str) -> HttpResponse:
    """A document this node publishes."""
    try:
        content = published.document(name)
    except NotCaughtUp as restoring:
        return _problem(503, restoring.code, str(restoring))
    if content is None:
        return _problem(404, "nothing_published", f"this node publishes nothing under {name!r}")
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer.headers["Cache-Control"] = (
        "no-store"  # an old list from a cache would look like one that went back
    )
    return answer


@require_GET
def consistency(request: HttpRequest) -> HttpResponse:
    """The proof that this log at `to` continues this log at `from`."""
    old, new = request.GET.get("from", ""), request.GET.get("to", "")
    if not (old.isascii() and old.isdigit() and new.isascii() and new.isdigit() and len(old + new) < 30):
        return _problem(400, "sizes_wanted", "give two tree sizes, as in ?from=12&to=40")
    try:
        return HttpResponse(witness.consistency_document(int(old), int(new)), content_type="application/json")
    except LedgerRefusal as refused:
        return _problem(404, refused.code, refused.plain)


@require_GET
def frontier(request: HttpRequest) -> HttpResponse:
    """The frontier of this log at one size, which the peer keeps with its cosignature."""
    size = request.GET.get("size", "")
    if not (size.isascii() and size.isdigit() and len(size) < 16):
        return _problem(400, "size_wanted", "give a tree size, as in ?size=40")
    try:
        return HttpResponse(witness.frontier_document(int(size)), content_type="application/json")
    except LedgerRefusal as refused:
        return _problem(404, refused.code, refused.plain)


def _answer(receipt: Receipt) -> JsonResponse:
    said: dict[str, Any] = {"answer": receipt.answer.value}
    said |= {name: value for name in ("code", "plain", "expects") if (value := getattr(receipt, name))}
    return JsonResponse(said, status=STATUS[receipt.answer])


def _problem(status: int, code: str, plain: str) -> JsonResponse:
    return JsonResponse({"answer": "refused", "code": code, "plain": plain}, status=status)


def _message(request: HttpRequest) -> Message:
    """The request as its sender signed it: addressed to this node's public origin, whatever proxy it came through."""
    url = this_node().origin + request.get_full_path()
    return Message(request.method or "", url, request.body, Headers(dict(request.headers)))
