"""The cases of the clause language in fixtures/language/*.txt, and what it takes to run them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from agreementgen.core import values
from agreementgen.core.document import Block, ItemList, Paragraph, Runs, Table
from agreementgen.core.problems import Place
from agreementgen.language import filling
from agreementgen.language.environment import ClauseReference, Slots, TermReference
from agreementgen.language.shapes import Shape, group_shape, list_shape
from agreementgen.yamlfile import nodes

FIXTURES = Path(__file__).parent / "fixtures" / "language"
TOPICS = frozenset({"liability"})
# A clause whose text begins in line 10: that its places are counted from there is part of every case.
START = Place("clause.md", 10, 1)


@dataclass(frozen=True)
class Case:
    title: str
    source: str
    facts: str
    kind: str
    expected: str


def cases(*kinds: str) -> list[Any]:
    found = []
    for path in sorted(FIXTURES.glob("*.txt")):
        for text in re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            head, *parts = re.split(r"^--- (facts|says|refused|when filled in)\n", text, flags=re.MULTILINE)
            title, source = head.split("\n", 1)
            told = dict(zip(parts[::2], parts[1::2], strict=True))
            kind = next(name for name in told if name != "facts")
            case = Case(title, source.rstrip("\n"), told.get("facts", ""), kind, told[kind].strip("\n"))
            if kind in kinds:
                found.append(pytest.param(case, id=f"{path.stem}: {title}"))
    assert found
    return found


# -- facts, as facts.yaml writes them


def value(node: nodes.Node) -> Any:
    if isinstance(node, nodes.SequenceNode):
        return tuple(value(item) for item in node.items)
    if isinstance(node, nodes.MappingNode):
        chosen, says = node.get("choice"), node.get("says")
        if isinstance(chosen, nodes.ScalarNode):
            return values.Choice(chosen.text, says.text if isinstance(says, nodes.ScalarNode) else "")
        return {name.text: value(part) for name, part in node}
    text = node.text
    if node.plain and text in ("yes", "no", "nothing"):
        return {"yes": True, "no": False, "nothing": None}[text]
    for reader in (values.read_integer, values.read_percent, values.read_duration, values.read_date, _money):
        try:
            return reader(text) if node.plain else text
        except values.Unreadable:
            continue
    return text


def _money(text: str) -> values.Money:
    return values.read_money(text, "USD")


def shape(node: nodes.Node) -> Shape:
    if isinstance(node, nodes.SequenceNode):
        return list_shape(shape(node.items[0]))
    if isinstance(node, nodes.MappingNode):
        if node.get("choice"):
            words = node.get("of")
            assert isinstance(words, nodes.SequenceNode)
            return Shape("choice", frozenset(item.text for item in words.items if isinstance(item, nodes.ScalarNode)))
        return group_shape({name.text: shape(part) for name, part in node})
    types = {bool: "yes/no", int: "integer", str: "text", type(None): "text", values.Percent: "percent"}
    types |= {values.Duration: "duration", values.Money: "money"}
    return Shape(types.get(type(value(node)), "date"))


def mapping(text: str) -> nodes.Mapping:
    return nodes.read_yaml(text, "facts.yaml").root


FACTS = mapping((FIXTURES / "facts.yaml").read_text(encoding="utf-8"))
SHAPE = shape(FACTS)


def setting(more: str = "") -> filling.FillContext:
    facts = value(FACTS) | (value(mapping(more)) if more else {})
    return filling.FillContext(facts, "en-US", TOPICS)


# -- what a clause says


def words(slots: Slots) -> Any:
    def told(char: str) -> str | None:
        insert = slots.insert_at(char)
        if isinstance(insert, ClauseReference):
            return f"section of {insert.topic}"
        return f"row of {insert.row}" if isinstance(insert, TermReference) else insert

    return told


def rendered(source: str, deal: filling.FillContext) -> list[Block]:
    blocks, slots = filling.fill_blocks(source, deal, START)

    def filled(runs: Runs) -> Runs:
        return filling.replace_slots(runs, words(slots))

    done: list[Block] = []
    for block in blocks:
        match block:
            case Paragraph(runs):
                done.append(Paragraph(filled(runs)))
            case ItemList(items):
                done.append(replace(block, items=tuple(map(filled, items))))
            case Table(head, rows):
                done.append(Table(tuple(map(filled, head)), tuple(tuple(map(filled, row)) for row in rows)))
    return done


def marked(runs: Runs) -> str:
    return "".join("*" * (2 * run.bold + run.italic) + run.text + "*" * (2 * run.bold + run.italic) for run in runs)


def shown(blocks: list[Block]) -> str:
    texts = []
    for block in blocks:
        match block:
            case Paragraph(runs):
                texts.append(marked(runs))
            case ItemList(items):
                lines = zip(block.depths, block.marks, items, strict=True)
                texts.append(
                    "\n".join(f"{'  ' * depth}{mark.replace('•', '-')} {marked(item)}" for depth, mark, item in lines)
                )
            case Table(head, rows):
                texts.append("\n".join(" | ".join(map(marked, row)) for row in (head, *rows)))
    return "\n\n".join(texts)
