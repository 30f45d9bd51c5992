"""The Merkle tree of RFC 6962: append, root, proofs, and their verification by someone who holds no tree."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

from twoparks.ledger.refusal import LedgerRefusal

EMPTY_ROOT = hashlib.sha256(b"").digest()


class TreeError(LedgerRefusal):
    """A tree was asked for something it does not hold."""

    code = "tree_incomplete"


class Nodes(Protocol):
    """Where hashes of complete subtrees live: node (level, index) covers leaves index·2^level and 2^level on."""

    def get(self, level: int, index: int) -> bytes | None:
        """The stored hash, or None."""
        ...

    def put(self, level: int, index: int, value: bytes) -> None:
        """Store a hash once; it never changes afterwards."""
        ...


class MemoryNodes:
    """Nodes in a dictionary."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[int, int], bytes] = {}

    def get(self, level: int, index: int) -> bytes | None:
        """The stored hash, or None."""
        return self._nodes.get((level, index))

    def put(self, level: int, index: int, value: bytes) -> None:
        """Store a hash."""
        self._nodes[level, index] = value


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf's bytes."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree of `size` leaves over stored nodes; the caller keeps `size` beside them."""

    def __init__(self, nodes: Nodes, size: int) -> None:
        self._nodes = nodes
        self.size = size

    def append(self, leaf: bytes) -> int:
        """Add a leaf hash (see `leaf_hash`) and return its index; writes the leaf and the subtrees it completes."""
        index, value, level = self.size, leaf, 0
        self._nodes.put(0, index, value)
        while index & 1:
            value = node_hash(self._node(level, index - 1), value)
            level, index = level + 1, index >> 1
            self._nodes.put(level, index, value)
        self.size += 1
        return self.size - 1

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` leaves (all of them when None)."""
        size = self._within(self.size if size is None else size)
        return EMPTY_ROOT if size == 0 else self._subtree(0, size)

    def frontier(self, size: int) -> list[bytes]:
        """The hashes of the complete subtrees that the first `size` leaves fall into, the largest first."""
        return [self._node(level, index) for level, index in frontier_places(self._within(size))]

    def continue_from(self, size: int, frontier: Sequence[bytes]) -> None:
        """Go on after `size` leaves of which nothing is known but their frontier; raises TreeError when it goes back."""
        if size < self.size:
            raise TreeError(f"the tree has {self.size} leaves; it cannot go on after {size}")
        for (level, index), value in zip(frontier_places(size), frontier, strict=True):
            if self._nodes.get(level, index) not in (None, value):
                raise TreeError(f"the hash at level {level}, place {index} is another one in this tree")
            self._nodes.put(level, index, value)
        self.size = size

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """The path that shows leaf `index` stands in the first `size` leaves."""
        if not 0 <= index < self._within(size):
            raise TreeError(f"leaf {index} is not among the first {size}")
        return self._path(index, 0, size)

    def consistency_proof(self, old: int, new: int) -> list[bytes]:
        """The hashes that show the first `old` leaves are a beginning of the first `new`."""
        if not 0 <= old <= self._within(new):
            raise TreeError(f"{old} leaves cannot begin a tree of {new}")
        return [] if old in (0, new) else self._bridge(old, 0, new, True)

    def _within(self, size: int) -> int:
        if not 0 <= size <= self.size:
            raise TreeError(f"the tree has {self.size} leaves, {size} were asked for")
        return size

    def _node(self, level: int, index: int) -> bytes:
        value = self._nodes.get(level, index)
        if value is None:
            raise TreeError(f"the hash at level {level}, place {index} is missing")
        return value

    def _subtree(self, start: int, end: int) -> bytes:
        width = end - start
        if width & (width - 1) == 0 and start % width == 0:
            level = width.bit_length() - 1
            return self._node(level, start >> level)
        split = start + _split(width)
        return node_hash(self._subtree(start, split), self._subtree(split, end))

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        split = start + _split(end - start)
        if index < split:
            return [*self._path(index, start, split), self._subtree(split, end)]
        return [*self._path(index, split, end), self._subtree(start, split)]

    def _bridge(self, old: int, start: int, end: int, whole: bool) -> list[bytes]:
        if old == end:
            return [] if whole else [self._subtree(start, end)]
        split = start + _split(end - start)
        if old <= split:
            return [*self._bridge(old, start, split, whole), self._subtree(split, end)]
        return [*self._bridge(old, split, end, False), self._subtree(start, split)]


def frontier_places(size: int) -> list[tuple[int, int]]:
    """Level and place of each complete subtree that `size` leaves fall into, the largest first."""
    levels = [level for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1]
    return [(level, (size >> level) - 1) for level in levels]


def hashes_in(joined: bytes) -> list[bytes]:
    """Hashes of 32 bytes written one after the other."""
    return [joined[at : at + 32] for at in range(0, len(joined), 32)]


def root_of_frontier(size: int, frontier: Sequence[bytes]) -> bytes | None:
    """The root over `size` leaves with that frontier; None when it has not as many hashes as such a tree."""
    if len(frontier) != len(frontier_places(size)):
        return None
    if not frontier:
        return EMPTY_ROOT
    root = frontier[-1]
    for left in reversed(frontier[:-1]):
        root = node_hash(left, root)
    return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, recomputed from nothing but them."""
    tree = Tree(MemoryNodes(), 0)
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that the leaf hash stands at `index` in the tree of `size` with `root` (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            value = node_hash(sibling, value)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and value == root


def verify_consistency(old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that tree `old` (size, root) is a beginning of tree `new` (RFC 9162 2.1.4.2)."""
    (old_size, old_root), (new_size, new_root) = old, new
    if not 0 <= old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    path = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    if not path:
        return False
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for value in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(value, first), node_hash(value, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, value)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def _split(width: int) -> int:
    """The largest power of two smaller than `width`."""
    return 1 << (width - 1).bit_length() - 1
