"""A row of a table over a base deal: the base's answers with those of the row in their places.

Nodes only, no questions: a row travels to other processes, and becomes answers there without a library.

How a base deal speaks of its parties, and what that means for a table that names one of them anew in each row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from agreementgen.core.characters import collapse_spaces
from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.deal.completion import drop_legal_form
from agreementgen.deal.deal import Form
from agreementgen.deal.question_types import PartyType
from agreementgen.deal.questions import Question, Structure
from agreementgen.sheets.cells import column_letters
from agreementgen.sources import short_name_of
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode, YamlText
from agreementgen.yamlfile.nodes import SequenceNode as YamlSequence

# In a cell: this fact is not given here, whatever the base deal says.
NOT_GIVEN_MARKS = ("-", "–", "—")
FactPath = tuple[str, ...]


@dataclass(frozen=True)
class FactAddress:
    """Where the cells of a column go. `party_at` is the part of `path` that names a party, by its number; -1 for none.

    `several` is True for a list: a cell holds all its entries.
    """

    path: FactPath
    party_at: int = -1
    several: bool = False

    @property
    def dotted_path(self) -> str:
        return ".".join(self.path)

    def path_in_deal(self, shorts: dict[str, str]) -> FactPath:
        """Return the path in a deal whose parties, by number, are called `shorts`."""
        if self.party_at < 0:
            return self.path
        number = self.path[self.party_at]
        return (*self.path[: self.party_at], shorts.get(number, number), *self.path[self.party_at + 1 :])


@dataclass(frozen=True)
class PartyMention:
    """A place of the base deal that names a party (by number): the text at `path`, or the key of an `entry` there.

    With `before`, the text only begins with the party's name and a colon.
    """

    path: FactPath
    party: str
    entry: int = -1
    is_prefix: bool = False


@dataclass(frozen=True)
class TablePlan:
    """What all rows of a table share: the columns, and how the base deal speaks of its parties.

    `columns` are indexes and addresses. `replaced` are numbers of the parties whom the base names and the table
    names anew: nothing the base says of them but the role goes for another. `shorts` are the base's, by number.
    """

    file: str
    columns: tuple[tuple[int, FactAddress], ...]
    replaced: tuple[str, ...]
    short_names: tuple[tuple[str, str], ...]
    mentions: tuple[PartyMention, ...] = ()


@dataclass(frozen=True)
class PartnerRow:
    """A row: its number in the table, and its cells, one for each of the plan's columns ("" for empty).

    `remarks` are what its reader should know although nothing is wrong, as that the row is hidden. `problems` are those
    of cells, whose fact they name; `wrong` those of the row as a whole, which nobody can read past.
    """

    plan: TablePlan
    number: int
    texts: tuple[str, ...]
    remarks: tuple[Problem, ...] = ()
    cell_problems: tuple[Problem, ...] = ()
    row_problems: tuple[Problem, ...] = ()

    def text_at(self, path: FactPath) -> str:
        """Return what the row says at `path` in one line; "" for nothing."""
        for (_, address), text in zip(self.plan.columns, self.texts, strict=True):
            if address.path == path:
                return "" if text.strip() in NOT_GIVEN_MARKS else collapse_spaces(text)
        return ""

    def cell_place(self, index: int) -> Place:
        return Place(self.plan.file, self.number, index + 1, f"{column_letters(index + 1)}{self.number}")

    def short_names(self) -> dict[str, str]:
        """Return what the parties are called in this row's deal, by number; "" where nobody can tell."""
        found = dict(self.plan.short_names)
        for number in found:
            short, name = (self.text_at(("parties", number, key)) for key in ("short", "name"))
            if short or (name and (number in self.plan.replaced or not found[number])):
                found[number] = short or drop_legal_form(name)
        return found


