"""What a process counts by itself: requests and the inbox's answers. Processes of one web server share a folder."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

SHARED = "PROMETHEUS_MULTIPROC_DIR"


def share(home: Path) -> None:
    """Count together with the other processes of this web server; called before anything is counted.

    The folder bears the number of the server that started this process, so that a restart begins afresh and a
    single process that is replaced loses nothing. Folders of servers that ended are removed.
    """
    if SHARED in os.environ:
        return
    folder = home / "metrics" / str(os.getppid())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for other in folder.parent.iterdir():
        if other.name.isdigit() and other != folder and not _runs(int(other.name)):
            shutil.rmtree(other, ignore_errors=True)
    os.environ[SHARED] = str(folder)


def _runs(process: int) -> bool:
    with suppress(PermissionError):  # it runs, as somebody else
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
    return True
