"""Words as search compares them: width, case and Chinese script folded, so that what is typed in one finds the other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from opencc import OpenCC

WORDS_MAX, LETTERS_MAX = 400, 64  # of one text and of one word; what goes beyond is not searched
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
    for run in _RUN.findall(folded(text)):
        at = 0
        for han in _HAN.finditer(run):
            yield from _word(run[at : han.start()])
            pairs = [han[0][n : n + 2] for n in range(len(han[0]) - 1)]
            yield from pairs
            if last or not pairs:
                yield han[0][-1]
            at = han.end()
        yield from _word(run[at:])


def _word(letters: str) -> tuple[str, ...]:
    return (letters[:LETTERS_MAX],) if letters else ()


@lru_cache(maxsize=32_768)
def _plain(letter: str) -> str:
    if ord(letter) < 0x2E80:
        return letter
    hong_kong, traditional = _converters()
    return str(traditional.convert(hong_kong.convert(letter)))


@lru_cache(maxsize=1)
def _converters() -> tuple[OpenCC, OpenCC]:
    return OpenCC("hk2s"), OpenCC("t2s")