def apply_row(base: YamlText, row: PartnerRow) -> YamlText:
    """Return the answers of the row's deal; raise InputError where the row as a whole is wrong."""
    if row.row_problems:
        raise InputError((*row.row_problems, *row.cell_problems))
    bad = {problem.field for problem in row.cell_problems}
    root: Node = base.root
    shorts = row.short_names()
    for reference in row.plan.mentions:
        old, new = dict(row.plan.short_names)[reference.party], shorts[reference.party]
        if new and new != old:
            root = _rename_mention(root, reference, reference.path, old, new)
    for number in row.plan.replaced:
        root = (
            _set_at(root, ("parties", number), _party_with_role_only(root, number, _place_of_party(row, number)))
            or root
        )
    for (index, address), text in zip(row.plan.columns, row.texts, strict=True):
        if not text.strip():
            continue
        value = None if text.strip() in NOT_GIVEN_MARKS else _cell_to_node(text, address, row.cell_place(index))
        if address.dotted_path in bad:
            value = ScalarNode(text, row.cell_place(index), bad=True)
        root = _set_at(root, address.path_in_deal(shorts), value, row.cell_place(index)) or MappingNode((), root.place)
    assert isinstance(root, MappingNode)
    said = (*base.problems, *row.cell_problems)
    return replace(base, root=_drop_removed(root), warnings=(*base.warnings, *row.remarks), problems=said)


def _place_of_party(row: PartnerRow, number: str) -> Place:
    """Return the place of the cell that names a party: what lacks is lacking there."""
    named = (index for index, address in row.plan.columns if address.path[:2] == ("parties", number))
    return row.cell_place(min(named, default=0))


def _party_with_role_only(root: Node, number: str, place: Place) -> MappingNode:
    """Return a party that has the role of the base's and nothing else of it."""
    parties = root.get("parties") if isinstance(root, MappingNode) else None
    party = parties.items[int(number) - 1] if isinstance(parties, SequenceNode) else None
    kept = tuple(entry for entry in party if entry[0].text == "role") if isinstance(party, MappingNode) else ()
    return MappingNode(kept, place)


def _cell_to_node(text: str, address: FactAddress, place: Place) -> Node:
    if not address.several:
        return ScalarNode(text.strip(), place, plain=False)
    parts = [part.strip() for line in text.split("\n") for part in line.split(";")]
    return SequenceNode(tuple(ScalarNode(part, place, plain=False) for part in parts if part), place)


# Stands in a list for an entry that a row takes out, so that the numbers of the others hold until the end.
_REMOVED = MappingNode((), Place("gone"))
_NOWHERE = Place()


def _set_at(node: Node | None, path: FactPath, value: Node | None, place: Place = _NOWHERE) -> Node | None:
    """Return `node` with `value` at `path`, None where nothing is left."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(node, MappingNode) or not first.isdigit():
        entries = list(node) if isinstance(node, MappingNode) else []
        if isinstance(node, ScalarNode) and not node.is_empty and path == ("person",):
            entries = [(ScalarNode("party", node.place), node)]  # a role of a chart bound to its party in one line
        at = next((n for n, (key, _) in enumerate(entries) if key.text == first), len(entries))
        key, old = entries[at] if at < len(entries) else (ScalarNode(first, place), None)
        new = _set_at(old, rest, value, place)
        entries[at : at + 1] = [(key, new)] if new is not None else []
        return MappingNode(tuple(entries), node.place if isinstance(node, MappingNode) else place) if entries else None
    items = list(node.items if isinstance(node, SequenceNode) else () if node is None or _is_empty(node) else (node,))
    index = min(int(first) - 1, len(items))
    old = items[index] if index < len(items) else None
    new = _set_at(None if old is _REMOVED else old, rest, value, place)
    if new is not None:
        items[index : index + 1] = [new]
    elif index < len(items):
        items[index] = _REMOVED
    return SequenceNode(tuple(items), node.place if isinstance(node, SequenceNode) else place) if items else None


def _is_empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.is_empty


def _drop_removed(root: MappingNode) -> MappingNode:
    """Return `root` without the entries of lists that were taken out, and without lists that this leaves empty."""

    def kept(node: Node) -> Node | None:
        if isinstance(node, MappingNode):
            pairs = [(key, kept(value)) for key, value in node]
            entries = tuple((key, value) for key, value in pairs if value is not None)
            return MappingNode(entries, node.place) if entries or not node.entries else None
        if isinstance(node, SequenceNode) and node.items:
            items = tuple(new for item in node.items if item is not _REMOVED and (new := kept(item)) is not None)
            return SequenceNode(items, node.place) if items else None
        return node

    return kept(root) or root  # type: ignore[return-value]


def _rename_mention(node: Node, reference: PartyMention, path: FactPath, old: str, new: str) -> Node:
    """Return `node` with the party's `new` name where `path` leads; what is no longer there needs none."""
    if path:
        if isinstance(node, MappingNode):
            entries: Iterable[tuple[ScalarNode, Node]] = (
                (key, _rename_mention(value, reference, path[1:], old, new) if key.text == path[0] else value)
                for key, value in node
            )
            return MappingNode(tuple(entries), node.place)
        if isinstance(node, SequenceNode):
            index = int(path[0]) - 1
            items = (
                _rename_mention(n, reference, path[1:], old, new) if i == index else n for i, n in enumerate(node.items)
            )
            return SequenceNode(tuple(items), node.place)
        return node
    if isinstance(node, MappingNode):
        named = ((replace(k, text=new) if n == reference.entry else k, v) for n, (k, v) in enumerate(node))
        return MappingNode(tuple(named), node.place)
    if isinstance(node, ScalarNode):
        return replace(node, text=new + node.text[len(old) :] if reference.is_prefix else new)
    return node


