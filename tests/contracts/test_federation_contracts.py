"""What may cross the river: every field of every registered kind has a check, a reason, and nothing beside it passes."""

from __future__ import annotations

import pytest

from twoparks.federation import contracts
from twoparks.federation.contracts import (
    Check,
    ContractBroken,
    base64url,
    boolean,
    check_body,
    date,
    dictionary,
    digest,
    enum,
    instant,
    integer,
    list_of,
    mapping,
    nullable,
    one_of,
    pattern,
    register,
    text,
)
from twoparks.federation.types import Contract, Field

REGISTERED = contracts.contracts()


@pytest.mark.parametrize("contract", REGISTERED, ids=lambda c: c.kind)
def test_every_crossing_field_says_why_it_crosses(contract: Contract) -> None:
    silent = [name for name, field in contract.fields.items() if not field.why.strip()]
    assert silent == [] or not contract.crosses


@pytest.mark.parametrize("contract", REGISTERED, ids=lambda c: c.kind)
def test_a_field_no_contract_names_is_refused(contract: Contract) -> None:
    with pytest.raises(ContractBroken, match="identity_number"):
        check_body(contract, {"identity_number": "A123456(7)"})


@pytest.mark.parametrize("contract", REGISTERED, ids=lambda c: c.kind)
def test_every_field_refuses_what_no_message_holds(contract: Contract) -> None:
    lax = [name for name, field in contract.fields.items() if field.check(object()) is None]
    assert lax == []


GOOD: list[tuple[Check, object]] = [
    (text(5), "hello"),
    (text(5), "a\nb"),
    (text(9), "樣本"),
    (text(5, minimum=0), ""),
    (pattern(r"[A-Z]{2}", "two capital letters"), "HK"),
    (integer(0, 9), 0),
    (integer(0, 9), 9),
    (boolean(), False),
    (enum("exit", "entry"), "exit"),
    (nullable(text(5)), None),
    (one_of(integer(1, 9), enum("n")), "n"),
    (digest(), "0" * 64),
    (base64url(4), "aB-_"),
    (instant(), "2026-11-22T08:00:00Z"),
    (date(), "2028-02-29"),
    (mapping({"line": integer(1, 9)}, {"seal": text(5)}), {"line": 1}),
    (mapping({"line": integer(1, 9)}, {"seal": text(5)}), {"line": 1, "seal": "x"}),
    (dictionary(text(5), boolean(), 2), {"a": True, "b": False}),
    (list_of(integer(1, 9), 2), []),
    (list_of(integer(1, 9), 2, minimum=1), [1, 9]),
]

BAD: list[tuple[Check, object]] = [
    (text(5), "hello!"),
    (text(5), ""),
    (text(5), None),
    (text(5), "a\x00b"),
    (pattern(r"[A-Z]{2}", "two capital letters"), "HKG"),
    (pattern(r"[A-Z]{2}", "two capital letters"), "HK\n"),
    (integer(0, 9), -1),
    (integer(0, 9), 10),
    (integer(0, 9), True),
    (integer(0, 9), "1"),
    (boolean(), 1),
    (enum("exit", "entry"), "both"),
    (nullable(text(5)), ""),
    (one_of(integer(1, 9), enum("n")), "m"),
    (digest(), "0" * 63),
    (digest(), "A" * 64),
    (digest(), "0" * 64 + "\n"),
    (base64url(4), "aB+/"),
    (base64url(4), "aaaaa"),
    (instant(), "2026-02-30T08:00:00Z"),
    (instant(), "2026-11-22T08:00:00+08:00"),
    (instant(), "2026-11-22"),
    (date(), "2026-02-31"),
    (date(), "31/02/2026"),
    (date(), "20260131"),
    (mapping({"line": integer(1, 9)}), {}),
    (mapping({"line": integer(1, 9)}), {"line": 1, "donor": "x"}),
    (mapping({"line": integer(1, 9)}), [1]),
    (dictionary(text(5), boolean(), 2), {"a": True, "b": False, "c": True}),
    (dictionary(text(5), boolean(), 2), {"toolong": True}),
    (dictionary(text(5), boolean(), 2), {"a": 1}),
    (list_of(integer(1, 9), 2), [1, 2, 3]),
    (list_of(integer(1, 9), 2), [0]),
    (list_of(integer(1, 9), 2, minimum=1), []),
    (list_of(integer(1, 9), 2), (1,)),
]


@pytest.mark.parametrize(("check", "value"), GOOD, ids=lambda v: "" if callable(v) else repr(v)[:30])
def test_a_value_of_the_right_shape_passes(check: Check, value: object) -> None:
    assert check(value) is None


@pytest.mark.parametrize(("check", "value"), BAD, ids=lambda v: "" if callable(v) else repr(v)[:30])
def test_a_value_of_another_shape_is_told_what_would_be_accepted(check: Check, value: object) -> None:
    assert check(value)


def test_a_broken_body_names_each_field_with_its_value_and_what_is_wanted() -> None:
    contract = Contract("t", True, {"count": Field(integer(0, 9), why="x"), "says": Field(text(5), why="x")})
    with pytest.raises(ContractBroken) as broken:
        check_body(contract, {"count": -1})
    assert str(broken.value) == (
        "t: count: -1 is not accepted; use a whole number from 0 to 9; says: missing"
    )


def test_a_kind_has_one_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contracts, "_contracts", {})
    register(Contract("t", True, {}, apply=lambda act, now: None))
    with pytest.raises(ValueError, match="a kind has one contract"):
        register(Contract("t", True, {}, apply=lambda act, now: None))
