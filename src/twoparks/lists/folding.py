"""Words as search compares them: width, case and Chinese script folded, so that what is typed in one finds the other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from opencc import OpenCC

WORDS_MAX, LETTERS_MAX, PARTS_MAX = 400, 64, 12  # of a text, a word, a code; what goes beyond is not searched
_RUN = re.compile(r"[^\W_]+")
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")


def folded(text: str) -> str:
    """The text in one width, one case and simplified characters, letter by letter."""
    return "".join(map(_plain, unicodedata.normalize("NFKC", text).casefold()))


def kept_words(texts: Iterable[str]) -> str:
    """The words of the texts as the index keeps them: each once, a space before each."""
    found = dict.fromkeys(word for text in texts for word in _words(text, last=True))
    return "".join(f" {word}" for word in list(found)[:WORDS_MAX])


def asked_words(typed: str) -> tuple[str, ...]:
    """The words to look for; each has to begin a kept word. Empty when nothing typed is a letter or digit."""
    return tuple(dict.fromkeys(_words(typed, last=False)))[:WORDS_MAX]


def _words(text: str, last: bool) -> Iterable[str]:
    """Words; of Chinese, which has no spaces, every two characters that stand together, and the last one alone."""
    for piece in folded(text).split():
        at = 0
        for han in _HAN.finditer(piece):
            yield from _joined(piece[at : han.start()], last)
            pairs = [han[0][n : n + 2] for n in range(len(han[0]) - 1)]
            yield from pairs
            if last or not pairs:
                yield han[0][-1]
            at = han.end()
        yield from _joined(piece[at:], last)


def _joined(piece: str, kept: bool) -> Iterable[str]:
    """'box-rb-1' as one word without its signs; kept, it is found from each of its parts on: boxrb1, rb1, 1."""
    parts = _RUN.findall(piece)[:PARTS_MAX]
    starts = range(len(parts)) if kept else range(min(1, len(parts)))
    return ("".join(parts[n:])[:LETTERS_MAX] for n in starts)


@lru_cache(maxsize=32_768)
def _plain(letter: str) -> str:
    if ord(letter) < 0x2E80:
        return letter
    hong_kong, traditional = _converters()
    return str(traditional.convert(hong_kong.convert(letter)))


@lru_cache(maxsize=1)
def _converters() -> tuple[OpenCC, OpenCC]:
    return OpenCC("hk2s"), OpenCC("t2s")
