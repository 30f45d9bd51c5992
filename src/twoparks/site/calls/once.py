"""A write asked for under an Idempotency-Key is done once, whatever happens to the answer on its way.

1. The key is claimed, in a transaction of its own, so that a second request meanwhile is told to wait.
2. The write and its answer are kept in one transaction: both happened, or neither.
3. A claim whose process died is free again after `CLAIM_S`. Whoever lost its claim cannot keep its answer, and so
   cannot keep its write either.

Only what was done is remembered: a refusal wrote nothing, its key is free again.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from twoparks.registry.models import User
from twoparks.site.calls.problems import Stopped
from twoparks.site.models import Answered

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
KEPT = timedelta(hours=24)
CLAIM_S = 30  # longer than any call takes; a working limit
_FORGET_AT_ONCE = 200
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def once(request: HttpRequest, user: User, now: datetime, do: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer to `request`: by `do`, or the one kept under its key; raises Stopped."""
    given = request.headers.get(HEADER)
    if given is None or request.method not in WRITES:
        return do()
    key, digest = _key(given), _digest(request)
    claim = secrets.token_hex(16)
    kept = _claim(Answered(user=user, key=key, digest=digest, claim=claim), now)
    if kept is not None:
        return _again(kept)
    try:
        with transaction.atomic():
            answer = do()
            done = 200 <= answer.status_code < 300
            if done:
                _keep(user, key, claim, answer)
            else:
                transaction.set_rollback(True)
    except BaseException:
        _give_up(user, key, claim)
        raise
    if not done:
        _give_up(user, key, claim)
    return answer


def forget(now: datetime) -> None:
    """Drop answers kept long enough."""
    Answered.objects.filter(forget_at__lte=now).delete()


def _claim(wanted: Answered, now: datetime) -> Answered | None:
    """None when the key is now ours, else the answer kept under it; raises Stopped when another has it."""
    _forget_some(now)
    wanted.begun_at, wanted.forget_at = now, now + KEPT
    try:
        with transaction.atomic():
            wanted.save(force_insert=True)
    except IntegrityError:
        found = Answered.objects.filter(user=wanted.user, key=wanted.key).first()
        return _take_over(wanted, found, now)
    return None


def _take_over(wanted: Answered, found: Answered | None, now: datetime) -> Answered | None:
    if found is None:
        raise Stopped(409, "being_done", Retry_After="1")  # given up a moment ago
    if found.digest != wanted.digest:
        raise Stopped(422, "key_reused")
    if found.status is not None:
        return found
    left = CLAIM_S - (now - found.begun_at).total_seconds()
    if left > 0:
        raise Stopped(409, "being_done", Retry_After=str(max(1, int(left))))
    taken = Answered.objects.filter(pk=found.pk, claim=found.claim, status=None)
    if not taken.update(claim=wanted.claim, begun_at=now, forget_at=now + KEPT):
        raise Stopped(409, "being_done", Retry_After="1")
    return None


def _keep(user: User, key: str, claim: str, answer: HttpResponse) -> None:
    """Keep the answer in the transaction of the write; raises Stopped when the claim was lost."""
    kept = Answered.objects.filter(user=user, key=key, claim=claim, status=None).update(
        status=answer.status_code,
        content_type=answer.headers.get("Content-Type", ""),
        content=answer.content,
    )
    if not kept:
        raise Stopped(409, "being_done", Retry_After="1")


def _give_up(user: User, key: str, claim: str) -> None:
    Answered.objects.filter(user=user, key=key, claim=claim, status=None).delete()


def _again(kept: Answered) -> HttpResponse:
    assert kept.status is not None, "only an answer is given again"
    answer = HttpResponse(bytes(kept.content), status=kept.status)
    if kept.content_type:
        answer.headers["Content-Type"] = kept.content_type
    else:
        del answer.headers["Content-Type"]
    answer.headers[REPLAYED] = "true"
    return answer


def _key(given: str) -> str:
    key = given[1:-1] if len(given) > 2 and given[0] == given[-1] == '"' else given
    if not _KEY.fullmatch(key):
        raise Stopped(400, "key_malformed")
    return key


def _digest(request: HttpRequest) -> str:
    asked = f"{request.method} {request.get_full_path()}\n".encode("utf-8", "replace")
    return hashlib.sha256(asked + request.body).hexdigest()


def _forget_some(now: datetime) -> None:
    old = list(Answered.objects.filter(forget_at__lte=now).values_list("pk", flat=True)[:_FORGET_AT_ONCE])
    if old:
        Answered.objects.filter(pk__in=old).delete()
