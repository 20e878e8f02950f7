"""Which part of Jinja a clause may use, and what can be said about a clause before any deal exists.

Allowed: facts (`a.b.c`), our filters, if/elif/else, `x if y else z`, `for x in <list of facts>`, comparisons with
constants, `x is percentage`, `x is positive`, and/or/not, `ref('topic')`, `term('row')`, `has('topic')`.
Everything else is refused: calls, arithmetic (`9**9**9` runs for ever), macros, imports, set, indexing, attributes
of anything but facts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from jinja2 import TemplateSyntaxError, nodes

from agreementgen.errors import PackError, Place, Problem, nearest
from agreementgen.language.environment import FILTERS, FUNCTIONS, TESTS, environment
from agreementgen.language.shape import Shape

MAX_LENGTH = 20_000
MAX_DEPTH = 24
_LOOP = Shape("group", fields={name: Shape("yes/no") for name in ("first", "last")} | {"index": Shape("integer")})
_TESTS_OF_ORDER = ("gt", "gteq", "lt", "lteq")
_REFUSED = {
    nodes.Call: "a call",
    nodes.Macro: "a macro",
    nodes.Include: "an include",
    nodes.Import: "an import",
    nodes.FromImport: "an import",
    nodes.Extends: "extends",
    nodes.Block: "a block",
    nodes.Assign: "set",
    nodes.AssignBlock: "set",
    nodes.Getitem: "indexing with []",
    nodes.Test: "this test (is ...)",
    nodes.FilterBlock: "a filter block",
    nodes.CallBlock: "a call block",
}


@dataclass
class Analysis:
    """What a text uses: fact paths ("financial.fee"), topics it refers to, rows of the key-terms table."""

    facts: set[str] = field(default_factory=set)
    topics: set[str] = field(default_factory=set)
    rows: set[str] = field(default_factory=set)


def parse(source: str, place: Place) -> nodes.Template:
    """Return the syntax tree of `source`; raise PackError at `place` plus the line inside the text."""
    if len(source) > MAX_LENGTH:
        raise PackError(Problem(f"the text has more than {MAX_LENGTH:,} characters", place=place))
    try:
        return environment().parse(source)
    except TemplateSyntaxError as error:
        raise PackError(
            Problem(f"the template is not readable: {error.message}", "", "", _at(place, error.lineno))
        ) from None
    except RecursionError:
        raise PackError(Problem("the template is nested too deeply", place=place)) from None


def analyse(source: str, place: Place, facts: Shape) -> Analysis:
    """Check that `source` uses only what is allowed and only facts that exist; raise PackError with all problems."""
    walker = _Walker(source.split("\n"), place)
    walker.visit(parse(source, place), {"": facts}, 0)
    if walker.problems:
        raise PackError(walker.problems)
    return walker.found


def analyse_expression(source: str, place: Place, facts: Shape) -> Analysis:
    """The same for the expression of a `when:`."""
    return analyse("{% if " + source + " %}{% endif %}", place, facts)


def _at(place: Place, line: int, column: int = 1) -> Place:
    if line <= 1:
        return Place(place.file, place.line, place.column + column - 1)
    return Place(place.file, place.line + line - 1, column)


class _Walker:
    """Walks the tree with the facts in scope: the key "" holds the top level, other keys loop variables."""

    def __init__(self, lines: list[str], place: Place) -> None:
        self.lines = lines
        self.start = place
        self.found = Analysis()
        self.problems: list[Problem] = []

    def problem(self, node: nodes.Node, message: str, hint: str = "", word: str = "") -> None:
        line = self.lines[node.lineno - 1] if node.lineno <= len(self.lines) else ""
        column = line.find(word) + 1 if word and word in line else 1
        self.problems.append(Problem(message, hint, "", _at(self.start, node.lineno, column)))

    def visit(self, node: nodes.Node, scope: dict[str, Shape], depth: int) -> Shape | None:
        """Check `node`; return its shape where it is a fact."""
        if depth > MAX_DEPTH:
            self.problem(node, f"nested more than {MAX_DEPTH} levels deep")
            return None
        match node:
            case nodes.Template() | nodes.Output():
                self.children(node, scope, depth)
            case nodes.TemplateData() | nodes.Const():
                return None
            case nodes.Name() | nodes.Getattr():
                return self.fact(node, scope)
            case nodes.If():
                for child in (node.test, *node.body, *node.elif_, *node.else_):
                    self.visit(child, scope, depth + 1)
            case nodes.CondExpr():
                self.children(node, scope, depth)
                if node.expr2 is None:
                    self.problem(node, "an inline if needs its else", "write {{ a if b else c }}, or {% if %}")
            case nodes.And() | nodes.Or() | nodes.Not():
                self.children(node, scope, depth)
            case nodes.Compare():
                self.compare(node, scope, depth)
            case nodes.For():
                self.loop(node, scope, depth)
            case nodes.Filter():
                self.filter(node, scope, depth)
            case nodes.Call() if isinstance(node.node, nodes.Name) and node.node.name in FUNCTIONS:
                self.function(node)
            case nodes.Test() if node.name in TESTS and not node.args and not node.kwargs:
                self.visit(node.node, scope, depth + 1)
            case nodes.Tuple() | nodes.List() if all(isinstance(item, nodes.Const) for item in node.items):
                return None
            case _:
                what = _REFUSED.get(type(node), type(node).__name__)
                self.problem(node, f"{what} is not allowed in clauses", "docs/clauses.md lists what is")
        return None

    def children(self, node: nodes.Node, scope: dict[str, Shape], depth: int) -> None:
        for child in node.iter_child_nodes():
            self.visit(child, scope, depth + 1)

    def path(self, node: nodes.Node) -> list[str] | None:
        parts: list[str] = []
        while isinstance(node, nodes.Getattr):
            parts.append(node.attr)
            node = node.node
        if not isinstance(node, nodes.Name):
            return None
        return [node.name, *reversed(parts)]

    def fact(self, node: nodes.Node, scope: dict[str, Shape]) -> Shape | None:
        path = self.path(node)
        if path is None:
            self.problem(node, "an attribute of something that is not a fact is not allowed in clauses")
            return None
        head = path[0]
        shape = scope.get(head) or scope[""].fields.get(head)
        known = [*scope[""].fields, *(name for name in scope if name)]
        for index, part in enumerate(path):
            if index:
                known = list(shape.fields) if shape else []
                shape = shape.fields.get(part) if shape else None
            if shape is None:
                name = ".".join(path[: index + 1])
                self.problem(node, f'"{name}" is not a fact', nearest(part, known), ".".join(path))
                return None
        if head not in scope:
            self.found.facts.add(".".join(path))
        elif (origin := scope[head].type).startswith("each:"):
            self.found.facts.add(".".join([origin[5:], *path[1:]]))
        return shape

    def compare(self, node: nodes.Compare, scope: dict[str, Shape], depth: int) -> None:
        shape = self.visit(node.expr, scope, depth + 1)
        for operand in node.ops:
            other = self.visit(operand.expr, scope, depth + 1)
            for side, constant in ((shape, operand.expr), (other, node.expr)):
                if side is None or not side.choices:
                    continue
                for word in _constants(constant):
                    if word not in side.choices:
                        self.problem(node, f'"{word}" is not one of the choices', nearest(word, side.choices), word)
            if operand.op in _TESTS_OF_ORDER and shape and shape.type not in ("integer", "number"):
                self.problem(node, "only numbers can be compared by size")

    def loop(self, node: nodes.For, scope: dict[str, Shape], depth: int) -> None:
        shape = self.visit(node.iter, scope, depth + 1)
        path = self.path(node.iter)
        if path is None or (shape is not None and not shape.is_list):
            self.problem(node, "a for runs over a list of facts only")
            return
        if not isinstance(node.target, nodes.Name) or node.recursive or node.test is not None:
            self.problem(node, "a for is written: {% for item in list %}")
            return
        if node.target.name in scope[""].fields or node.target.name in ("loop", *FUNCTIONS):
            self.problem(node, f'"{node.target.name}" is a fact already; name the item otherwise')
        if shape is None or shape.of is None:
            return
        origin = scope[path[0]].type[5:] if path[0] in scope and scope[path[0]].type.startswith("each:") else path[0]
        item = Shape("each:" + ".".join([origin, *path[1:]]), shape.of.choices, shape.of.fields, shape.of.of)
        inner = {**scope, node.target.name: item, "loop": _LOOP}
        for child in (*node.body, *node.else_):
            self.visit(child, inner, depth + 1)

    def filter(self, node: nodes.Filter, scope: dict[str, Shape], depth: int) -> None:
        if node.node is not None:
            self.visit(node.node, scope, depth + 1)
        if node.name not in FILTERS:
            self.problem(node, f'"{node.name}" is not a filter of ours', nearest(node.name, FILTERS), node.name)
        if node.kwargs or node.dyn_args or node.dyn_kwargs or not all(isinstance(a, nodes.Const) for a in node.args):
            self.problem(node, f'"{node.name}" takes constants only', "", node.name)

    def function(self, node: nodes.Call) -> None:
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        argument = node.args[0] if len(node.args) == 1 and not node.kwargs else None
        if not isinstance(argument, nodes.Const) or not isinstance(argument.value, str):
            self.problem(node, f"{name}() takes one name in quotes", f"write {name}('name')")
            return
        (self.found.rows if name == "term" else self.found.topics).add(argument.value)


def _constants(node: nodes.Node) -> Iterator[str]:
    for item in node.items if isinstance(node, (nodes.List, nodes.Tuple)) else [node]:
        if isinstance(item, nodes.Const) and isinstance(item.value, str):
            yield item.value
