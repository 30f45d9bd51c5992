"""The protocol page and the registered contracts name the same acts and fields."""

from __future__ import annotations

import re

import pytest
from tests.docs.tree import DOCS, tables

from twoparks.federation.contracts import contracts

pytestmark = pytest.mark.one_database

PROTOCOL = DOCS / "protocol.md"


def written() -> dict[str, tuple[bool, set[str]]]:
    """Kind -> (crosses, field names) as the table of the protocol page says; `a` / `…b` is two kinds."""
    found = {}
    for row in tables(PROTOCOL)["Kinds"][1:]:
        names = re.findall(r"`([^`]+)`", row[0])
        stem = names[0].rpartition("_")[0]
        halves = row[3].split(" / ") if len(names) > 1 else [row[3]]
        for name, body in zip(names, halves, strict=True):
            kind = name if not name.startswith("…") else stem + name.removeprefix("…")
            shared = {"crossing", "code"} & set(_fields(halves[0])) if name.startswith("…") else set()
            found[kind] = (row[2] == "yes", set(_fields(body)) | shared)
    return found


def test_every_kind_on_the_page_has_a_contract_and_every_contract_is_on_the_page() -> None:
    assert {each.kind for each in contracts()} == set(written())


def test_the_page_says_of_each_kind_whether_it_crosses() -> None:
    said = {kind: crosses for kind, (crosses, _) in written().items()}
    assert {each.kind: each.crosses for each in contracts()} == said


def test_the_page_names_every_field_a_message_must_carry() -> None:
    said = {kind: fields for kind, (_, fields) in written().items()}
    unsaid = {each.kind: sorted(set(each.fields) - said.get(each.kind, set())) for each in contracts()}
    assert {kind: fields for kind, fields in unsaid.items() if fields} == {}


def test_every_field_that_crosses_says_why() -> None:
    silent = [
        f"{c.kind}.{name}"
        for c in contracts()
        if c.crosses
        for name, f in c.fields.items()
        if not f.why.strip()
    ]
    assert silent == []


def _fields(cell: str) -> list[str]:
    outside = re.sub(r"[{\[(][^}\])]*[}\])]", "", cell)
    return re.findall(r"`([a-z_]+)`", outside)
