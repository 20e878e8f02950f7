"""Small questions about Jinja's syntax tree, and the parts of it that clauses may not use."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

# What is refused, and the sign or word that shows where it stands.
REFUSED: dict[type[nodes.Node], tuple[str, str]] = {
    nodes.Call: ("a call", "("),
    nodes.Getitem: ("indexing with []", "["),
    nodes.Dict: ("a dictionary", "{"),
    nodes.List: ("a list of anything but constants", "["),
    nodes.Tuple: ("a list of anything but constants", "("),
    nodes.Concat: ("joining with ~", "~"),
    nodes.Mul: ("calculating with *", "*"),
    nodes.Pow: ("calculating with **", "**"),
    nodes.Mod: ("calculating with %", "%"),
    nodes.Div: ("calculating with /", "/"),
    nodes.FloorDiv: ("calculating with //", "//"),
    nodes.Add: ("calculating with +", "+"),
    nodes.Sub: ("calculating with -", "-"),
    nodes.Neg: ("a minus sign", "-"),
    nodes.Pos: ("a plus sign", "+"),
}
# The sign or word that shows where a condition stands.
SIGNS = {"eq": "==", "ne": "!=", "gt": ">", "gteq": ">=", "lt": "<", "lteq": "<=", "in": "in", "notin": "not"}
SIGNS |= {"And": "and", "Not": "not", "Test": "is"}


def path_of(node: nodes.Node) -> list[str] | None:
    """Return ["a", "b", "c"] of `a.b.c`, None of anything else."""
    parts: list[str] = []
    while isinstance(node, nodes.Getattr):
        parts.append(node.attr)
        node = node.node
    return [node.name, *reversed(parts)] if isinstance(node, nodes.Name) else None


def called(node: nodes.Call) -> str:
    """Return the name of a function that is called by its name."""
    return node.node.name if isinstance(node.node, nodes.Name) else ""


def all_constant(node: nodes.Const | nodes.Tuple | nodes.List) -> bool:
    """Return whether `node` is a constant or a list of nothing else."""
    return isinstance(node, nodes.Const) or all(isinstance(item, nodes.Const) for item in node.items)


def constants(node: nodes.Node) -> Iterator[nodes.Const]:
    """Yield `node`, or the items of a list, where they are constants."""
    for item in node.items if isinstance(node, (nodes.List, nodes.Tuple)) else [node]:
        if isinstance(item, nodes.Const):
            yield item
