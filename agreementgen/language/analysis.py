"""Which part of Jinja a clause may use, and what can be said about a clause before there is a deal.

Allowed: facts (`a.b.c`), our filters, if/elif/else, `x if y else z`, `for x in <list of facts>`, comparisons with
constants, `x is percentage`, `x is positive`, and/or/not, `ref('topic')`, `refs('topic', 'another')`, `term('row')`,
`has('topic')`, `has('topic', 'pro-first')`, `schedule('goods')`, `scheduled('goods')`.
Everything else is refused: calls, arithmetic (`9**9**9` runs for ever), macros, imports, set, indexing, attributes
of anything but facts; and printing what has no words (yes/no, a group, a list without a filter, a condition).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from jinja2 import nodes

from agreementgen.core.problems import PackError, Place, Problem, find_forbidden_character, suggest_nearest
from agreementgen.core.values import Unreadable, read_duration
from agreementgen.language.environment import FUNCTIONS, PRESENCE_FUNCTIONS, REFERENCE_FUNCTIONS, spend_steps
from agreementgen.language.filters import FILTERS, TESTS, Filter
from agreementgen.language.parsing import (
    ALLOWED_HINT,
    CONDITION_SIGNS,
    REFUSED_NODES,
    ParsedText,
    Token,
    each_constant,
    function_name_of,
    is_constant,
    parse_condition,
    parse_text,
    path_of,
    place_in_text,
)
from agreementgen.language.shapes import (
    LOOP_SHAPE,
    OPEN_SHAPE,
    ORDER_SIGNS,
    Shape,
    explain_not_comparable,
    explain_not_printable,
    have_one_measure,
)

MAX_DEPTH = 24
# Three lists inside each other are 8,000 rounds for lists of twenty.
MAX_LOOPS = 3
# So many topics an outline may well have.
MAX_REFERENCES = 60
# How many names a function takes, and what they are, where it is not one.
_ARGUMENTS = {"refs": (MAX_REFERENCES, "names of topics"), "has": (2, "a topic, and perhaps a position,")}
# The positions that a text can ask for, as wording for one side differs in more than its words.
SIDES = ("pro-first", "pro-second", "fallback")
# Nobody compares a fact with more; and whoever has more mistakes in one text mends these first.
MAX_COMPARISONS = 200
MAX_PROBLEMS = 50
_RESERVED_NAMES = ("loop", "self", *FUNCTIONS)
_CONDITION_PRINTED = ("wrong-shape", "a condition cannot be printed", "write {% if ... %}")


@dataclass(frozen=True)
class _Scope:
    """The facts that may be named at one place of a text; `lists` are the paths of the lists its variables run over."""

    facts: Shape
    lists: Mapping[str, str] = field(default_factory=dict)

    def full_path(self, path: list[str]) -> str:
        """Return the path of a fact from the top, whatever variable of a loop it begins with."""
        return ".".join([self.lists.get(path[0], path[0]), *path[1:]])

    def inside_loop(self, variable: str, item: Shape, path: list[str]) -> _Scope:
        facts = self.facts.with_fields({variable: item, "loop": LOOP_SHAPE})
        return _Scope(facts, {**self.lists, variable: self.full_path(path)})


@dataclass(frozen=True)
class Analysis:
    """What a text uses: fact paths ("financial.fee"), topics, rows of the key-terms table and schedules it names.

    `references` are those of them that it prints, with ref(), term() and schedule().
    """

    facts: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    rows: frozenset[str] = frozenset()
    schedules: frozenset[str] = frozenset()
    references: frozenset[str] = frozenset()


@dataclass
class _Found:
    """What was found in a text up to now, see Analysis."""

    facts: set[str] = field(default_factory=set)
    topics: set[str] = field(default_factory=set)
    rows: set[str] = field(default_factory=set)
    schedules: set[str] = field(default_factory=set)
    references: set[str] = field(default_factory=set)

    def as_analysis(self) -> Analysis:
        sets = (self.facts, self.topics, self.rows, self.schedules, self.references)
        return Analysis(*map(frozenset, sets))


def analyze_text(source: str, place: Place, facts: Shape) -> Analysis:
    """Return what `source` uses; raise PackError with all it may not use and all facts that do not exist."""
    return _remember(_TextChecker, parse_text, source, place, facts)


def analyze_condition(source: str, place: Place, facts: Shape) -> Analysis:
    """The same for the expression of a `when:`, which is decided before there are clauses."""
    return _remember(_ConditionChecker, parse_condition, source, place, facts)


# What texts in which nothing is wrong use, and the steps of reading them, by kind of text, text and form of the facts.
_known: dict[tuple[type[_ConditionChecker], str, bytes], tuple[Analysis, int]] = {}
_MAX_KNOWN = 10_000


def texts_without_fault() -> frozenset[str]:
    """Return the texts that were analyzed up to now, and in which nothing is wrong."""
    return frozenset(source for checker, source, _ in _known if checker is _TextChecker)


def _remember(
    checker: type[_ConditionChecker],
    parse: Callable[[str, Place], ParsedText],
    source: str,
    place: Place,
    facts: Shape,
) -> Analysis:
    """Analyze a text, once in a process: of a library with a pack over it, nearly all was read before.

    It takes its steps each time, so that what is refused does not depend on what was read before.
    """
    key = (checker, source, facts.digest)
    if key in _known:
        found, steps = _known[key]
        spend_steps(steps)
        return found
    parsed = parse(source, place)
    found = checker(parsed, place).analyze(facts)
    if len(_known) >= _MAX_KNOWN:
        _known.clear()
    _known[key] = found, len(parsed.tokens.in_order)
    return found


class _TooManyProblems(Exception):
    """So much is wrong with a text that the rest is not looked at."""


class _ConditionChecker:
    """Checks conditions and the facts in them.

    Nodes are visited in the order in which they are written, so that equal words are told apart.
    """

    def __init__(self, parsed: ParsedText, place: Place) -> None:
        self.tree = parsed.tree
        self.tokens = parsed.tokens
        self.start = place
        self.found = _Found()
        self.problems: list[Problem] = []

    def analyze(self, facts: Shape) -> Analysis:
        with suppress(_TooManyProblems):
            self.check_tree(_Scope(facts))
        if self.problems:
            raise PackError(self.problems)
        return self.found.as_analysis()

    def check_tree(self, scope: _Scope) -> None:
        self.check_condition(self.tree, scope, 0)

    def add_problem(self, node: nodes.Node, token: Token | None, code: str, message: str, hint: str = "") -> None:
        line, column = (token.line, token.column) if token else (node.lineno or 1, 1)
        self.problems.append(Problem(message, hint, place=place_in_text(self.start, line, column), code=code))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _TooManyProblems

    def is_too_deep(self, node: nodes.Node, depth: int) -> bool:
        if depth > MAX_DEPTH:
            self.add_problem(node, None, "clause-too-large", f"nested more than {MAX_DEPTH} levels deep")
        return depth > MAX_DEPTH

    def refuse(self, node: nodes.Node) -> None:
        what, sign = REFUSED_NODES.get(type(node), (f"this ({type(node).__name__})", ""))
        token = self.claim_called(node.node) if isinstance(node, nodes.Call) else None
        if token is None and sign:
            token = self.tokens.claim(node.lineno or 1, (sign,)) or self.tokens.claim(node.lineno or 1, (".",))
        hint = ALLOWED_HINT
        if isinstance(node, (nodes.Add, nodes.Sub)):
            hint = "days are counted with plus and minus, as in {{ effective|plus('30 days') }}; " + hint
        self.add_problem(node, token, "clause-not-allowed", f"{what} is not allowed in clauses", hint)

    # -- where words stand

    def claim_constant(self, node: nodes.Const) -> Token | None:
        text, line = str(node.value), node.lineno
        claim = self.tokens.claim
        return self.tokens.claim_quoted(line, text) or claim(line, (text,)) or claim(line, (text.lower(),))

    def claim_path(self, node: nodes.Node, path: list[str], after: str = "") -> Token | None:
        return self.tokens.claim(node.lineno, tuple(" . ".join(path).split()), after=after)

    def claim_attribute(self, node: nodes.Node) -> Token | None:
        return self.tokens.claim(node.lineno, (".", node.attr)) if isinstance(node, nodes.Getattr) else None

    def claim_called(self, node: nodes.Node) -> Token | None:
        path = path_of(node)
        if path is None:
            return self.claim_attribute(node)
        token = self.claim_path(node, path, after="(")
        self.tokens.claim(node.lineno, ("(",), before=path[-1])
        return token

    # -- conditions and facts

    def check_condition(self, node: nodes.Node, scope: _Scope, depth: int) -> None:
        if self.is_too_deep(node, depth):
            return
        match node:
            case nodes.And() | nodes.Or():
                self.check_condition(node.left, scope, depth + 1)
                self.check_condition(node.right, scope, depth + 1)
            case nodes.Not():
                self.check_condition(node.node, scope, depth + 1)
            case nodes.Compare():
                self.check_comparison(node, scope)
            case nodes.Test():
                self.check_test(node, scope)
            case nodes.Call() if function_name_of(node) in PRESENCE_FUNCTIONS:
                self.check_presence(node)
            case nodes.Const(value=bool()):
                pass
            case nodes.Name() | nodes.Getattr():
                self.find_fact(node, scope)
            case _:
                self.refuse(node)

    def check_presence(self, node: nodes.Call) -> None:
        """Check has() and scheduled()."""
        name = function_name_of(node)
        token = self.tokens.claim(node.lineno, (name, "("))
        message = f"{name}() is known inside clauses only"
        self.add_problem(node, token, "clause-misused", message, "ask for the facts themselves")

    def check_test(self, node: nodes.Test, scope: _Scope) -> None:
        known = node.name in TESTS
        if known and not (node.args or node.kwargs or node.dyn_args):
            self.check_side(node.node, scope)
            return
        token = self.tokens.claim(node.lineno, (node.name,), before="is")
        if known:
            self.add_problem(node, token, "clause-misused", f'"{node.name}" takes nothing in brackets')
        else:
            hint = suggest_nearest(node.name, TESTS)
            self.add_problem(node, token, "unknown-name", f'"{node.name}" is not a test of ours', hint)

    def check_comparison(self, node: nodes.Compare, scope: _Scope) -> None:
        sides = [node.expr, *(operand.expr for operand in node.ops)]
        if len(node.ops) > MAX_COMPARISONS or any(len(list(each_constant(side))) > MAX_COMPARISONS for side in sides):
            message = f"more than {MAX_COMPARISONS} comparisons in one condition"
            self.add_problem(node, None, "clause-too-large", message)
            return
        left = self.check_side(node.expr, scope)
        for operand in node.ops:
            right = self.check_side(operand.expr, scope)
            for (shape, _), (_, constants) in ((left, right), (right, left)):
                for value, token in constants:
                    fault = explain_not_comparable(shape, operand.op, value) if shape else None
                    if fault:
                        self.add_problem(node, token, *fault)
            if left[0] and right[0] and operand.op in ORDER_SIGNS and not have_one_measure(left[0], right[0]):
                message = "only two numbers or two lengths of time can be compared by size"
                self.add_problem(node, None, "wrong-shape", message)
            elif left[0] and right[0] and bool(left[0].fields) != bool(right[0].fields):
                message = "a group is never equal to a single fact"
                self.add_problem(node, None, "wrong-shape", message, 'compare one of its facts, as in "first.short"')
            left = right

    def check_side(
        self, node: nodes.Node, scope: _Scope
    ) -> tuple[Shape | None, tuple[tuple[object, Token | None], ...]]:
        """Return the form of one side of a comparison, where it is a fact, and its constants with their places."""
        match node:
            case nodes.Name() | nodes.Getattr():
                return self.find_fact(node, scope)[1], ()
            case nodes.Const() | nodes.Tuple() | nodes.List() if is_constant(node):
                return None, tuple((constant.value, self.claim_constant(constant)) for constant in each_constant(node))
        self.refuse(node)
        return None, tuple((constant.value, None) for constant in each_constant(node))

    def find_fact(self, node: nodes.Node, scope: _Scope) -> tuple[Token | None, Shape | None]:
        """Return where a fact is named, and its form; None for an open one and for what is none, a problem."""
        path = path_of(node)
        if path is None:
            token = self.claim_attribute(node)
            message = "an attribute of something that is not a fact is not allowed in clauses"
            self.add_problem(node, token, "clause-not-allowed", message)
            return token, None
        if self.is_too_deep(node, len(path)):
            return None, None
        token = self.claim_path(node, path)
        shape = scope.facts
        for index, name in enumerate(path):
            if shape is OPEN_SHAPE:
                break
            if name not in shape.fields:
                hint = f'"{".".join(path[:index])}" has no parts'
                hint = suggest_nearest(name, shape.fields) if shape.fields else hint
                self.add_problem(node, token, "unknown-name", f'"{".".join(path[: index + 1])}" is not a fact', hint)
                return token, None
            shape = shape.fields[name]
        if path[0] != "loop":
            self.found.facts.add(scope.full_path(path))
        return token, None if shape is OPEN_SHAPE else shape


class _TextChecker(_ConditionChecker):
    """Checks texts: their tags, what they print, and the functions they call."""

    def check_tree(self, scope: _Scope) -> None:
        self.check_text(self.tree, scope, 0)

    def check_texts(self, parts: Iterable[nodes.Node], scope: _Scope, depth: int) -> None:
        for part in parts:
            self.check_text(part, scope, depth)

    def check_text(self, node: nodes.Node, scope: _Scope, depth: int) -> None:
        if self.is_too_deep(node, depth):
            return
        match node:
            case nodes.Template():
                self.check_texts(node.body, scope, depth + 1)
            case nodes.Output():
                for part in node.nodes:
                    if not isinstance(part, nodes.TemplateData):
                        self.check_printed(part, scope, depth + 1)
            case nodes.If():
                self.check_condition(node.test, scope, depth + 1)
                self.check_texts((*node.body, *node.elif_, *node.else_), scope, depth + 1)
            case nodes.For():
                inner = self.scope_of_loop(node, scope)
                if inner:
                    self.check_texts(node.body, inner, depth + 1)
                    self.check_texts(node.else_, scope, depth + 1)
            case _:
                self.refuse(node)

    def scope_of_loop(self, node: nodes.For, scope: _Scope) -> _Scope | None:
        """Return the facts inside a loop; None for a loop that is not allowed, which is a problem."""
        target = node.target
        if not isinstance(target, nodes.Name) or node.recursive or node.test is not None:
            token = self.tokens.claim(node.lineno, ("for",))
            self.add_problem(node, token, "clause-misused", "a for is written: {% for item in list %}")
            return None
        token = self.tokens.claim(node.lineno, (target.name,), before="for", after="in")
        path = path_of(node.iter)
        if target.name in scope.facts.fields or target.name in _RESERVED_NAMES:
            message = f'"{target.name}" means something already; name the item otherwise'
            self.add_problem(node, token, "duplicate", message)
        elif len(scope.lists) >= MAX_LOOPS:
            self.add_problem(node, token, "clause-too-large", f"more than {MAX_LOOPS} lists inside each other")
        elif path is None:
            self.add_problem(node, token, "clause-misused", "a for runs over a list of facts only")
        else:
            token, shape = self.find_fact(node.iter, scope)
            if shape is None and scope.facts.find(path[:1]) is OPEN_SHAPE:
                return scope.inside_loop(target.name, OPEN_SHAPE, path)
            if shape and shape.item:
                return scope.inside_loop(target.name, shape.item, path)
            if shape:
                self.add_problem(node, token, "wrong-shape", f'"{".".join(path)}" is not a list')
        return None

    # -- what stands between {{ and }}

    def check_printed(self, node: nodes.Node, scope: _Scope, depth: int) -> None:
        if self.is_too_deep(node, depth):
            return
        match node:
            case nodes.CondExpr():
                self.check_inline_if(node, scope, depth)
            case nodes.Or():
                self.check_printed(node.left, scope, depth + 1)
                self.check_printed(node.right, scope, depth + 1)
            case nodes.Compare() | nodes.And() | nodes.Not() | nodes.Test():
                self.check_condition(node, scope, depth)
                sign = CONDITION_SIGNS[node.ops[0].op if isinstance(node, nodes.Compare) else type(node).__name__]
                self.add_problem(node, self.tokens.claim(node.lineno, (sign,)), *_CONDITION_PRINTED)
            case nodes.Call() if function_name_of(node) in REFERENCE_FUNCTIONS:
                self.note_function(node)
            case nodes.Call() if function_name_of(node) in FUNCTIONS:
                self.add_problem(node, self.claim_called(node.node), *_CONDITION_PRINTED)
            case nodes.Const():
                self.check_constant(node)
            case nodes.Filter():
                self.check_filter(node, scope, depth)
            case nodes.Name() | nodes.Getattr():
                self.check_printed_fact(node, scope, "one")
            case _:
                self.refuse(node)

    def check_inline_if(self, node: nodes.CondExpr, scope: _Scope, depth: int) -> None:
        self.check_printed(node.expr1, scope, depth + 1)
        self.check_condition(node.test, scope, depth + 1)
        if node.expr2 is not None:
            self.check_printed(node.expr2, scope, depth + 1)
            return
        token = self.tokens.claim(node.lineno, ("if",))
        hint = "write {{ a if b else c }}, or {% if %}"
        self.add_problem(node, token, "clause-misused", "an inline if needs its else", hint)

    def check_constant(self, node: nodes.Const) -> None:
        if isinstance(node.value, str):
            bad = find_forbidden_character(node.value)
            if bad:
                message = f"the text in quotes holds {bad[1]}"
                token = self.claim_constant(node)
                self.add_problem(node, token, "forbidden-character", message, "write it without the backslash")
        elif isinstance(node.value, bool) or not isinstance(node.value, int):
            message = f"{str(node.value).lower()} cannot be printed"
            self.add_problem(node, self.claim_constant(node), "wrong-shape", message)

    def check_printed_fact(self, node: nodes.Node, scope: _Scope, takes: str) -> None:
        """Refuse what has no words, and what a filter does not take."""
        token, shape = self.find_fact(node, scope)
        fault = explain_not_printable(shape, takes) if shape else None
        if fault:
            self.add_problem(node, token, *fault)

    def check_filter(self, node: nodes.Filter, scope: _Scope, depth: int) -> None:
        if node.node is None or self.is_too_deep(node, depth):
            return
        rule = FILTERS.get(node.name)
        refusal = self.check_filtered(node.node, node.name, rule, scope, depth)
        token = self.tokens.claim(node.lineno, (node.name,), before="|")
        if refusal:
            self.add_problem(node, token, "wrong-shape", refusal)
        elif rule is None:
            hint = suggest_nearest(node.name, FILTERS)
            self.add_problem(node, token, "unknown-name", f'"{node.name}" is not a filter of ours', hint)
        elif rule.counts:
            self.check_length(node, token, scope)
        else:
            self.check_filter_arguments(node, token, rule)

    def check_filtered(self, node: nodes.Node, name: str, rule: Filter | None, scope: _Scope, depth: int) -> str:
        """Check what a filter is applied to; return why it does not take such a thing at all, "" where it may."""
        takes = rule.takes if rule else "one"
        match node:
            case nodes.Name() | nodes.Getattr():
                self.check_printed_fact(node, scope, takes)
            case nodes.Filter():
                self.check_filter(node, scope, depth + 1)
                inner = FILTERS.get(node.name)
                if takes != "one" and not (takes == "date" and inner and inner.counts):
                    return f'"{name}" takes a fact, not the words of another filter'
            case nodes.Const() | nodes.CondExpr() if takes == "date":
                self.check_printed(node, scope, depth + 1)
                return f'"{name}" takes a date'
            case nodes.Const():
                self.check_constant(node)
            case nodes.CondExpr():
                self.check_printed(node, scope, depth + 1)
            case nodes.Call() if function_name_of(node) in FUNCTIONS:
                self.note_function(node)
                return f"{function_name_of(node)}() takes no filter"
            case _:
                self.refuse(node)
        return ""

    def check_length(self, node: nodes.Filter, token: Token | None, scope: _Scope) -> None:
        """Check the length of time that a filter counts: a constant, or a fact."""
        if len(node.args) == 1 and not (node.kwargs or node.dyn_args or node.dyn_kwargs):
            argument = node.args[0]
            if isinstance(argument, (nodes.Name, nodes.Getattr)):
                self.check_printed_fact(argument, scope, "duration")
                return
            if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
                where = self.claim_constant(argument)
                try:
                    read_duration(argument.value)
                except Unreadable as error:
                    self.add_problem(node, where, "wrong-shape", error.message, error.hint)
                return
        hint = f"write {node.name}('30 days')"
        self.add_problem(node, token, "clause-misused", f'"{node.name}" takes one length of time', hint)

    def check_filter_arguments(self, node: nodes.Filter, token: Token | None, rule: Filter) -> None:
        constants = [argument for argument in node.args if isinstance(argument, nodes.Const)]
        if node.kwargs or node.dyn_args or node.dyn_kwargs or len(constants) != len(node.args):
            self.add_problem(node, token, "clause-misused", f'"{node.name}" takes constants only')
            return
        if len(constants) != rule.constants or not all(isinstance(constant.value, str) for constant in constants):
            wanted = f"{rule.constants} texts in quotes" if rule.constants else "nothing in brackets"
            self.add_problem(node, token, "clause-misused", f'"{node.name}" takes {wanted}')
        for constant in constants:
            self.check_constant(constant)

    # -- functions

    def check_presence(self, node: nodes.Call) -> None:
        self.note_function(node)

    def note_function(self, node: nodes.Call) -> None:
        """Note the topics, row or schedule that a function names."""
        name = function_name_of(node)
        token = self.tokens.claim(node.lineno, (name, "("))
        texts = [argument.value for argument in node.args if isinstance(argument, nodes.Const)]
        wrong = node.kwargs or node.dyn_args or node.dyn_kwargs or len(texts) != len(node.args)
        if wrong or not texts or not all(isinstance(text, str) for text in texts):
            texts = []
        most, what = _ARGUMENTS.get(name, (1, "one name"))
        if not texts or len(texts) > most:
            message = f"{name}() takes {what} in quotes"
            self.add_problem(node, token, "clause-misused", message, f"write {name}('name')")
            return
        names = set(texts)
        if name == "has":
            names = {texts[0]}
            for position in texts[1:]:
                if position not in SIDES:
                    hint = "choose one of: " + ", ".join(SIDES)
                    self.add_problem(node, token, "not-a-choice", f'"{position}" is not a position of clauses', hint)
        named = {"term": self.found.rows, "schedule": self.found.schedules, "scheduled": self.found.schedules}
        named.get(name, self.found.topics).update(names)
        if name in REFERENCE_FUNCTIONS:
            self.found.references.update(names)
