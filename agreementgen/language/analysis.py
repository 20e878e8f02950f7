"""What facts there are, for analysing clauses before any deal exists.

Which part of Jinja a clause may use, and what can be said about a clause before any deal exists.

Allowed: facts (`a.b.c`), our filters, if/elif/else, `x if y else z`, `for x in <list of facts>`, comparisons with
constants, `x is percentage`, `x is positive`, and/or/not, `ref('topic')`, `term('row')`, `has('topic')`,
`schedule('goods')`, `scheduled('goods')`.
Everything else is refused: calls, arithmetic (`9**9**9` runs for ever), macros, imports, set, indexing, attributes
of anything but facts; and printing what has no words (yes/no, a group, a list without a filter, a condition).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jinja2 import nodes

from agreementgen.core.characters import find_forbidden_character
from agreementgen.core.problems import PackError, Place, Problem, suggest_nearest
from agreementgen.language.environment import FUNCTIONS, REFERENCE_FUNCTIONS
from agreementgen.language.filters import FILTERS, TESTS
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
from agreementgen.language.shapes import LOOP_SHAPE, Shape, explain_not_comparable, explain_not_printable

MAX_DEPTH = 24
# Three lists inside each other are 8,000 rounds for lists of twenty.
MAX_LOOPS = 3
# Nobody compares a fact with more; and whoever has more mistakes in one text mends these first.
MAX_COMPARISONS = 200
MAX_PROBLEMS = 50
_RESERVED_NAMES = ("loop", "self", *FUNCTIONS)
_UNPRINTED, _BRANCH = "a condition cannot be printed", "write {% if ... %}"


@dataclass(frozen=True)
class _NamedShape:
    """What a name means: a fact's form, and the path it has from the top ("" for the top itself)."""

    shape: Shape
    path: str = ""


_Scope = Mapping[str, _NamedShape]
_LOOP = _NamedShape(LOOP_SHAPE)


@dataclass
class Analysis:
    """What a text uses: fact paths ("financial.fee"), topics, rows of the key-terms table and schedules it names.

    `references` are those of them that it prints, with ref(), term() and schedule().
    """

    facts: set[str] = field(default_factory=set)
    topics: set[str] = field(default_factory=set)
    rows: set[str] = field(default_factory=set)
    schedules: set[str] = field(default_factory=set)
    references: set[str] = field(default_factory=set)


def analyze_text(source: str, place: Place, facts: Shape) -> Analysis:
    """Check that `source` uses only what is allowed and only facts that exist; raise PackError with all problems."""
    return _Walker(parse_text(source, place), place, facts).finished()


def analyze_condition(source: str, place: Place, facts: Shape) -> Analysis:
    """The same for the expression of a `when:`, which is decided before there are clauses."""
    return _Walker(parse_condition(source, place), place, facts, clauses=False).finished()


class _TooManyProblems(Exception):
    """So much is wrong with a text that the rest is not looked at."""


