"""What crosses under a permit. A flow says what its declarations carry; everything else about a permit is one code."""

from __future__ import annotations

from collections.abc import Mapping

from twoparks.permits.flows.flow import Context, Flow, Read, Registered
from twoparks.permits.flows.materials import Materials
from twoparks.permits.flows.personnel import Personnel

FLOWS: Mapping[str, Flow] = {flow.key: flow for flow in (Materials(), Personnel())}

__all__ = ["FLOWS", "Context", "Flow", "Read", "Registered"]
