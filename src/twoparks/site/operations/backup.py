"""`twoparks backup DIR`: a consistent copy of a running node. `twoparks restore DIR`: a node put back from one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from django.core.management import call_command

from twoparks.crossings.device import STORE
from twoparks.federation import log
from twoparks.federation.catching_up import put_back
from twoparks.passes.uses import PUT_BACK
from twoparks.permits.command import BAD_INPUT, DONE, Words
from twoparks.registry.node import this_node
from twoparks.registry.tokens import end_all_access
from twoparks.registry.zone import zone
from twoparks.site.operations import copies
from twoparks.site.operations.copies import KEYS, STORES, Contents, CopyRefused
from twoparks.site.operations.sealed import PassphraseRefused, opened, seal, unpack

SECRETS = ("keys", "trust", "secret_key")
VARIABLE = "TWOPARKS_BACKUP_PASSPHRASE"


def backup(argv: Sequence[str]) -> int:
    """Exit code 0 made, 64 refused; the last line says whether the keys are in the copy."""
    parser = Words(prog="twoparks backup", allow_abbrev=False)
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder that does not exist yet")
    words = parser.parse_args(argv)
    try:
        made = make(words.folder, os.environ.get("TWOPARKS_BACKUP_PASSPHRASE", ""))
    except (CopyRefused, PassphraseRefused, OSError) as error:
        print(f"twoparks backup: {error}", file=sys.stderr)
        return BAD_INPUT
    print(f"{made.park}: {made.leaves} leaves and {len(made.files)} files copied to {words.folder}")
    if made.keys == "sealed":
        print(f"keys: in the copy, encrypted under {VARIABLE}; without that passphrase nobody reads them")
    else:
        print(
            f"keys: NOT in the copy, because {VARIABLE} is not set; keep {this_node().home} / keys and trust safe"
        )
    return DONE


def restore(argv: Sequence[str]) -> int:
    """Exit code 0 put back, 64 refused: nothing was changed then unless the message says so."""
    parser = Words(prog="twoparks restore", allow_abbrev=False)
    parser.add_argument("folder", type=Path, metavar="DIR", help="a copy made by `twoparks backup`")
    words = parser.parse_args(argv)
    try:
        made = bring(words.folder, os.environ.get("TWOPARKS_BACKUP_PASSPHRASE", ""), datetime.now(UTC))
    except (CopyRefused, PassphraseRefused, OSError) as error:
        print(f"twoparks restore: {error}", file=sys.stderr)
        return BAD_INPUT
    print(f"{made.park}: put back as of {made.made_at}, {made.leaves} leaves")
    if made.keys != "sealed":
        print(f"keys: not in this copy; put keys/ and trust/ into {this_node().home} before anything else")
    print("nothing is recorded until the node has caught up with the other park: start its worker, then")
    print(f"  twoparks ledger restored --park {made.park}")
    return DONE


def make(folder: Path, passphrase: str) -> Contents:
    """Copy the running node into `folder`, whole or not at all; raises CopyRefused or PassphraseRefused."""
    if folder.exists():
        raise CopyRefused(f"{folder} exists; give the name of a folder that does not")
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    try:
        made = _fill(part, passphrase)
        made.write(part)
        for path in part.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return made


def _fill(part: Path, passphrase: str) -> Contents:
    """The database first: keys and gate stores copied after it are as new or newer, which does no harm."""
    node, made_at = this_node(), copies.now_text()
    tree = log.tree()
    written = [copies.copy_database(part)]
    for store in _stores(node.home):
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as source:
            written.append(copies.copy_sqlite(source, part / store.relative_to(node.home)))
    if passphrase:
        (part / KEYS).write_bytes(seal(node.home, SECRETS, passphrase))
        written.append(part / KEYS)
    return Contents(
        format=copies.FORMAT,
        zone=str(zone().id),
        park=str(node.id),
        made_at=made_at,
        leaves=tree.size,
        root=tree.root().hex(),
        keys="sealed" if passphrase else "left out",
        files={str(path.relative_to(part)): copies.digest_of(path) for path in written},
    )


def bring(folder: Path, passphrase: str, now: datetime) -> Contents:
    """Put this node back from a copy: everything is checked before anything is written.

    Gates' keys are in no copy: a gate put back is enrolled anew. Sessions and tokens end. Raises CopyRefused, PassphraseRefused.
    """
    made, node = Contents.read(folder), this_node()
    if (made.zone, made.park) != (str(zone().id), str(node.id)):
        raise CopyRefused(
            f"this is a copy of {made.park} in {made.zone}; this node is {node.id} in {zone().id}"
        )
    secrets = None
    if made.keys == "sealed":
        if not passphrase:
            raise CopyRefused(f"the keys of this copy are encrypted; give the passphrase in {VARIABLE}")
        if (node.home / "keys" / "trust.json").exists():
            raise CopyRefused(f"{node.home} holds keys already; a copy is put back into a fresh home")
        secrets = opened((folder / KEYS).read_bytes(), passphrase)
    copies.put_back_database(folder)
    node.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if secrets is not None:
        unpack(secrets, node.home)
    _put_back_stores(folder, node.home)
    call_command("migrate", interactive=False, verbosity=0)
    put_back(made.copied_at, now)
    end_all_access(now)
    return made


def _put_back_stores(folder: Path, home: Path) -> None:
    for store in _stores(folder):
        target = home / store.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(store, target)
        target.chmod(0o600)
        (target.parent / PUT_BACK).touch(mode=0o600)


def _stores(home: Path) -> Iterator[Path]:
    return iter(sorted((home / STORES).glob(f"group-*/{STORE}")))
