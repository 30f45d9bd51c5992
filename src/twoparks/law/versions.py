"""A version of the packs, by whatever name it goes: a folder, a revision of the folder in use, or a drafted change."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from .amend import amended
from .given import InputError
from .pack import Law
from .reading import read_law


def version(name: str, folder: Path, *, changed: Law | None = None) -> Law:
    """The law under this name; with `changed`, a file is a change laid over that. InputError where there is none."""
    path = Path(name)
    if path.is_dir():
        if not (path / "vocabulary.yaml").is_file():
            raise InputError(f"{name}: no vocabulary.yaml stands in it; name a folder of packs")
        return read_law(path)
    if path.is_file() and changed is not None:
        return amended(changed, path.read_text(encoding="utf-8"), name=name)
    return _revision(name, folder)


def _revision(name: str, folder: Path) -> Law:
    """The packs as they stood in a git revision of the folder in use."""
    if not name.startswith("-"):
        # A fixed command; the revision is one argument, and cannot be taken for an option.
        told = subprocess.run(
            ["git", "-C", str(folder), "archive", name, "."],
            capture_output=True,
            check=False,
        )
        if told.returncode == 0:
            with TemporaryDirectory() as kept, tarfile.open(fileobj=io.BytesIO(told.stdout)) as packed:
                packed.extractall(kept, filter="data")
                return read_law(Path(kept))
    raise InputError(
        f"{name}: neither a folder of packs, nor a drafted change (for NEW), nor a revision of {folder}"
    )
