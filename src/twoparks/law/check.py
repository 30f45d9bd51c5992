"""Conditions become typed nodes of the graph, or are refused with what would be accepted."""

from __future__ import annotations

from datetime import date

from .language import (
    Binary,
    Call,
    Choice,
    Exists,
    LanguageError,
    Listing,
    Literal,
    Name,
    Parameter,
    Tree,
    Unary,
)
from .pack import BANKS, Expression, PackError
from .scope import Scope, Typed


def condition(expression: Expression, scope: Scope) -> int:
    """The node of a truth-valued expression; PackError with its place otherwise."""
    typed = term(expression, scope)
    if typed.base != "bool":
        raise PackError(
            f"{expression.place}: {expression.text!r} is {_article(typed.base)}; a condition must be true or false"
        )
    return typed.node


def term(expression: Expression, scope: Scope, given: Expression | None = None) -> Typed:
    """The checked expression of whatever type, where `given` holds; PackError with its place otherwise."""
    safe = not_null_if(given.tree, True) if given is not None else frozenset()
    try:
        typed = _Checker(scope).check(expression.tree, safe)
        if typed.base == "word":
            raise LanguageError(f"{typed.word!r} alone says nothing; compare a fact with it", 0)
    except LanguageError as error:
        place = expression.place
        raise PackError(f"{place.file}:{place.line}:{place.column + error.at}: {error.message}") from None
    return typed


def fact(name: str, scope: Scope) -> int:
    """The node of a fact as stated, or as implied by others."""
    return _Checker(scope).stated(name)


def _article(base: str) -> str:
    return {
        "int": "a number",
        "date": "a date",
        "enum": "a word",
        "set": "a set",
        "bool": "true or false",
    }.get(base, base)


def not_null_if(tree: Tree, outcome: bool) -> frozenset[str]:
    """The nullable facts certainly stated and not null when `tree` turned out `outcome`."""
    if isinstance(tree, Call) and tree.function == "has" and outcome and isinstance(tree.arguments[0], Name):
        return frozenset({tree.arguments[0].name})
    if isinstance(tree, Unary) and tree.operator == "!":
        return not_null_if(tree.operand, not outcome)
    if isinstance(tree, Binary) and tree.operator == ("&&" if outcome else "||"):
        return not_null_if(tree.left, outcome) | not_null_if(tree.right, outcome)
    return frozenset()


