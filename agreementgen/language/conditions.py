"""Conditions between answers: which facts one asks about, and how to say it to an owner."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from jinja2 import TemplateError, nodes

from agreementgen.language.environment import environment

Names = tuple[str, ...]
# Given the names of a fact ("financial", "fee"), its path in a deal file and its type ("" where unknown).
Lookup = Callable[[Names], tuple[str, str]]


@cache
def references(source: str) -> frozenset[Names]:
    """Return the facts a condition looks at: `this.which == 'named'` gives {("this", "which")}."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", " ", source)
    return frozenset(tuple(word.split(".")) for word in re.findall(r"[A-Za-z_]\w*(?:\.\w+)*", bare))


def in_words(source: str, look_up: Lookup) -> str:
    """Return `financial.model == 'referral fee'` as: "financial.model" is "referral fee"."""
    try:
        (block,) = environment().parse("{% if " + source + " %}{% endif %}").body
    except (TemplateError, ValueError):
        return source
    return _said(block.test, look_up) if isinstance(block, nodes.If) else source


def _said(node: nodes.Node, look_up: Lookup) -> str:
    match node:
        case nodes.And():
            return " and ".join(_part(side, look_up) for side in (node.left, node.right))
        case nodes.Or():
            return " or ".join(_said(side, look_up) for side in (node.left, node.right))
        case nodes.Not():
            return _fact(node.node, look_up, given=False)
        case nodes.Compare():
            return _comparison_in_words(node, look_up)
        case nodes.Test():
            path, _ = look_up(_names(node.node))
            return f'"{path}" is {"a percentage" if node.name == "percentage" else node.name}'
    return _fact(node, look_up, given=True)


def _part(node: nodes.Node, look_up: Lookup) -> str:
    said = _said(node, look_up)
    return f"({said})" if isinstance(node, nodes.Or) else said


def _fact(node: nodes.Node, look_up: Lookup, given: bool) -> str:
    path, kind = look_up(_names(node))
    words = ("yes", "no") if kind in ("yes/no", "switch") else ("given", "not given")
    return f'"{path}" is {words[0] if given else words[1]}'


def _comparison_in_words(node: nodes.Compare, look_up: Lookup) -> str:
    path, _ = look_up(_names(node.expr))
    (operand,) = node.ops
    other = _names(operand.expr)
    if other:
        words = f'the same as "{look_up(other)[0]}"'
    else:
        value = operand.expr.as_const()
        words = " or ".join(f'"{word}"' for word in (value if isinstance(value, tuple) else (value,)))
    return f'"{path}" is {"not " if operand.op in ("ne", "notin") else ""}{words}'


def _names(node: nodes.Node) -> Names:
    if isinstance(node, nodes.Getattr):
        return (*_names(node.node), node.attr)
    return (node.name,) if isinstance(node, nodes.Name) else ()