class TablePlanner:
    """Makes the plan of a table over the deal `base`; what is wrong with both together is added to `problems`."""

    def __init__(self, name: str, base: YamlText, form: Form, problems: list[Problem]) -> None:
        self.name, self.base, self.form, self.problems = name, base, form, problems

    def add_problem(self, message: str, hint: str, place: Place, field: str = "") -> None:
        self.problems.append(Problem(message, hint, field, place))

    def make_plan(self, columns: dict[int, FactAddress], head: Place) -> TablePlan:
        root, paths = self.base.root, {address.path for address in columns.values()}
        node = root.get("parties")
        items = node.items if isinstance(node, YamlSequence) else ()
        numbers = [str(n) for n in range(1, max(len(items), self.form.party_limits[0]) + 1)]
        shorts = {n: short_name_of(items[int(n) - 1]) if int(n) <= len(items) else "" for n in numbers}
        replaced = tuple(
            n
            for n in numbers
            if ("parties", n, "name") in paths and int(n) <= len(items) and _has_name(items[int(n) - 1])
        )
        renamed = {n for n in numbers if {("parties", n, key) for key in ("name", "short")} & paths}
        references = tuple(self.find_mentions(shorts, renamed))
        for number in replaced:
            self.check_required_columns(number, paths, head)
            self.check_quoted_names(number, items[int(number) - 1], paths)
        return TablePlan(self.name, tuple(columns.items()), replaced, tuple(shorts.items()), references)

    def check_required_columns(self, number: str, paths: set[FactPath], head: Place) -> None:
        """Report what every party must say, and no column gives to the parties of this table."""
        parties = next((question for question in self.form.questions if question.key == "parties"), None)
        for path, question in _required_facts(parties.parts if parties else (), ("parties", number)):
            if path not in paths:
                field = ".".join(path)
                hint = (
                    f'add a column "{field}"; or leave the name of party {number} out of the base deal, '
                    "and what it says of this party goes for every row"
                )
                self.add_problem(f'no column says "{question.prompt}"', hint, head, field)

    def check_quoted_names(self, number: str, party: Node, paths: set[FactPath]) -> None:
        """Report texts of the base deal that name its own partner: they would stand in every agreement."""
        words = set(_identifying_texts(party)) | {short_name_of(party)}
        pattern = re.compile("|".join(rf"(?<!\w){re.escape(w)}(?!\w)" for w in sorted(words, key=len) if len(w) > 1))
        known = {
            (reference.path, reference.entry)
            for reference in self.find_mentions({number: short_name_of(party)}, {number})
        }

        def look(node: Node, path: FactPath) -> Iterator[tuple[FactPath, ScalarNode]]:
            if path == ("parties", number) or path in paths:
                return
            if isinstance(node, MappingNode):
                for entry, (key, value) in enumerate(node):
                    if (path, entry) not in known:
                        yield path, key
                    yield from look(value, (*path, key.text))
            elif isinstance(node, YamlSequence):
                for n, item in enumerate(node.items, 1):
                    yield from look(item, (*path, str(n)))
            elif (path, -1) not in known:
                yield path, node

        for path, said in look(self.base.root, ()):
            if found := pattern.search(said.text):
                hint = "write it without the name, or add a column for it"
                message = f'this names "{found[0]}", of the base deal\'s own party {number}: so it would stand for all'
                self.add_problem(message, hint, said.place, ".".join(path))

    # -- where the base deal names parties

    def find_mentions(self, shorts: dict[str, str], renamed: set[str]) -> list[PartyMention]:
        by_short = {short: number for number, short in shorts.items() if short and number in renamed}
        found: list[PartyMention] = []

        def look(question: Question, node: Node | None, path: FactPath) -> None:
            match node:
                case ScalarNode() if isinstance(question.type, PartyType) and collapse_spaces(node.text) in by_short:
                    found.append(PartyMention(path, by_short[collapse_spaces(node.text)]))
                case MappingNode() if question.structure is Structure.MATRIX:
                    self.find_mentions_in_matrix(node, path, by_short, found)
                    inside(question.parts, node, path)
                case ScalarNode() if question.structure is Structure.MATRIX and by_short:
                    self.refuse_matrix_table(node, path)
                case MappingNode() if question.structure in (Structure.PER_PARTY, Structure.SHARES):
                    for entry, (key, value) in enumerate(node):
                        if collapse_spaces(key.text) in by_short:
                            found.append(PartyMention(path, by_short[collapse_spaces(key.text)], entry))
                        if question.parts:
                            look(question.parts[0], value, (*path, key.text))
                case MappingNode():
                    inside(question.parts, node, path)
                case YamlSequence():
                    for n, item in enumerate(node.items, 1):
                        here = (*path, str(n))
                        if question.structure is Structure.LIST:
                            look(question.parts[0], item, here)
                        elif isinstance(item, MappingNode):
                            inside(question.parts, item, here)

        def inside(questions: Sequence[Question], node: MappingNode, path: FactPath) -> None:
            for question in questions:
                look(question, node.get(question.key), (*path, question.key))

        inside(self.form.questions, self.base.root, ())
        # The texts first, then the keys they stand under, the innermost first: so each path still leads there.
        return sorted(found, key=lambda reference: (reference.entry >= 0, -len(reference.path)))

    def find_mentions_in_matrix(
        self, node: MappingNode, path: FactPath, by_short: dict[str, str], found: list[PartyMention]
    ) -> None:
        roles, tasks, table = node.get("roles"), node.get("tasks"), node.get("table")
        if isinstance(table, ScalarNode) and by_short:
            self.refuse_matrix_table(table, (*path, "table"))
        for name, held in roles if isinstance(roles, MappingNode) else ():
            here = (*path, "roles", name.text)
            if isinstance(held, MappingNode):
                here, held = (*here, "party"), held.get("party") or held
            if isinstance(held, ScalarNode) and collapse_spaces(held.text) in by_short:
                found.append(PartyMention(here, by_short[collapse_spaces(held.text)]))
        for name, task in tasks if isinstance(tasks, MappingNode) else ():
            said = task.get("carries out") if isinstance(task, MappingNode) else None
            here = (*path, "tasks", name.text, "carries out")
            items = said.items if isinstance(said, YamlSequence) else [said]
            for n, item in enumerate(items, 1):
                if isinstance(item, ScalarNode) and item.text.partition(": ")[0] in by_short:
                    at = (*here, str(n)) if isinstance(said, YamlSequence) else here
                    found.append(PartyMention(at, by_short[item.text.partition(": ")[0]], is_prefix=True))

    def refuse_matrix_table(self, node: ScalarNode, path: FactPath) -> None:
        message = "the chart stands in a table of its own, which cannot follow the parties from row to row"
        hint = "write its roles and tasks into the base deal"
        if not any(problem.message == message for problem in self.problems):
            self.add_problem(message, hint, node.place, ".".join(path))


def _has_name(party: Node) -> bool:
    return isinstance(party, MappingNode) and isinstance(name := party.get("name"), ScalarNode) and not name.is_empty


def _required_facts(questions: Sequence[Question], path: FactPath) -> Iterator[tuple[FactPath, Question]]:
    """Yield the facts that must always be given, without those in groups that may be left out."""
    for question in questions:
        if question.needed == "yes" and not question.when and question.default is None:
            if question.is_group:
                yield from _required_facts(question.parts, (*path, question.key))
            else:
                yield (*path, question.key), question


def _identifying_texts(party: Node) -> Iterator[str]:
    """Yield what only this party is called: its names, people and addresses."""
    for key, value in party if isinstance(party, MappingNode) else ():
        if key.text in ("name", "email", "address", "contact") and isinstance(value, ScalarNode) and not value.is_empty:
            yield collapse_spaces(value.text)
        elif key.text == "signatory" and isinstance(value, MappingNode):
            name = value.get("name")
            if isinstance(name, ScalarNode) and not name.is_empty:
                yield collapse_spaces(name.text)
