"""Which part of Jinja a layout may use: enough to design a page, nothing that makes much of little.

Allowed: facts of the document, if, for, set, blocks, extends, macros and their import, the filters below, + and - and *
with numbers, `letter`, `range`, `namespace`, `super`, `loop`. Refused: include, calls of anything else, methods,
joining and formatting of texts, lists but of constants, and `safe`, which lets facts become tags.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from jinja2 import nodes

FUNCTIONS = ("letter", "range", "namespace", "super", "caller")
FILTERS = (
    "batch", "length", "count", "list", "first", "last", "join", "lower", "upper", "title", "capitalize", "trim",
    "replace", "selectattr", "rejectattr", "select", "reject", "map", "sort", "unique", "reverse", "e", "escape", "int",
    "abs", "min", "max",
)  # fmt: skip
TESTS = (
    "defined", "undefined", "none", "odd", "even", "in", "equalto", "eq", "ne", "lt", "le", "gt", "ge", "==", "!=", "<",
    "<=", ">", ">=", "string", "number",
)  # fmt: skip
MAX_DEPTH = 60
MAX_NODES = 20_000
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.NSRef, nodes.Const, nodes.If, nodes.CondExpr,
    nodes.For, nodes.Macro, nodes.CallBlock, nodes.Call, nodes.Keyword, nodes.Block, nodes.Extends, nodes.FromImport,
    nodes.Import, nodes.Assign, nodes.AssignBlock, nodes.With, nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Test,
    nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.Add, nodes.Sub, nodes.Mul, nodes.Neg,
    nodes.Tuple, nodes.List,
)  # fmt: skip
_WORDS: Mapping[type[nodes.Node], str] = {
    nodes.Include: "include (write a macro and import it, or extend a layout)",
    nodes.Concat: "joining with ~ (write the two side by side)",
    nodes.Pow: "calculating with **",
    nodes.Div: "calculating with /",
    nodes.FloorDiv: "calculating with //",
    nodes.Mod: "calculating with %",
    nodes.Dict: "a dictionary",
    nodes.FilterBlock: "a filter around a block",
    nodes.ScopedEvalContextModifier: "autoescape",
    nodes.Slice: "a slice",
}


def wrong(tree: nodes.Template, files: Mapping[str, object]) -> Iterator[tuple[int, str]]:
    """Yield line and message of everything a layout may not use; `files` are the layouts it may extend or import."""
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    imported = {node.target for node in tree.find_all(nodes.Import)} if _shallow(tree) else set()
    seen = 0
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        if depth > MAX_DEPTH:
            yield node.lineno, f"tags and brackets are nested more than {MAX_DEPTH} levels deep"
            return
        if seen > MAX_NODES:
            yield node.lineno, f"more than {MAX_NODES:,} words inside tags"
            return
        message = _why_not(node, files, imported)
        if message:
            yield node.lineno, message
            continue
        waiting += [(child, depth + 1) for child in node.iter_child_nodes()]


def _shallow(tree: nodes.Template) -> bool:
    """Return whether a tree can be walked by functions that call themselves."""
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            return False
        waiting += [(child, depth + 1) for child in node.iter_child_nodes()]
    return True


def _why_not(node: nodes.Node, files: Mapping[str, object], imported: set[str]) -> str:
    if not isinstance(node, _ALLOWED):
        what = _WORDS.get(type(node), type(node).__name__.lower())
        return f"{what} is not allowed in layouts"
    for kind, check in _CHECKS:
        if isinstance(node, kind) and (message := check(node)):
            return message
    match node:
        case nodes.Extends() | nodes.FromImport() | nodes.Import():
            name = node.template
            if not isinstance(name, nodes.Const) or not isinstance(name.value, str):
                return "the name of another layout is written out, in quotes"
            if name.value not in files:
                return f'"{name.value}" is not one of the layouts here'
        case nodes.Call() if not _callable(node.node, imported):
            return "only macros and " + ", ".join(f"{name}()" for name in FUNCTIONS) + " can be called"
        case nodes.Call() if node.dyn_args or node.dyn_kwargs:
            return "a call with * is not allowed in layouts"
    return ""


def _callable(node: nodes.Node, imported: set[str]) -> bool:
    """Return whether a name may be called: a macro's own, or one behind an import, self or loop."""
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return node.node.name in {*imported, "self"} or (node.node.name == "loop" and node.attr in ("cycle", "changed"))
    return isinstance(node, nodes.Name)


def _for(node: nodes.Node) -> str:
    return (
        "a loop that calls itself is not allowed in layouts" if isinstance(node, nodes.For) and node.recursive else ""
    )


def _filter(node: nodes.Node) -> str:
    name = getattr(node, "name", "")
    if name == "safe":
        return "safe is not allowed in layouts: what was typed into a deal is text, and never HTML"
    return "" if name in FILTERS else f'"{name}" is not a filter of layouts'


def _test(node: nodes.Node) -> str:
    name = getattr(node, "name", "")
    return "" if name in TESTS else f'"{name}" is not a test of layouts'


def _why_no_list(node: nodes.Node) -> str:
    items = getattr(node, "items", [])
    target = getattr(node, "ctx", "load") == "store"
    constant = target or all(isinstance(item, nodes.Const) for item in items)
    return "" if constant else "a list is written of constants only in layouts"


def _attribute(node: nodes.Node) -> str:
    name = getattr(node, "attr", "")
    return f'"{name}" is not a fact' if name.startswith("_") else ""


_CHECKS: tuple[tuple[type[nodes.Node], Callable[[nodes.Node], str]], ...] = (
    (nodes.For, _for),
    (nodes.Filter, _filter),
    (nodes.Test, _test),
    (nodes.Tuple, _why_no_list),
    (nodes.List, _why_no_list),
    (nodes.Getattr, _attribute),
)


def cycle(trees: Mapping[str, nodes.Template]) -> str:
    """Return the name of a layout that extends or imports itself, by whatever way; "" where none does."""
    uses = {name: set(_used(tree)) for name, tree in trees.items()}
    for start in uses:
        reached: set[str] = set()
        waiting = list(uses[start])
        while waiting:
            name = waiting.pop()
            if name == start:
                return start
            if name not in reached:
                reached.add(name)
                waiting += uses.get(name, ())
    return ""


def _used(tree: nodes.Template) -> Iterator[str]:
    for kind in (nodes.Extends, nodes.FromImport, nodes.Import):
        for node in tree.find_all(kind):
            template = getattr(node, "template", None)
            if isinstance(template, nodes.Const):
                yield str(template.value)
