"""Reading a deal with the questions of a library: the first step of `pipeline`, for those who make no documents too.

It stands apart because the writers take longer to load than a deal takes to be read and judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agreementgen.core.problems import InputError, Problem
from agreementgen.deal.deal import Deal, Form
from agreementgen.deal.matrix_builder import TableLoader, refuse_tables
from agreementgen.deal.reader import read_deal
from agreementgen.library.library import Library
from agreementgen.yamlfile import nodes


def read(data: bytes, source: str, library: Library, paper: str = "", beside: TableLoader = refuse_tables) -> Deal:
    """Return the deal of a YAML file's bytes; raise InputError with every problem.

    `paper` replaces the deal's; `beside` reads the tables that a deal file names.
    """
    answers = nodes.read_yaml(nodes.decode_utf8(data, source), source, go_on=True)
    return read_answers(answers, source, library, paper, beside)


def read_answers(
    answers: nodes.YamlText, source: str, library: Library, paper: str = "", beside: TableLoader = refuse_tables
) -> Deal:
    """Return the deal of answers that were read already; raise InputError like `read`."""
    deal = read_deal(answers, source, form_of(answers, library), beside)
    return replace(deal, facts={**deal.facts, "paper": paper}) if paper else deal


def form_of(answers: nodes.YamlText, library: Library) -> Form:
    """Return the questions that answers are answers to; raise InputError where they name no kind of agreement."""
    try:
        kind = _read_kind(answers.root, library)
    except InputError as error:
        raise InputError((*answers.problems, *error.problems)) from None
    left_out = {node.text.strip() for node in _each_scalar(answers.root.get("leave out"))}
    return library.form_of(library.outline_of_kind(kind, left_out))


def _each_scalar(node: nodes.Node | None) -> Iterator[nodes.ScalarNode]:
    """Yield the texts of a list, or of what stands where a list of one may stand."""
    items = node.items if isinstance(node, nodes.SequenceNode) else (node,)
    return (item for item in items if isinstance(item, nodes.ScalarNode))


def _read_kind(root: nodes.MappingNode, library: Library) -> str:
    node = root.get("agreement")
    if isinstance(node, nodes.ScalarNode) and node.bad:
        raise InputError(())  # its problem is among those of the YAML
    if node is not None and not isinstance(node, nodes.ScalarNode):
        hint = "write it like: agreement: " + next(iter(library.offered_outlines))
        raise InputError(Problem("one word belongs here", hint, "agreement", node.place, code="wrong-shape"))
    if node is None or node.is_empty:
        place = node.place if node else root.place
        hint = "add a line such as: agreement: " + next(iter(library.offered_outlines))
        message = "this is missing: which kind of agreement is it?"
        raise InputError(Problem(message, hint, "agreement", place, code="missing"))
    kind = node.text.strip()
    try:
        return library.outline_of_kind(kind).kind
    except InputError as error:
        raise InputError([replace(problem, place=node.place) for problem in error.problems]) from None
