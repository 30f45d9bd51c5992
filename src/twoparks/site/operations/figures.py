"""Figures read from the node's records when a monitor asks: counts by kind, ages in seconds. No ids, no names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from twoparks.crossings import queries as crossings
from twoparks.federation import queries as federation
from twoparks.permits.issued import STATUS
from twoparks.registry.node import this_node


@dataclass
class Tally:
    """Rows counted so far by their labels: only those that came since are counted again."""

    upto: int = 0
    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def follow(self, count: Callable[[int], tuple[int, dict[tuple[str, ...], int]]]) -> Tally:
        """Add what came since; a table that went back (a copy was put back) is counted from its start."""
        upto, fresh = count(self.upto)
        if upto < self.upto:
            self.counts.clear()
            upto, fresh = count(0)
        self.upto = upto
        self.counts.update(fresh)
        return self


_tallies: dict[tuple[Path, str], Tally] = {}


class Figures(Collector):
    """The node as it is at `now`."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        """Every family, with its value."""
        yield from self._counted()
        yield from self._log()
        yield from self._crossings()

    def _counted(self) -> Iterator[Metric]:
        acts = _tally("acts").follow(federation.acts_since)
        found = CounterMetricFamily(
            "twoparks_acts", "Acts in this node's log, by kind and author", labels=["kind", "by"]
        )
        for labels, n in sorted(acts.counts.items()):
            found.add_metric(labels, n)
        yield found
        events = _tally("gate events").follow(crossings.gate_events_since)
        found = CounterMetricFamily("twoparks_gate_events", "Events the gates handed over", labels=["kind"])
        for labels, n in sorted(events.counts.items()):
            found.add_metric(labels, n)
        yield found

    def _log(self) -> Iterator[Metric]:
        outbox, log = federation.queue(), federation.log_state()
        yield _gauge("log_leaves", "Leaves of this node's log", log.leaves)
        yield _gauge("outbox_waiting", "Acts on their way to the other park", outbox.waiting)
        yield _gauge("outbox_stopped", "Acts in streams that were stopped", outbox.stopped)
        yield self._age("outbox_oldest", "Age of the oldest act on its way", outbox.oldest_waiting_at)
        yield _gauge("checkpoints_without_cosignature", "Checkpoints newer than any cosigned", log.uncosigned)
        yield self._age("checkpoint_wait", "Age of the oldest of them", log.uncosigned_since)
        found = GaugeMetricFamily("twoparks_incidents_open", "Open incidents", labels=["kind"])
        for kind, n in federation.open_incidents().items():
            found.add_metric([kind], n)
        yield found
        restoring = federation.restoring() is not None
        yield _gauge("catching_up", "1 while the node, put back from a copy, records nothing", int(restoring))
        seen = federation.last_seen()
        yield self._age("worker_heartbeat", "Since the worker's last heartbeat", seen.worker_at)
        yield self._age("peer_heard", "Since the other park last answered", seen.peer_at)
        status = federation.fetched(STATUS)
        yield self._age(
            "peer_status_list", "Age of the other park's status list", status.issued_at if status else None
        )

    def _crossings(self) -> Iterator[Metric]:
        found = GaugeMetricFamily(
            "twoparks_discrepancies_open", "Open discrepancies", labels=["code", "owner"]
        )
        for (code, owner), n in crossings.open_discrepancies().items():
            found.add_metric([code, "here" if owner == this_node().id else "there"], n)
        yield found
        yield self._age(
            "gate_sync",
            "Since the gate longest out of touch was synchronised",
            crossings.longest_out_of_touch(),
        )

    def _age(self, name: str, says: str, since: datetime | None) -> Metric:
        """Seconds since then; NaN when it never was or nothing waits."""
        age = float("nan") if since is None else (self.now - since).total_seconds()
        return _gauge(f"{name}_seconds", says, age)


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"twoparks_{name}", says, value=value)


def _tally(name: str) -> Tally:
    return _tallies.setdefault((this_node().home, name), Tally())
