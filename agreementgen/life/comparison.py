"""What differs between two deals: facts, figures, parts of the agreement with their causes, findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from agreementgen import pipeline
from agreementgen.core import values
from agreementgen.core.document import Document
from agreementgen.core.problems import SEVERITY_WORDS, AgreementError, Place
from agreementgen.deal.deal import FIGURES, Deal
from agreementgen.deal.reader import FactPath, node_as_data
from agreementgen.dealcheck.judging import check_deal
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.life.parts import PartChange, align_parts, list_parts
from agreementgen.life.recovery import RecoveredDeal, carry_and_recover
from agreementgen.sources import SourcedDeal
from agreementgen.yamlfile.editing import value_at, write_answers
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

# What each of so many changed facts does alone is tried; with more, causes are not told.
MOST_CAUSES = 40


@dataclass(frozen=True)
class FactChange:
    """A fact as it was typed in both files; "" and None where it stands in one of them only."""

    path: FactPath
    old: str
    new: str
    old_place: Place | None
    new_place: Place | None

    @property
    def name(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True)
class FigureChange:
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Comparison:
    """`causes` are the names of the facts that changed a part, by its key; `appeared` and `gone` are findings."""

    old: SourcedDeal
    new: SourcedDeal
    old_document: Document
    new_document: Document
    facts: tuple[FactChange, ...]
    figures: tuple[FigureChange, ...]
    parts: tuple[PartChange, ...]
    causes: Mapping[str, tuple[str, ...]]
    appeared: tuple[str, ...]
    gone: tuple[str, ...]

    @property
    def changed_parts(self) -> tuple[PartChange, ...]:
        return tuple(change for change in self.parts if change.state != "unchanged")


def compare_deals(old: SourcedDeal, new: SourcedDeal) -> Comparison:
    """Return what differs in `new`."""
    before, after = _draft(old), _draft(new)
    parts = align_parts(list_parts(before), list_parts(after))
    facts = tuple(_each_fact_change(old.deal.typed, new.deal.typed))
    found_before, found_after = _findings_of(old), _findings_of(new)
    return Comparison(
        old,
        new,
        before,
        after,
        facts,
        tuple(_each_figure_change(old, new)),
        parts,
        _find_causes(old, new, facts, parts),
        tuple(text for text in found_after if text not in found_before),
        tuple(text for text in found_before if text not in found_after),
    )


def compare_with_recovered(old: SourcedDeal, recovered: RecoveredDeal, name: str) -> Comparison:
    """Return what differs in the deal that a document carries, as far as documents carry deals."""
    new = SourcedDeal(name, recovered.deal, recovered.library)
    found = compare_deals(carry_and_recover(old), new)
    places = {path: node.place for path, node in each_leaf(old.deal.typed)}
    facts = tuple(replace(fact, old_place=places.get(fact.path) if fact.old_place else None) for fact in found.facts)
    return replace(found, old=old, facts=facts)


def _draft(sourced: SourcedDeal) -> Document:
    """Return the agreement as it is built."""
    return pipeline.build(sourced.deal, sourced.library, (), carry_data=False).fitted.document


def _findings_of(sourced: SourcedDeal) -> list[str]:
    found = check_deal(sourced.deal, sourced.library).findings
    return [f"{SEVERITY_WORDS[one.problem.severity]} {one.rule.id}: {one.problem.message}" for one in found]


# -- facts and figures


def _each_fact_change(old: MappingNode | None, new: MappingNode | None) -> Iterator[FactChange]:
    before, after = dict(each_leaf(old)), dict(each_leaf(new))
    for path in dict.fromkeys((*before, *after)):
        one, other = before.get(path), after.get(path)
        said = (_text_of(one), _text_of(other))
        if said[0] != said[1]:
            yield FactChange(path, *said, one.place if one else None, other.place if other else None)


def each_leaf(node: Node | None, path: FactPath = ()) -> Iterator[tuple[FactPath, Node]]:
    """Yield what was typed: texts, and lists of texts as a whole; entries of a list of groups by their number."""
    if isinstance(node, MappingNode):
        for name, value in node:
            yield from each_leaf(value, (*path, name.text.strip()))
    elif isinstance(node, SequenceNode) and any(isinstance(item, MappingNode) for item in node.items):
        for number, item in enumerate(node.items, 1):
            yield from each_leaf(item, (*path, str(number)))
    elif node is not None and path:
        yield path, node


def _text_of(node: Node | None) -> str:
    if isinstance(node, SequenceNode):
        return ", ".join(item.text.strip() for item in node.items if isinstance(item, ScalarNode))
    return " ".join(node.text.split()) if isinstance(node, ScalarNode) else ""


def _each_figure_change(old: SourcedDeal, new: SourcedDeal) -> Iterator[FigureChange]:
    before, after = _figures_of(old), _figures_of(new)
    for label in dict.fromkeys((*before, *after)):
        if before.get(label) != after.get(label):
            yield FigureChange(label, before.get(label, ""), after.get(label, ""))


def _figures_of(sourced: SourcedDeal) -> dict[str, str]:
    deal, library = sourced.deal, sourced.library
    figures = library.form_of(library.outline_of_deal(deal)).figures
    found = ((figure.label, deal.facts[FIGURES].get(figure.name)) for figure in figures)
    return {label: values.format_value(value, deal.language) for label, value in found if value is not None}


# -- why a part changed


def _find_causes(
    old: SourcedDeal, new: SourcedDeal, facts: tuple[FactChange, ...], parts: tuple[PartChange, ...]
) -> Mapping[str, tuple[str, ...]]:
    """Return the facts that change a part alone, when the new answer takes the place of the old one; by its key.

    Where none does so alone, as of two answers that only go together, all that have no part of their own are named.
    """
    changed = [change.part.key for change in parts if change.state != "unchanged"]
    if not changed or not facts or len(facts) > MOST_CAUSES:
        return {}
    base = draft_plainly(old, old.deal)
    alone: dict[str, list[str]] = {key: [] for key in changed}
    idle = []
    answers, target = node_as_data(old.deal.typed), node_as_data(new.deal.typed)
    for fact in facts:
        try:
            trial = replace_value(answers, fact.path, value_at(target, fact.path))
            deal = pipeline.read(write_answers(trial).encode(), old.name, old.library)
            moved = align_parts(list_parts(base), list_parts(draft_plainly(old, deal)))
        except (AgreementError, LookupError):
            idle.append(fact.name)
            continue
        keys = {change.part.key for change in moved if change.state != "unchanged"}
        for key in keys & alone.keys():
            alone[key].append(fact.name)
        if not keys:
            idle.append(fact.name)
    return {key: tuple(found or idle or (fact.name for fact in facts)) for key, found in alone.items()}


def draft_plainly(sourced: SourcedDeal, deal: Deal, short: bool = False) -> Document:
    """Return the agreement of a deal on one page: what a fact changes does not depend on the fit."""
    outline = sourced.library.outline_of_deal(deal)
    return draft_agreement(deal, sourced.library, outline, select_clauses(deal, sourced.library, outline, short))


def replace_value(answers: Any, path: FactPath, value: Any) -> Any:
    """Return answers with another value at `path`, or without one where it is None."""
    name, rest = path[0], path[1:]
    if isinstance(answers, list):
        at = int(name) - 1
        inner = replace_value(answers[at] if at < len(answers) else {}, rest, value) if rest else value
        return [*answers[:at], *([inner] if inner not in ({}, None) else []), *answers[at + 1 :]]
    group = dict(answers) if isinstance(answers, dict) else {}
    inner = replace_value(group.get(name), rest, value) if rest else value
    if inner in (None, {}, []):
        return {key: found for key, found in group.items() if key != name}
    return {**group, name: inner}