class _Checker:
    """One pass over a tree, in one scope; `safe` names the nullable facts known not to be null here."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.graph = scope.graph
        self.variables: dict[str, str] = {}

    def check(self, tree: Tree, safe: frozenset[str]) -> Typed:
        """The typed node of any tree."""
        if isinstance(tree, Literal):
            return self.literal(tree)
        if isinstance(tree, Name):
            return self.name(tree, safe)
        if isinstance(tree, Parameter):
            return self.parameter(tree)
        if isinstance(tree, Unary):
            return self.unary(tree, safe)
        if isinstance(tree, Binary):
            return self.binary(tree, safe)
        if isinstance(tree, Choice):
            return self.choice(tree, safe)
        if isinstance(tree, Call):
            return self.call(tree, safe)
        if isinstance(tree, Exists):
            return self.exists(tree, safe)
        raise LanguageError("a list may only stand to the right of `in`", tree.at)

    def expect(self, tree: Tree, base: str, safe: frozenset[str]) -> int:
        """The node of a tree that must have this base type."""
        typed = self.check(tree, safe)
        if typed.base != base:
            raise LanguageError(f"{_article(typed.base)} stands where {_article(base)} is expected", tree.at)
        return typed.node

    def literal(self, tree: Literal) -> Typed:
        """Numbers and truth values; words wait for what they are compared with."""
        if isinstance(tree.value, bool):
            return Typed("bool", self.graph.true if tree.value else self.graph.false)
        if isinstance(tree.value, int):
            return Typed("int", self.graph.add("number", (), tree.value))
        return Typed("word", word=tree.value)

    def name(self, tree: Name, safe: frozenset[str]) -> Typed:
        """A variable, an amount, a constant of the scope, a fact or a definition."""
        scope = self.scope
        if tree.name in self.variables:
            return Typed("word", word=self.variables[tree.name])
        if tree.name in scope.constants:
            return Typed("word", word=scope.constants[tree.name])
        if tree.name in scope.amounts:
            return scope.amounts[tree.name]
        if tree.name in scope.facts:
            return self.fact(tree, safe)
        if tree.name in scope.definitions:
            return self.definition(tree)
        close = sorted(known for known in (*scope.facts, *scope.definitions) if known[:4] == tree.name[:4])
        hint = f"; near it are {', '.join(close)}" if close else ""
        raise LanguageError(
            f"{tree.name} is neither a fact of this flow nor a definition in force{hint}", tree.at
        )

    def definition(self, tree: Name) -> Typed:
        """What the name stands for, checked once a scope."""
        scope = self.scope
        if tree.name not in scope.known:
            if tree.name in scope.entered:
                raise LanguageError(
                    f"{tree.name} is defined by itself: {' -> '.join([*scope.entered, tree.name])}", tree.at
                )
            scope.entered.append(tree.name)
            scope.known[tree.name] = term(scope.definitions[tree.name], scope)
            scope.entered.pop()
        return scope.known[tree.name]

    def fact(self, tree: Name, safe: frozenset[str]) -> Typed:
        """A fact's value; a nullable one only behind `has`."""
        spec = self.scope.facts[tree.name]
        node = self.stated(tree.name)
        if spec.nullable:
            if tree.name not in safe:
                raise LanguageError(f"{tree.name} may be null; write has({tree.name}) && … first", tree.at)
            node = self.graph.add("some", (node,))
        if spec.type == "bool":
            return Typed("bool", self.graph.add("truth", (node,)))
        base = "int" if spec.type == "money" else spec.type
        return Typed(base, node, spec.values)

    def stated(self, name: str) -> int:
        """The node of a fact as stated, or as implied by others."""
        scope = self.scope
        known = scope.known.get(f"fact {name}")
        if known is not None:
            return known.node
        spec = scope.facts[name]
        rules = []
        if name in scope.entered:
            raise LanguageError(f"{name} is implied by itself: {' -> '.join([*scope.entered, name])}", 0)
        scope.entered.append(name)
        for rule in spec.implied:
            rules.append((condition(rule.when, scope), rule.value))
        scope.entered.pop()
        live = [(when, value) for when, value in rules if self.graph.constant(when) is not False]
        value = (name, tuple(value for _, value in live))
        node = self.graph.add("fact", tuple(when for when, _ in live), value)
        scope.known[f"fact {name}"] = Typed("fact", node)
        return node

    def parameter(self, tree: Parameter) -> Typed:
        """The value of a dated parameter in this period."""
        found = self.scope.parameters.get(tree.name)
        if found is None:
            raise LanguageError(
                f"param.{tree.name} has no value in this period; give it one or limit the provision", tree.at
            )
        return Typed(found[0], self.graph.add("number", (), found[1]))

    def unary(self, tree: Unary, safe: frozenset[str]) -> Typed:
        """Negations."""
        if tree.operator == "!":
            return Typed("bool", self.graph.negation(self.expect(tree.operand, "bool", safe)))
        return Typed("int", self.graph.add("neg", (self.expect(tree.operand, "int", safe),)))

    def binary(self, tree: Binary, safe: frozenset[str]) -> Typed:
        """Everything between two operands."""
        if tree.operator in ("&&", "||"):
            left = self.expect(tree.left, "bool", safe)
            right = self.expect(tree.right, "bool", safe | not_null_if(tree.left, tree.operator == "&&"))
            join = self.graph.both if tree.operator == "&&" else self.graph.either
            return Typed("bool", join((left, right)))
        if tree.operator == "in":
            return Typed("bool", self.membership(tree, safe))
        left_typed, right_typed = self.check(tree.left, safe), self.check(tree.right, safe)
        if tree.operator in ("+", "-", "*"):
            return self.arithmetic(tree, left_typed, right_typed)
        if tree.operator in ("==", "!="):
            same = self.equality(tree, left_typed, right_typed)
            return Typed("bool", same if tree.operator == "==" else self.graph.negation(same))
        return Typed("bool", self.order(tree, left_typed, right_typed))

    def membership(self, tree: Binary, safe: frozenset[str]) -> int:
        """`enum in [words]` or `word in set`."""
        left = self.check(tree.left, safe)
        if isinstance(tree.right, Listing):
            return (
                self.graph.either(
                    self.equality(Binary("==", tree.left, item, tree.at), left, self.check(item, safe))
                    for item in tree.right.items
                )
                if left.base != "enum"
                else self.among(tree.right, left, safe)
            )
        right = self.check(tree.right, safe)
        if right.base != "set" or left.base != "word":
            raise LanguageError('`in` takes `enum in ["a", "b"]` or `"a" in set`', tree.at)
        return self.contains(right, left.word, tree.at)

    def among(self, listing: Listing, left: Typed, safe: frozenset[str]) -> int:
        """An enum among several words, as one test."""
        words = [self.check(item, safe) for item in listing.items]
        for item, typed in zip(listing.items, words, strict=True):
            self.accepted(left, typed, item.at)
        return self.graph.add("among", (left.node,), tuple(sorted({typed.word for typed in words})))

    def accepted(self, typed: Typed, word: Typed, at: int) -> None:
        """Refuse a word that the enum or set cannot hold."""
        if word.base != "word":
            raise LanguageError(
                f"{_article(word.base)} stands where one of {', '.join(typed.values)} is expected", at
            )
        if word.word not in typed.values:
            raise LanguageError(
                f"{word.word!r} is not a value here; accepted are {', '.join(typed.values)}", at
            )

    def contains(self, typed: Typed, word: str, at: int) -> int:
        """Whether a set holds a word."""
        self.accepted(typed, Typed("word", word=word), at)
        return self.graph.add("contains", (typed.node,), word)

    def equality(self, tree: Binary, left: Typed, right: Typed) -> int:
        """Equality of two terms of one type."""
        graph = self.graph
        if left.base == "word" and right.base == "word":
            return graph.true if left.word == right.word else graph.false
        if right.base == "enum":
            left, right = right, left
        if left.base == "enum" and right.base == "word":
            self.accepted(left, right, tree.at)
            return graph.add("is", (left.node,), right.word)
        if left.base != right.base or left.base in ("set", "word"):
            raise LanguageError(
                f"{_article(left.base)} cannot be compared with {_article(right.base)}", tree.at
            )
        if left.base == "bool":
            agree = graph.both((left.node, right.node))
            return graph.either((agree, graph.both((graph.negation(left.node), graph.negation(right.node)))))
        return graph.add("same" if left.base == "enum" else "eq", (left.node, right.node))

    def order(self, tree: Binary, left: Typed, right: Typed) -> int:
        """`<` and its kin, on numbers and dates."""
        if left.base != right.base or left.base not in ("int", "date"):
            raise LanguageError(
                f"{tree.operator} takes two numbers or two dates, not {_article(left.base)} and {_article(right.base)}",
                tree.at,
            )
        first, second = (left, right) if tree.operator in ("<", "<=") else (right, left)
        return self.graph.add("lt" if tree.operator in ("<", ">") else "le", (first.node, second.node))

    def arithmetic(self, tree: Binary, left: Typed, right: Typed) -> Typed:
        """Numbers with numbers; a date with days."""
        bases = (left.base, right.base)
        result = {
            ("int", "int"): "int",
            ("date", "int"): "date" if tree.operator != "*" else None,
            ("date", "date"): "int" if tree.operator == "-" else None,
        }.get(bases)
        if result is None:
            raise LanguageError(
                f"{tree.operator} does not join {_article(left.base)} and {_article(right.base)}", tree.at
            )
        if tree.operator == "*" and not any(
            self.graph.nodes[side.node].operator == "number" for side in (left, right)
        ):
            raise LanguageError("* multiplies by a number or a parameter only", tree.at)
        operator = {"+": "add", "-": "sub", "*": "mul"}[tree.operator]
        return Typed(result, self.graph.add(operator, (left.node, right.node)))

    def choice(self, tree: Choice, safe: frozenset[str]) -> Typed:
        """`c ? a : b`; unknown c still gives a where a equals b."""
        graph = self.graph
        test = self.expect(tree.condition, "bool", safe)
        then = self.check(tree.then, safe | not_null_if(tree.condition, True))
        other = self.check(tree.otherwise, safe | not_null_if(tree.condition, False))
        if then.base != other.base or then.base not in ("bool", "int", "date"):
            raise LanguageError(
                "both arms of ? : must be of one type: true or false, number, or date", tree.at
            )
        if then.base == "bool":
            parts = ((test, then.node), (graph.negation(test), other.node), (then.node, other.node))
            return Typed("bool", graph.either(graph.both(part) for part in parts))
        return Typed(then.base, graph.add("pick", (test, then.node, other.node)))

    def call(self, tree: Call, safe: frozenset[str]) -> Typed:
        """The functions of the language."""
        first = tree.arguments[0]
        if tree.function == "has":
            if not isinstance(first, Name) or first.name not in self.scope.facts:
                raise LanguageError("has() takes the name of a fact", first.at)
            return Typed("bool", self.graph.add("has", (self.stated(first.name),)))
        if tree.function == "date":
            return Typed("date", self.graph.add("number", (), _ordinal(first)))
        if tree.function == "working_days_after":
            return self.working_days(tree, safe)
        if tree.function == "share":
            return self.share(tree, safe)
        left = self.check(first, safe)
        right = self.check(tree.arguments[1], safe)
        wanted = {"months_after": ("date", "int"), "per_mille": ("int", "int")}.get(tree.function)
        if wanted is None:
            wanted = (left.base, left.base) if left.base in ("int", "date") else ("int", "int")
        if (left.base, right.base) != wanted:
            raise LanguageError(
                f"{tree.function}() takes {_article(wanted[0])} and {_article(wanted[1])}", tree.at
            )
        operator = "months" if tree.function == "months_after" else tree.function
        return Typed(left.base, self.graph.add(operator, (left.node, right.node)))

    def working_days(self, tree: Call, safe: frozenset[str]) -> Typed:
        """A day so many working days of a bank later; unknown where no calendar is held."""
        bank = tree.arguments[0].value if isinstance(tree.arguments[0], Literal) else None
        if bank not in BANKS:
            raise LanguageError(f"working_days_after() takes a bank first: {', '.join(BANKS)}", tree.at)
        day = self.expect(tree.arguments[1], "date", safe)
        count = self.expect(tree.arguments[2], "int", safe)
        return Typed("date", self.graph.add("workdays", (day, count), bank))

    def share(self, tree: Call, safe: frozenset[str]) -> Typed:
        """`share(amount, n, d)`: n d-ths of an amount, rounded down; n and d are written numbers or parameters above 0."""
        parts = [self.expect(argument, "int", safe) for argument in tree.arguments]
        for part, argument in zip(parts[1:], tree.arguments[1:], strict=True):
            node = self.graph.nodes[part]
            if node.operator != "number" or not isinstance(node.value, int) or node.value <= 0:
                raise LanguageError(
                    "share() takes an amount and two numbers or parameters above 0", argument.at
                )
        return Typed("int", self.graph.add("share", tuple(parts)))

    def exists(self, tree: Exists, safe: frozenset[str]) -> Typed:
        """Written out over the words the set may hold, so that no reading needs a loop."""
        subject = self.check(Name(tree.subject, tree.at), safe)
        if subject.base != "set":
            raise LanguageError(
                f"{tree.subject} is {_article(subject.base)}; exists() runs over a set", tree.at
            )
        if tree.variable in self.scope.facts or tree.variable in self.variables:
            raise LanguageError(f"{tree.variable} already has a meaning; choose another variable", tree.at)
        parts = []
        for word in subject.values:
            self.variables[tree.variable] = word
            body = self.expect(tree.body, "bool", safe)
            if self.graph.constant(body) is not False:
                parts.append(self.graph.both((self.contains(subject, word, tree.at), body)))
        self.variables.pop(tree.variable, None)
        return Typed("bool", self.graph.either(parts))


def _ordinal(tree: Tree) -> int:
    """The day number of a quoted date."""
    text = tree.value if isinstance(tree, Literal) else None
    try:
        return date.fromisoformat(str(text)).toordinal()
    except ValueError:
        raise LanguageError(f"{text!r} is not a date; use YYYY-MM-DD", tree.at) from None
