"""Declare from a YAML file, follow the permit until it is in force, and fetch its pass.

    export TWOPARKS_TOKEN=$(twoparks token make --as sz-lab --label example --park sz)
    python examples/api/declare_and_follow.py examples/samples-to-hong-kong.yaml --node http://localhost:8002

Needs httpx and PyYAML, nothing of TwoParks itself. Copy it and make it yours.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import yaml

TRIES = 5
ENDED = {"refused", "revoked", "withdrawn", "expired", "completed"}
Pause = Callable[[float], None]


class NotDone(Exception):
    """The node said no; the message is the problem's own."""


class Node:
    """One park's node, called with a token. What fails on the way is tried again, and a write is still done once."""

    def __init__(self, client: httpx.Client, pause: Pause = time.sleep) -> None:
        self.client, self.pause = client, pause

    def get(self, path: str) -> Any:
        """What the node answers."""
        return self._ask("GET", path, {})

    def post(self, path: str, body: Any) -> Any:
        """What the node answers; every try carries the same key, so the node does it once."""
        return self._ask("POST", path, {"json": body, "headers": {"Idempotency-Key": str(uuid.uuid4())}})

    def _ask(self, method: str, path: str, said: dict[str, Any]) -> Any:
        for left in reversed(range(TRIES)):
            try:
                answer = self.client.request(method, f"/api{path}", **said)
            except httpx.TransportError:
                if not left:
                    raise
                self.pause(1)
                continue
            again = answer.status_code == 429 or answer.status_code >= 500 or "Retry-After" in answer.headers
            if not (again and left):
                return _read(answer)
            self.pause(float(answer.headers.get("Retry-After", 1)))
        raise AssertionError("the last try returns or raises")


def _read(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json()
    told = answer.json()
    wrong = [f"  {problem['path']}: {problem['says']}" for problem in told.get("problems", [])]
    raise NotDone("\n".join([f"{told['title']}: {told['detail']}", *wrong]))


def declare_and_follow(node: Node, declaration: Any, every_s: float = 10) -> dict[str, Any]:
    """Declare, say each new status, and return the pass; raises NotDone when there will be none."""
    permit, status = node.post("/permits", declaration)["id"], ""
    print(f"declared: {permit}")
    while True:
        found = node.get(f"/permits/{permit}")
        if found["status"] != status:
            status = found["status"]
            print(f"{status}: cleared by {', '.join(found['cleared_by']) or 'nobody yet'}")
        if status == "in_force":
            fetched: dict[str, Any] = node.get(f"/permits/{permit}/pass")
            return fetched
        if status in ENDED:
            raise NotDone(f"{permit} is {status}")
        node.pause(every_s)


def main() -> int:
    """Read the words of the command line; 0 when the pass is written, 1 when the node said no."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="a declaration, such as examples/samples-to-hong-kong.yaml")
    parser.add_argument("--node", default="http://localhost:8002", help="address of the park's node")
    parser.add_argument(
        "--pass", dest="to", type=Path, default=Path("pass.svg"), help="where the picture goes"
    )
    words = parser.parse_args()
    headers = {"Authorization": f"Bearer {os.environ['TWOPARKS_TOKEN']}", "Accept-Language": "en"}
    with httpx.Client(base_url=words.node, headers=headers, timeout=30) as client:
        try:
            made = declare_and_follow(Node(client), yaml.safe_load(words.file.read_text("utf-8")))
        except NotDone as said:
            print(said, file=sys.stderr)
            return 1
    words.to.write_text(made["svg"], encoding="utf-8")
    print(f"the pass is in {words.to}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
