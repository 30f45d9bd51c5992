"""What every page knows: the zone, this park, the other one."""

from __future__ import annotations

from django.http import HttpRequest

from twoparks.registry.node import this_node
from twoparks.registry.zone import zone


def site(request: HttpRequest) -> dict[str, object]:
    """Template context shared by all pages."""
    node = this_node()
    return {"zone": zone(), "node": node, "park": node.park, "peer": node.peer}
