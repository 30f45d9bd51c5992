"""`make test`: the suite on SQLite, again on PostgreSQL, then the browser journeys. One exit code, one time a part."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

PYTEST = [sys.executable, "-m", "pytest"]
BY_TWO = [
    "-n",
    "2",
    "--dist",
    "worksteal",
]  # neighbours stay together: what a module prepares is prepared once
EVERYDAY = "not journey and not soak"


def main() -> int:
    """Run every part; the exit code is 0 only when all passed. A missing tool is said, never passed over silently."""
    results = {
        "SQLite": _part("suite on SQLite", [*PYTEST, *BY_TWO, "-m", EVERYDAY, "tests"]),
        "PostgreSQL": _postgresql(),
        "journeys": _journeys(),
    }
    print(
        "\n".join(
            f"{name:<12} {'passed' if code == 0 else f'FAILED ({code})'}" for name, code in results.items()
        )
    )
    return 0 if not any(results.values()) else 1


def _part(name: str, words: list[str]) -> int:
    print(f"== {name}", flush=True)
    began = time.monotonic()
    code = subprocess.run(words, check=False).returncode
    print(f"== {name}: {time.monotonic() - began:.0f} s", flush=True)
    return code


def _postgresql() -> int:
    tool = shutil.which("pg_virtualenv")
    if tool is None:
        print(
            "== suite on PostgreSQL: pg_virtualenv is missing (Debian: apt install postgresql postgresql-common)"
        )
        return 1 if os.environ.get("CI") else 0
    words = [*PYTEST, *BY_TWO, "-m", f"{EVERYDAY} and not one_database", "tests"]
    inside = f"TWOPARKS_DATABASE_URL=postgresql://$PGUSER:$PGPASSWORD@$PGHOST:$PGPORT/postgres exec {' '.join(map(_quote, words))}"
    quick = [
        word
        for option in ("fsync", "synchronous_commit", "full_page_writes")
        for word in ("-o", f"{option}=off")
    ]
    return _part("suite on PostgreSQL", [tool, *quick, "sh", "-c", inside])


def _journeys() -> int:
    if not any(Path(folder, "chromium").exists() for folder in ("/usr/bin", "/usr/local/bin")):
        print("== journeys: chromium is missing (Debian: apt install chromium fonts-noto-cjk)")
        return 1 if os.environ.get("CI") else 0
    return _part("journeys in a browser", [*PYTEST, "-m", "journey", "tests/journeys"])


def _quote(word: str) -> str:
    return f"'{word}'"


if __name__ == "__main__":
    sys.exit(main())