class _Walker:
    """Walks the tree with the facts in scope: the key "" holds the top level, other keys loop variables.

    Nodes are visited in the order in which they are written, so that equal words are told apart.
    """

    def __init__(self, parsed: ParsedText, place: Place, facts: Shape, clauses: bool = True) -> None:
        self.tokens = parsed.tokens
        self.start = place
        self.clauses = clauses
        self.found = Analysis()
        self.spots: dict[int, Token | None] = {}
        self.problems: list[Problem] = []
        scope = {"": _NamedShape(facts)}
        try:
            if clauses:
                self.text(parsed.tree, scope, 0)
            else:
                self.condition(parsed.tree, scope, 0)
        except _TooManyProblems:
            pass

    def finished(self) -> Analysis:
        if self.problems:
            raise PackError(self.problems)
        return self.found

    def problem(self, node: nodes.Node, token: Token | None, message: str, hint: str = "") -> None:
        place = (
            place_in_text(self.start, token.line, token.column)
            if token
            else place_in_text(self.start, node.lineno or 1)
        )
        self.problems.append(Problem(message, hint, "", place))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _TooManyProblems

    def deep(self, node: nodes.Node, depth: int) -> bool:
        if depth > MAX_DEPTH:
            self.problem(node, None, f"nested more than {MAX_DEPTH} levels deep")
        return depth > MAX_DEPTH

    # -- text and tags

    def text(self, node: nodes.Node, scope: _Scope, depth: int) -> None:
        if self.deep(node, depth):
            return
        match node:
            case nodes.Template():
                for child in node.body:
                    self.text(child, scope, depth + 1)
            case nodes.Output():
                for child in node.nodes:
                    if not isinstance(child, nodes.TemplateData):
                        self.printed(child, scope, depth + 1)
            case nodes.If():
                self.condition(node.test, scope, depth + 1)
                for child in (*node.body, *node.elif_, *node.else_):
                    self.text(child, scope, depth + 1)
            case nodes.For():
                self.loop(node, scope, depth)
            case _:
                self.refuse(node)

    def loop(self, node: nodes.For, scope: _Scope, depth: int) -> None:
        target = node.target
        if not isinstance(target, nodes.Name) or node.recursive or node.test is not None:
            self.problem(node, self.tokens.claim(node.lineno, ("for",)), "a for is written: {% for item in list %}")
            return
        named = self.tokens.claim(node.lineno, (target.name,), before="for", after="in")
        if target.name in scope[""].shape.fields or target.name in scope or target.name in _RESERVED_NAMES:
            self.problem(node, named, f'"{target.name}" means something already; name the item otherwise')
            return
        if sum(1 for name in scope if name not in ("", "loop")) >= MAX_LOOPS:
            self.problem(node, named, f"more than {MAX_LOOPS} lists inside each other")
            return
        path = path_of(node.iter)
        if path is None:
            self.problem(node, named, "a for runs over a list of facts only")
            return
        token, shape = self.fact(node.iter, scope)
        if shape is None:
            return
        if shape.item is None:
            self.problem(node, token, f'"{".".join(path)}" is not a list')
            return
        name = self.names(path, scope)
        inner = {**scope, target.name: _NamedShape(shape.item, name), "loop": _LOOP}
        for child in node.body:
            self.text(child, inner, depth + 1)
        for child in node.else_:
            self.text(child, scope, depth + 1)

    def printed(self, node: nodes.Node, scope: _Scope, depth: int) -> None:
        """Check what stands between {{ and }}."""
        if self.deep(node, depth):
            return
        match node:
            case nodes.CondExpr():
                self.printed(node.expr1, scope, depth + 1)
                self.condition(node.test, scope, depth + 1)
                if node.expr2 is None:
                    token = self.tokens.claim(node.lineno, ("if",))
                    self.problem(node, token, "an inline if needs its else", "write {{ a if b else c }}, or {% if %}")
                else:
                    self.printed(node.expr2, scope, depth + 1)
            case nodes.Or():
                self.printed(node.left, scope, depth + 1)
                self.printed(node.right, scope, depth + 1)
            case nodes.Compare() | nodes.And() | nodes.Not() | nodes.Test():
                self.condition(node, scope, depth)
                sign = (
                    CONDITION_SIGNS[node.ops[0].op]
                    if isinstance(node, nodes.Compare)
                    else CONDITION_SIGNS[type(node).__name__]
                )
                token = self.tokens.claim(node.lineno, (sign,))
                self.problem(node, token, _UNPRINTED, _BRANCH)
            case nodes.Call() if function_name_of(node) in REFERENCE_FUNCTIONS:
                self.function(node)
            case nodes.Call() if function_name_of(node) in FUNCTIONS:
                self.problem(node, self.called(node.node), _UNPRINTED, _BRANCH)
            case nodes.Const():
                self.constant(node)
            case nodes.Filter():
                self.filter(node, scope, depth)
            case nodes.Name() | nodes.Getattr():
                self.check(node, scope, "one")
            case _:
                self.refuse(node)

    def constant(self, node: nodes.Const) -> None:
        if isinstance(node.value, str):
            bad = find_forbidden_character(node.value)
            if bad:
                message = f"the text in quotes holds {bad[1]}"
                self.problem(node, self.const(node), message, "write it without the backslash")
        elif isinstance(node.value, bool) or not isinstance(node.value, int):
            self.problem(node, self.const(node), f"{str(node.value).lower()} cannot be printed")

    def const(self, node: nodes.Const) -> Token | None:
        text = str(node.value)
        claim = self.tokens.claim
        return (
            self.tokens.claim_quoted(node.lineno, text)
            or claim(node.lineno, (text,))
            or claim(node.lineno, (text.lower(),))
        )

    def check(self, node: nodes.Node, scope: _Scope, takes: str) -> None:
        """Refuse what has no words, and what a filter does not take."""
        token, shape = self.fact(node, scope)
        reason = explain_not_printable(shape, takes) if shape else None
        if reason:
            self.problem(node, token, *reason)

    def filter(self, node: nodes.Filter, scope: _Scope, depth: int) -> None:
        if node.node is None or self.deep(node, depth):
            return
        known = FILTERS.get(node.name)
        takes = known.takes if known else "one"
        match node.node:
            case nodes.Name() | nodes.Getattr():
                self.check(node.node, scope, takes)
            case nodes.Filter():
                self.filter(node.node, scope, depth + 1)
                if takes != "one":
                    token = self.tokens.claim(node.lineno, (node.name,), before="|")
                    self.problem(node, token, f'"{node.name}" takes a fact, not the words of another filter')
                    return
            case nodes.Const():
                self.constant(node.node)
            case nodes.CondExpr():
                self.printed(node.node, scope, depth + 1)
            case nodes.Call() if function_name_of(node.node) in FUNCTIONS:
                self.function(node.node)
                token = self.tokens.claim(node.lineno, (node.name,), before="|")
                self.problem(node, token, f"{function_name_of(node.node)}() takes no filter")
                return
            case _:
                self.refuse(node.node)
        token = self.tokens.claim(node.lineno, (node.name,), before="|")
        if known is None:
            self.problem(node, token, f'"{node.name}" is not a filter of ours', suggest_nearest(node.name, FILTERS))
            return
        if node.kwargs or node.dyn_args or node.dyn_kwargs or not all(isinstance(a, nodes.Const) for a in node.args):
            self.problem(node, token, f'"{node.name}" takes constants only')
            return
        texts = [argument for argument in node.args if isinstance(argument, nodes.Const)]
        if len(texts) != known.constants or not all(isinstance(argument.value, str) for argument in texts):
            wanted = f"{known.constants} texts in quotes" if known.constants else "nothing in brackets"
            self.problem(node, token, f'"{node.name}" takes {wanted}')
        for argument in texts:
            self.constant(argument)

    def function(self, node: nodes.Call) -> None:
        name = function_name_of(node)
        token = self.tokens.claim(node.lineno, (name, "("))
        argument = (
            node.args[0] if len(node.args) == 1 and not (node.kwargs or node.dyn_args or node.dyn_kwargs) else None
        )
        if not isinstance(argument, nodes.Const) or not isinstance(argument.value, str):
            self.problem(node, token, f"{name}() takes one name in quotes", f"write {name}('name')")
            return
        named = {"term": self.found.rows, "schedule": self.found.schedules, "scheduled": self.found.schedules}
        named.get(name, self.found.topics).add(argument.value)
        if name in REFERENCE_FUNCTIONS:
            self.found.references.add(argument.value)

    # -- conditions and facts

    def condition(self, node: nodes.Node, scope: _Scope, depth: int) -> None:
        if self.deep(node, depth):
            return
        match node:
            case nodes.And() | nodes.Or():
                self.condition(node.left, scope, depth + 1)
                self.condition(node.right, scope, depth + 1)
            case nodes.Not():
                self.condition(node.node, scope, depth + 1)
            case nodes.Compare():
                self.compare(node, scope)
            case nodes.Test() if node.name in TESTS and not (node.args or node.kwargs or node.dyn_args):
                self.side(node.node, scope)
            case nodes.Test():
                token = self.tokens.claim(node.lineno, (node.name,), before="is")
                known = node.name in TESTS
                message = f'"{node.name}" ' + ("takes nothing in brackets" if known else "is not a test of ours")
                self.problem(node, token, message, "" if known else suggest_nearest(node.name, TESTS))
            case nodes.Call() if (
                function_name_of(node) in FUNCTIONS and function_name_of(node) not in REFERENCE_FUNCTIONS
            ):
                if not self.clauses:
                    name = function_name_of(node)
                    token = self.tokens.claim(node.lineno, (name, "("))
                    self.problem(node, token, f"{name}() is known inside clauses only", "ask for the facts themselves")
                    return
                self.function(node)
            case nodes.Const(value=bool()):
                return
            case nodes.Name() | nodes.Getattr():
                self.fact(node, scope)
            case _:
                self.refuse(node)

    def compare(self, node: nodes.Compare, scope: _Scope) -> None:
        sides = [node.expr, *(operand.expr for operand in node.ops)]
        if len(node.ops) > MAX_COMPARISONS or any(len(list(each_constant(side))) > MAX_COMPARISONS for side in sides):
            self.problem(node, None, f"more than {MAX_COMPARISONS} comparisons in one condition")
            return
        left, shape = node.expr, self.side(node.expr, scope)
        for operand in node.ops:
            right, other = operand.expr, self.side(operand.expr, scope)
            for fact, constant in ((shape, right), (other, left)):
                for item in each_constant(constant) if fact else ():
                    reason = explain_not_comparable(fact, operand.op, item.value) if fact else None
                    if reason:
                        self.problem(node, self.spots.get(id(item)), *reason)
            left, shape = right, other

    def side(self, node: nodes.Node, scope: _Scope) -> Shape | None:
        """Return the shape of one side of a comparison, where it is a fact."""
        match node:
            case nodes.Name() | nodes.Getattr():
                return self.fact(node, scope)[1]
            case nodes.Const() | nodes.Tuple() | nodes.List() if is_constant(node):
                self.spots |= {id(item): self.const(item) for item in each_constant(node)}
                return None
        self.refuse(node)
        return None

    def fact(self, node: nodes.Node, scope: _Scope) -> tuple[Token | None, Shape | None]:
        """Return where a fact is named, and its form; None for what is none."""
        path = path_of(node)
        if path is None:
            token = self.attribute(node)
            self.problem(node, token, "an attribute of something that is not a fact is not allowed in clauses")
            return token, None
        token = self.tokens.claim(node.lineno, tuple(" . ".join(path).split()))
        head = scope.get(path[0])
        shape = head.shape if head else scope[""].shape.fields.get(path[0])
        known = [*scope[""].shape.fields, *(name for name in scope if name)]
        for index, part in enumerate(path):
            if index:
                known = list(shape.fields) if shape else []
                shape = shape.fields.get(part) if shape else None
            if shape is None:
                hint = suggest_nearest(part, known) if known else f'"{".".join(path[:index])}" has no parts'
                self.problem(node, token, f'"{".".join(path[: index + 1])}" is not a fact', hint)
                return token, None
        if path[0] != "loop":
            self.found.facts.add(self.names(path, scope))
        return token, shape

    def names(self, path: list[str], scope: _Scope) -> str:
        """Return the path of a fact from the top, whatever loop variable it begins with."""
        return ".".join([scope[path[0]].path, *path[1:]]) if path[0] in scope else ".".join(path)

    def attribute(self, node: nodes.Node) -> Token | None:
        return self.tokens.claim(node.lineno, (".", node.attr)) if isinstance(node, nodes.Getattr) else None

    def called(self, node: nodes.Node) -> Token | None:
        path = path_of(node)
        if path is None:
            return self.attribute(node)
        token = self.tokens.claim(node.lineno, tuple(" . ".join(path).split()), after="(")
        self.tokens.claim(node.lineno, ("(",), before=path[-1])
        return token

    def refuse(self, node: nodes.Node) -> None:
        what, sign = REFUSED_NODES.get(type(node), (f"this ({type(node).__name__})", ""))
        token = self.called(node.node) if isinstance(node, nodes.Call) else None
        if token is None and sign:
            token = self.tokens.claim(node.lineno or 1, (sign,)) or self.tokens.claim(node.lineno or 1, (".",))
        self.problem(node, token, f"{what} is not allowed in clauses", ALLOWED_HINT)
