"""The Merkle tree against RFC 6962: its definition written out naively, its published roots, its proofs."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoparks.ledger.commit import SaltRefused, commit, opens
from twoparks.ledger.tree import (
    EMPTY_ROOT,
    MemoryNodes,
    Tree,
    TreeError,
    leaf_hash,
    root_of,
    root_of_frontier,
    verify_consistency,
    verify_inclusion,
)

# The reference leaves and roots of Certificate Transparency's own tests.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def grown(leaves: list[bytes]) -> Tree:
    tree = Tree(MemoryNodes(), 0)
    for leaf in leaves:
        tree.append(leaf_hash(leaf))
    return tree


def naive(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + naive(leaves[:split]) + naive(leaves[split:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_roots_come_out(size: int) -> None:
    assert grown(LEAVES[:size]).root().hex() == ROOTS[size - 1]


def test_the_published_inclusion_proof_comes_out() -> None:
    assert [h.hex()[:8] for h in grown(LEAVES).inclusion_proof(5, 8)] == ["bc1a0643", "ca854ea1", "d37ee418"]


def test_the_published_consistency_proof_comes_out() -> None:
    assert [h.hex()[:8] for h in grown(LEAVES).consistency_proof(6, 8)] == [
        "0ebc5d34",
        "ca854ea1",
        "d37ee418",
    ]


def test_the_empty_tree_has_the_root_of_nothing() -> None:
    assert Tree(MemoryNodes(), 0).root() == EMPTY_ROOT == naive([])


@given(st.lists(st.binary(max_size=4), max_size=70), st.data())
def test_every_root_is_the_naive_one(leaves: list[bytes], draw: st.DataObject) -> None:
    size = draw.draw(st.integers(0, len(leaves)))
    assert grown(leaves).root(size) == naive(leaves[:size])


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=70), st.data())
def test_every_leaf_is_proved_in_and_no_other(leaves: list[bytes], draw: st.DataObject) -> None:
    size = draw.draw(st.integers(1, len(leaves)))
    index = draw.draw(st.integers(0, size - 1))
    tree = grown(leaves)
    proof = tree.inclusion_proof(index, size)
    assert verify_inclusion(leaf_hash(leaves[index]), index, size, proof, tree.root(size))
    assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, tree.root(size))


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=70), st.data())
def test_every_beginning_is_proved_consistent_and_no_other(leaves: list[bytes], draw: st.DataObject) -> None:
    new = draw.draw(st.integers(1, len(leaves)))
    old = draw.draw(st.integers(0, new))
    tree = grown(leaves)
    proof = tree.consistency_proof(old, new)
    assert verify_consistency((old, tree.root(old)), (new, tree.root(new)), proof)
    assert not verify_consistency((old, b"\x07" * 32), (new, tree.root(new)), proof)


@given(st.lists(st.binary(max_size=4), min_size=2, max_size=40), st.data())
def test_a_changed_past_cannot_be_proved_consistent(leaves: list[bytes], draw: st.DataObject) -> None:
    old = draw.draw(st.integers(1, len(leaves) - 1))
    index = draw.draw(st.integers(0, old - 1))
    forged = grown([*leaves[:index], leaves[index] + b"!", *leaves[index + 1 :]])
    proof = forged.consistency_proof(old, len(leaves))
    told = (old, grown(leaves).root(old))
    assert not verify_consistency(told, (len(leaves), forged.root()), proof)


@given(st.lists(st.binary(max_size=4), min_size=2, max_size=40), st.data())
def test_a_proof_with_a_hash_more_or_less_is_refused(leaves: list[bytes], draw: st.DataObject) -> None:
    tree, size = grown(leaves), len(leaves)
    old = draw.draw(st.integers(1, size - 1))
    index = draw.draw(st.integers(0, size - 1))
    path, bridge = tree.inclusion_proof(index, size), tree.consistency_proof(old, size)
    leaf, root = leaf_hash(leaves[index]), tree.root()
    assert not verify_inclusion(leaf, index, size, [*path, root], root)
    assert not verify_inclusion(leaf, index, size, path[:-1], root)
    assert not verify_consistency((old, tree.root(old)), (size, root), [*bridge, root])
    assert not verify_consistency((old, tree.root(old)), (size, root), bridge[:-1])


MANY = [bytes([n]) for n in range(34)]
TALL = grown(MANY)


def test_every_beginning_of_every_tree_up_to_34_leaves_is_proved() -> None:
    pairs = [(old, new) for new in range(35) for old in range(new + 1)]
    failed = [
        (old, new)
        for old, new in pairs
        if not verify_consistency(
            (old, TALL.root(old)), (new, TALL.root(new)), TALL.consistency_proof(old, new)
        )
    ]
    assert failed == []


def test_every_leaf_of_every_tree_up_to_34_leaves_is_proved_and_at_no_other_place() -> None:
    for size in range(1, 35):
        for index in range(size):
            proof, leaf = TALL.inclusion_proof(index, size), leaf_hash(MANY[index])
            found = [
                at for at in range(-2, size + 3) if verify_inclusion(leaf, at, size, proof, TALL.root(size))
            ]
            assert found == [index]


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (6, 5), (0, 5), (3, 5), (4, 8)])
def test_no_proof_at_all_proves_nothing(old: int, new: int) -> None:
    assert not verify_consistency((old, b"\1" * 32), (new, TALL.root(new)), [])


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (6, 5), (3, 35)])
def test_a_proof_between_sizes_that_cannot_be_is_refused(old: int, new: int) -> None:
    with pytest.raises(TreeError):
        TALL.consistency_proof(old, new)


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0), (0, 35)])
def test_a_proof_of_a_leaf_that_is_not_there_is_refused(index: int, size: int) -> None:
    with pytest.raises(TreeError):
        TALL.inclusion_proof(index, size)


def test_a_leaf_is_not_proved_at_another_place() -> None:
    tree = grown(LEAVES)
    assert not verify_inclusion(leaf_hash(LEAVES[5]), 4, 8, tree.inclusion_proof(5, 8), tree.root())


def test_a_smaller_tree_does_not_continue_a_larger_one() -> None:
    tree = grown(LEAVES)
    assert not verify_consistency((8, tree.root()), (6, tree.root(6)), tree.consistency_proof(6, 8))


def test_a_tree_goes_on_where_its_stored_nodes_end() -> None:
    nodes = MemoryNodes()
    first = Tree(nodes, 0)
    for leaf in LEAVES[:5]:
        first.append(leaf_hash(leaf))
    second = Tree(nodes, 5)
    for leaf in LEAVES[5:]:
        second.append(leaf_hash(leaf))
    assert second.root().hex() == ROOTS[7]


def test_a_missing_node_is_named() -> None:
    with pytest.raises(TreeError, match="level 1, place 0"):
        Tree(MemoryNodes(), 2).root()


@pytest.mark.parametrize("size", [-1, 9])
def test_more_leaves_than_there_are_cannot_be_asked_for(size: int) -> None:
    with pytest.raises(TreeError, match="8 leaves"):
        grown(LEAVES).root(size)


def test_the_root_of_leaf_hashes_alone_is_the_same() -> None:
    assert root_of([leaf_hash(leaf) for leaf in LEAVES]).hex() == ROOTS[7]


def test_a_commitment_opens_with_its_salt_and_body_only() -> None:
    made = commit(b"s" * 32, b"body")
    answers = [
        opens(made, b"s" * 32, b"body"),
        opens(made, b"t" * 32, b"body"),
        opens(made, b"s" * 32, b"bodY"),
    ]
    assert answers == [True, False, False]


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(SaltRefused):
        commit(b"s" * 31, b"body")


@pytest.mark.parametrize("size", range(1, 20))
def test_a_tree_that_goes_on_from_a_frontier_has_the_roots_of_the_whole_one(size: int) -> None:
    leaves = [bytes([n]) * 32 for n in range(25)]
    whole = Tree(MemoryNodes(), 0)
    for leaf in leaves:
        whole.append(leaf)
    frontier = whole.frontier(size)
    assert root_of_frontier(size, frontier) == whole.root(size)
    gone_on = Tree(MemoryNodes(), 0)
    gone_on.continue_from(size, frontier)
    for leaf in leaves[size:]:
        gone_on.append(leaf)
    assert [gone_on.root(n) for n in range(size, 26)] == [whole.root(n) for n in range(size, 26)]
    assert gone_on.consistency_proof(size, 25) == whole.consistency_proof(size, 25)


def test_a_frontier_with_a_hash_too_many_gives_no_root() -> None:
    assert root_of_frontier(6, [b"\1" * 32] * 3) is None


def test_a_tree_does_not_go_on_from_a_frontier_that_denies_its_past() -> None:
    with pytest.raises(TreeError, match="is another one in this tree"):
        grown(LEAVES).continue_from(len(LEAVES), [b"\7" * 32])
