"""A pass at a gate, offline: both signatures, validity, route, status lists, labels or the phone's moving code, uses left.

On one core, nothing recorded. Beside it, in the same run, the least any verifier must do: the bare signatures over the same
bytes by `cryptography`, keys loaded before. COSE libraries accept one signature of two, so none of them is an alternative.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from tests.passes.scene import NOW
from tests.passes.test_gate import ZONE, person

from bench._stand import load_average, percentile
from twoparks.passes.gate import check
from twoparks.passes.verdict import Light

ROUNDS, CALLS = 8, 150


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="twoparks-bench-") as folder:
        gate = ZONE.gate(Path(folder))
        goods, traveller = ZONE.shown(), person()
        for shown in (goods, traveller):
            assert check(shown, gate, NOW).light is Light.GREEN, "only green answers are measured"
        ways: dict[str, Callable[[], object]] = {
            "two bare signatures": lambda: _bare(2),
            "goods: pass, labels, status, uses": lambda: check(goods, gate, NOW),
            "three bare signatures": lambda: _bare(3),
            "person: pass, moving code, status": lambda: check(traveller, gate, NOW),
        }
        found = _measured(ways)
    print(f"\npasses verified offline, one core; {load_average()}")
    print(f"{'way':<40}{'per second':>11}{'p99 ms':>9}{'of the bare':>13}")
    bare = 0.0
    for name, times in found.items():
        rate = 1 / percentile(times, 0.5)
        bare = rate if name.endswith("bare signatures") else bare
        print(f"{name:<40}{rate:>11.0f}{percentile(times, 0.99) * 1000:>9.2f}{rate / bare:>13.2f}")


_KEY = ec.generate_private_key(ec.SECP256R1())
_MESSAGE = b"x" * 150
_SIGNATURE, _PUBLIC = _KEY.sign(_MESSAGE, ec.ECDSA(hashes.SHA256())), _KEY.public_key()


def _bare(count: int) -> None:
    for _ in range(count):
        _PUBLIC.verify(_SIGNATURE, _MESSAGE, ec.ECDSA(hashes.SHA256()))


def _measured(ways: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Seconds of each call, the ways taking turns so that what else the machine does falls on all of them."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, run in ways.items():
            for _ in range(CALLS):
                began = perf_counter()
                run()
                found[name].append(perf_counter() - began)
    return found
