"""Real HTTP between the two nodes without a network: httpx on one side, the whole Django application on the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import httpx
from django.core.handlers.wsgi import WSGIHandler
from tests.two_nodes import TwoNodes

from twoparks.federation.transport import HttpTransport


@cache
def _django() -> WSGIHandler:
    return WSGIHandler()


def application(nodes: TwoNodes, park: str) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """The web process of one node as a WSGI application."""

    def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        with nodes.at(park):
            return [b"".join(_django()(environ, start))]

    return answer


def client(nodes: TwoNodes, park: str) -> httpx.Client:
    """A client whose every request is answered by that park's node."""
    return httpx.Client(transport=httpx.WSGITransport(app=application(nodes, park)))


def http(nodes: TwoNodes, sender: str) -> HttpTransport:
    """The real transport of one node to the other."""
    return HttpTransport(client(nodes, nodes.other(sender)))
