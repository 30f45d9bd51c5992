"""Asking what a draft would have done: ask, stop, and the worker's part of it. Nothing here is an act."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from twoparks.law.facts import FactError
from twoparks.law.pack import PackError
from twoparks.law.replay import Past
from twoparks.packs import load
from twoparks.permits.types import NotPossible
from twoparks.pilots import drafts, histories
from twoparks.pilots.drafts_queries import SHOWN, texts
from twoparks.pilots.drafts_queries import draft as find
from twoparks.pilots.impact import measure, to_json
from twoparks.pilots.models import ImpactRun
from twoparks.registry.access import Verb, demand
from twoparks.registry.ids import random_id
from twoparks.registry.models import User
from twoparks.registry.node import this_node
from twoparks.registry.zone import zone

WAITING, DRAWING, RUNNING, DONE, STOPPED, FAILED = (
    "waiting",
    "drawing",
    "running",
    "done",
    "stopped",
    "failed",
)
UNDER_WAY = (WAITING, DRAWING, RUNNING)
TELL_S = 0.4  # between two words of how far a scan is
SILENT_S = 60  # after which a scan is taken for dead and begun again

_told = logging.getLogger(__name__)
_at_work: threading.Thread | None = None


@dataclass(frozen=True)
class Asked:
    """What somebody wants to know: on which history, of which days, by the law of which day (None: each case's own)."""

    history: str
    crosses: str
    since: date | None = None
    until: date | None = None
    on: date | None = None


@transaction.atomic
def ask(user: User, draft_id: str, asked: Asked, now: datetime) -> ImpactRun:
    """Have the worker try the draft's change and its alternatives; the answer kept where the same was asked before.

    A draft keeps its newest answers, as many as its page lists.
    """
    demand(user, Verb.DRAFT_TRIAL)
    found = find(user, draft_id)
    if asked.crosses not in zone().directions or found.crosses not in ("", asked.crosses):
        raise NotPossible("no_such_direction", _("Choose what moves, and which way."))
    if asked.history not in dict(histories.histories(found.flow)):
        raise NotPossible("no_such_history", _("This park has no such past of that flow."))
    readable = [
        (at, text) for at, text in enumerate(texts(found)) if text.strip() and not drafts.faults(text)
    ]
    if not readable:
        raise NotPossible(
            "nothing_to_try", _("The draft changes nothing yet, or its text cannot be read as law.")
        )
    same = {
        "packs": load().digest,
        "changes": [text for _at, text in readable],
        "numbers": [at for at, _text in readable],
        "history": asked.history,
        "flow": found.flow,
        "crosses": asked.crosses,
        "since": asked.since,
        "until": asked.until,
        "on": asked.on,
    }
    kept = found.runs.filter(Q(state=DONE) | Q(state__in=UNDER_WAY), **same)
    if asked.history == histories.GENERATED and (before := kept.first()) is not None:
        return before  # type: ignore[no-any-return]  # a manager of the other side of a key is not typed
    old = found.runs.exclude(state__in=UNDER_WAY).order_by("-asked_at", "id")[SHOWN - 1 :]
    ImpactRun.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    return ImpactRun.objects.create(
        id=random_id("ti"), draft=found, state=WAITING, asked_by=user, asked_at=now, **same
    )


@transaction.atomic
def stop(user: User, run_id: str) -> None:
    """Have a scan stop; what it counted so far is kept and said to be partial."""
    demand(user, Verb.DRAFT_TRIAL)
    ImpactRun.objects.filter(pk=run_id, state__in=UNDER_WAY).update(stop_asked=True)


def work(now: datetime) -> None:
    """The worker's part: begin the oldest scan that waits, unless one is under way; beside the loop, which goes on."""
    global _at_work
    if _at_work is not None and _at_work.is_alive():
        return
    dead = now - timedelta(seconds=SILENT_S)
    ImpactRun.objects.filter(state__in=(DRAWING, RUNNING), beat_at__lt=dead).update(state=WAITING)
    run = ImpactRun.objects.filter(state=WAITING).order_by("asked_at").first()
    if run is not None:
        _at_work = threading.Thread(target=_beside, args=(run.pk,), name="impact", daemon=True)
        _at_work.start()


def _beside(run_id: str) -> None:
    try:
        carry_out(run_id)
    finally:
        connection.close()


def carry_out(run_id: str) -> None:
    """Do one scan to its end, or until it is stopped; what goes wrong is kept with it."""
    run = ImpactRun.objects.get(pk=run_id)
    _say(run, DRAWING)
    path = this_node().home / "histories" / f"record-{run.pk}.parquet"
    try:
        history = _history(run, path)
        _say(run, RUNNING)
        watch = _Watch(run)
        laws = [load().law, *(drafts.zone_with(text).law for text in run.changes)]
        past = Past(run.flow, run.crosses, history, run.since, run.until)
        found = measure(laws, past, run.on, watch.progress, watch.stop)
    except (PackError, FactError) as error:
        run.says = str(error)[:2000]
        _say(run, FAILED)
    except Exception:
        _told.exception("trying a draft on a history failed")
        run.says = ""
        _say(run, FAILED)
    else:
        run.result = to_json(found)
        run.read = run.rows = found.cases
        _say(run, STOPPED if found.partial else DONE)
    finally:
        path.unlink(missing_ok=True)


def _history(run: ImpactRun, path: Path) -> Path:
    if run.history == histories.GENERATED:
        return histories.generated(run.flow, run.crosses)
    histories.record(run.flow, run.crosses, path)
    return path


def _say(run: ImpactRun, state: str) -> None:
    run.state, run.beat_at = state, timezone.now()
    run.ended_at = None if state in UNDER_WAY else run.beat_at
    run.save(update_fields=["state", "beat_at", "ended_at", "result", "says", "read", "rows"])


class _Watch:
    """Tells how far a scan is and hears whether it shall stop, a few times a second."""

    def __init__(self, run: ImpactRun) -> None:
        self.run = run
        self.heard = False
        self._next = 0.0

    def progress(self, read: int, rows: int) -> None:
        """As `replay` tells it."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + TELL_S
        mine = ImpactRun.objects.filter(pk=self.run.pk)
        mine.update(read=read, rows=rows, beat_at=timezone.now())
        self.heard = mine.filter(stop_asked=True).exists()

    def stop(self) -> bool:
        """Whether somebody asked it to stop, or threw the draft away."""
        return self.heard
