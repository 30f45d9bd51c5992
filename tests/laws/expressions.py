"""Random conditions of the language over a fixed set of facts, with cases that state all or some of them."""

from __future__ import annotations

from hypothesis import strategies as st

KINDS = ("box", "barrel", "animal")
MARKS = ("red", "green", "blue")
FLAGS = ("fragile", "alive")
NUMBERS = ("mass_g", "share")

numbers = st.integers(min_value=0, max_value=50)


def _amounts() -> st.SearchStrategy[str]:
    leaves = st.one_of(st.sampled_from(NUMBERS), numbers.map(str))

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.tuples(inner, st.sampled_from(["+", "-"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
            st.tuples(inner, numbers).map(lambda t: f"({t[0]} * {t[1]})"),
            inner.map(lambda text: f"(-{text})"),
        )

    return st.recursive(leaves, grow, max_leaves=5)


def _leaves() -> st.SearchStrategy[str]:
    relation = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    listed = st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True)
    marked = st.lists(st.sampled_from(MARKS), min_size=1, max_size=3, unique=True)
    return st.one_of(
        st.sampled_from(FLAGS),
        st.sampled_from(["true", "false"]),
        st.sampled_from(KINDS).map(lambda word: f'kind == "{word}"'),
        st.sampled_from(KINDS).map(lambda word: f'kind != "{word}"'),
        listed.map(lambda words: f"kind in [{', '.join(repr(w) for w in words)}]"),
        st.sampled_from(MARKS).map(lambda word: f'"{word}" in marks'),
        marked.map(lambda words: f"marks.exists(m, m in [{', '.join(repr(w) for w in words)}])"),
        st.tuples(_amounts(), relation, _amounts()).map(lambda t: f"{t[0]} {t[1]} {t[2]}"),
        st.tuples(st.sampled_from(FLAGS), st.sampled_from(["==", "!="]), st.sampled_from(FLAGS)).map(
            " ".join
        ),
    )


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda text: f"!({text})"),
        st.tuples(inner, inner, inner).map(lambda t: f"(({t[0]}) ? ({t[1]}) : ({t[2]}))"),
    )


conditions = st.recursive(_leaves(), _grow, max_leaves=12)

facts = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "marks": st.lists(st.sampled_from(MARKS), unique=True).map(sorted),
        "fragile": st.booleans(),
        "alive": st.booleans(),
        "mass_g": numbers,
        "share": numbers,
    }
)
