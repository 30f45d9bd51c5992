"""Conditions as text become trees: the tokeniser and parser of our subset of CEL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple


class LanguageError(Exception):
    """A condition that cannot be read; `at` is the offset in its text."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a truth value or a quoted word."""

    value: bool | int | str
    at: int


@dataclass(frozen=True, slots=True)
class Name:
    """A fact, a definition, or the variable of `exists`."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Parameter:
    """`param.name`: a number or day the law sets."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Listing:
    """`[a, b]`, only to the right of `in`."""

    items: tuple[Tree, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`!x` or `-x`."""

    operator: str
    operand: Tree
    at: int


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands joined by an operator."""

    operator: str
    left: Tree
    right: Tree
    at: int


@dataclass(frozen=True, slots=True)
class Choice:
    """`condition ? then : otherwise`."""

    condition: Tree
    then: Tree
    otherwise: Tree
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the language applied to its arguments."""

    function: str
    arguments: tuple[Tree, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Exists:
    """`set.exists(x, body)`."""

    subject: str
    variable: str
    body: Tree
    at: int


Tree = Literal | Name | Parameter | Listing | Unary | Binary | Choice | Call | Exists

FUNCTIONS = {
    "has": 1,
    "min": 2,
    "max": 2,
    "months_after": 2,
    "per_mille": 2,
    "date": 1,
    "working_days_after": 3,
    "share": 3,
}

_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<number>\d+)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<string>\"[^\"\\\n]*\"|'[^'\\\n]*')"
    r"|(?P<operator>&&|\|\||==|!=|<=|>=|[!<>+\-*/%?:.,()\[\]])"
)
_RELATIONS = ("==", "!=", "<", "<=", ">", ">=", "in")
_LARGEST = 2**63 - 1


class Token(NamedTuple):
    """One word or sign of a condition and where it stands."""

    sort: str
    text: str
    at: int


def tokens(text: str) -> list[Token]:
    """Split a condition into tokens, ending with one of sort `end`."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise LanguageError(f"{text[at]!r} is not part of the language", at)
        if match.lastgroup != "space":
            found.append(Token(str(match.lastgroup), match.group(), at))
        at = match.end()
    found.append(Token("end", "end of condition", at))
    return found


TOKENS_MAX = 600  # words and signs of one condition
DEPTH_MAX = 40  # brackets, calls and signs inside each other


def parse(text: str) -> Tree:
    """The tree of a condition, or LanguageError naming what was found and what would be accepted."""
    parser = _Parser(tokens(text))
    tree = parser.choice()
    parser.expect("end of condition")
    return tree


class _Parser:
    """Recursive descent, one method per level of precedence."""

    def __init__(self, found: list[Token]) -> None:
        if len(found) > TOKENS_MAX:
            said = (
                f"{len(found)} words and signs; use at most {TOKENS_MAX}, and named definitions for the rest"
            )
            raise LanguageError(said, found[TOKENS_MAX].at)
        self._tokens = found
        self._next = 0
        self._depth = 0

    @property
    def token(self) -> Token:
        """The token not yet taken."""
        return self._tokens[self._next]

    def take(self) -> Token:
        """Move past the present token."""
        token = self.token
        self._next += 1
        return token

    def takes(self, text: str) -> bool:
        """Move past `text` if it is next."""
        if self.token.text == text and self.token.sort != "string":
            self._next += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Move past `text` or say what stands there instead."""
        if self.token.text != text:
            raise LanguageError(f"{self.token.text!r} stands where {text!r} is expected", self.token.at)
        self._next += 1

    def choice(self) -> Tree:
        """`a ? b : c`, the loosest."""
        condition = self.either()
        at = self.token.at
        if not self.takes("?"):
            return condition
        then = self.choice()
        self.expect(":")
        return Choice(condition, then, self.choice(), at)

    def either(self) -> Tree:
        """`a || b`."""
        left = self.both()
        while self.token.text == "||":
            at = self.take().at
            left = Binary("||", left, self.both(), at)
        return left

    def both(self) -> Tree:
        """`a && b`."""
        left = self.relation()
        while self.token.text == "&&":
            at = self.take().at
            left = Binary("&&", left, self.relation(), at)
        return left

    def relation(self) -> Tree:
        """Comparisons and `in`; they do not chain."""
        left = self.sum()
        if self.token.text not in _RELATIONS or self.token.sort == "string":
            return left
        token = self.take()
        right = self.sum()
        if self.token.text in _RELATIONS and self.token.sort != "string":
            raise LanguageError("comparisons do not chain; join them with &&", self.token.at)
        return Binary(token.text, left, right, token.at)

    def sum(self) -> Tree:
        """`a + b - c`."""
        left = self.product()
        while self.token.text in ("+", "-"):
            token = self.take()
            left = Binary(token.text, left, self.product(), token.at)
        return left

    def product(self) -> Tree:
        """`a * b`; division is not part of the language."""
        left = self.unary()
        while self.token.text in ("*", "/", "%"):
            token = self.take()
            if token.text != "*":
                raise LanguageError(
                    f"{token.text!r} is not part of the language; compare products, or use per_mille",
                    token.at,
                )
            left = Binary("*", left, self.unary(), token.at)
        return left

    def unary(self) -> Tree:
        """`!a`, `-a`."""
        if self._depth >= DEPTH_MAX:
            raise LanguageError(
                f"nested deeper than {DEPTH_MAX} levels; use named definitions", self.token.at
            )
        self._depth += 1
        if self.token.text in ("!", "-") and self.token.sort == "operator":
            token = self.take()
            found: Tree = Unary(token.text, self.unary(), token.at)
        else:
            found = self.primary()
        self._depth -= 1
        return found

    def primary(self) -> Tree:
        """Literals, names, calls, lists, brackets."""
        token = self.take()
        if token.sort == "number":
            if len(token.text) > len(str(_LARGEST)) or int(token.text) > _LARGEST:
                raise LanguageError(f"{token.text} does not fit in 64 bits", token.at)
            return Literal(int(token.text), token.at)
        if token.sort == "string":
            return Literal(token.text[1:-1], token.at)
        if token.sort == "name":
            return self.named(token)
        if token.text == "(":
            inner = self.choice()
            self.expect(")")
            return inner
        if token.text == "[":
            return Listing(self.arguments("]"), token.at)
        raise LanguageError(
            f"{token.text!r} stands where a fact, a number, a quoted word or a bracket is expected", token.at
        )

    def named(self, token: Token) -> Tree:
        """What begins with a word: truth values, `param.x`, calls, `set.exists(...)`, plain names."""
        if token.text in ("true", "false"):
            return Literal(token.text == "true", token.at)
        if token.text == "null":
            raise LanguageError("null is not part of the language; ask has(fact)", token.at)
        if self.takes("("):
            return self.call(token)
        if not self.takes("."):
            return Name(token.text, token.at)
        member = self.take()
        if token.text == "param":
            return Parameter(member.text, token.at)
        if member.text != "exists":
            raise LanguageError(
                f".{member.text} is not part of the language; .exists(x, condition) is", member.at
            )
        self.expect("(")
        variable = self.take()
        self.expect(",")
        body = self.choice()
        self.expect(")")
        return Exists(token.text, variable.text, body, token.at)

    def call(self, token: Token) -> Tree:
        """A function with as many arguments as it takes."""
        if token.text not in FUNCTIONS:
            raise LanguageError(
                f"{token.text}() is not known; the functions are {', '.join(FUNCTIONS)}", token.at
            )
        arguments = self.arguments(")")
        if len(arguments) != FUNCTIONS[token.text]:
            raise LanguageError(
                f"{token.text}() takes {FUNCTIONS[token.text]}, not {len(arguments)}", token.at
            )
        return Call(token.text, arguments, token.at)

    def arguments(self, closing: str) -> tuple[Tree, ...]:
        """Comma-separated trees up to the closing sign."""
        found: list[Tree] = []
        while not self.takes(closing):
            if found:
                self.expect(",")
            found.append(self.choice())
        return tuple(found)
