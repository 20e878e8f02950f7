"""A row of a table over a base deal, and the deal it makes: the base's answers with those of the row in their places.

All rows of a table share a plan, made once with the questions of the deal: the columns, and where the base deal names
parties that the table names anew. Rows and plan then travel to other processes, and become answers without a library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agreementgen.core.problems import InputError, Place, Problem, collapse_spaces
from agreementgen.deal.deal import Form
from agreementgen.deal.party_names import drop_legal_form
from agreementgen.deal.question_types import PartyType
from agreementgen.deal.questions import Question, Structure
from agreementgen.deal.reader import FactPath, short_name_of
from agreementgen.sheets.cells import column_letters
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode, YamlText

# In a cell: this fact is not given here, whatever the base deal says.
NOT_GIVEN_MARKS = ("-", "–", "—")
# Stands in a list for an entry that a row takes out, so that the numbers of the others hold until the end.
_REMOVED = MappingNode((), Place("gone"))
_NOWHERE = Place()


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

    def path_in_deal(self, short_names: dict[str, str]) -> FactPath:
        """Return the path in a deal whose parties, by number, are called `short_names`."""
        if self.party_at < 0:
            return self.path
        number = self.path[self.party_at]
        return (*self.path[: self.party_at], short_names.get(number, number), *self.path[self.party_at + 1 :])


@dataclass(frozen=True)
class PartyMention:
    """A place of the base deal that names a party (by number): the text at `path`, or the key of an `entry` there.

    With `is_prefix`, the text only begins with the party's name and a colon.
    """

    path: FactPath
    party: str
    entry: int = -1
    is_prefix: bool = False


@dataclass(frozen=True)
class TablePlan:
    """What all rows of a table share: the columns, and how the base deal speaks of its parties.

    `columns` are indexes and addresses. `replaced` are numbers of the parties whom the base names and the table
    names anew: nothing the base says of them but the role goes for another. `short_names` are the base's, by number.
    """

    file: str
    columns: tuple[tuple[int, FactAddress], ...]
    replaced: tuple[str, ...]
    short_names: tuple[tuple[str, str], ...]
    mentions: tuple[PartyMention, ...] = ()


@dataclass(frozen=True)
class PartnerRow:
    """A row: its number in the table, and its cells, one for each of the plan's columns ("" for empty).

    `remarks` are what its reader should know although nothing is wrong, as that the row is hidden. `cell_problems` name
    the fact of their cell; `row_problems` are those of the row as a whole, which nobody can read past.
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
    base_names, short_names = dict(row.plan.short_names), row.short_names()
    for mention in row.plan.mentions:
        old, new = base_names[mention.party], short_names[mention.party]
        if new and new != old:
            root = _rename_mention(root, mention, mention.path, old, new)
    for number in row.plan.replaced:
        party = _party_with_role_only(base.root, number, _place_of_party(row, number))
        root = _set_at(root, ("parties", number), party) or root
    for (index, address), text in zip(row.plan.columns, row.texts, strict=True):
        if not text.strip():
            continue
        place = row.cell_place(index)
        value = None if text.strip() in NOT_GIVEN_MARKS else _cell_to_node(text, address, place)
        if address.dotted_path in bad:
            value = ScalarNode(text, place, bad=True)
        root = _set_at(root, address.path_in_deal(short_names), value, place) or MappingNode((), root.place)
    assert isinstance(root, MappingNode)
    problems = (*base.problems, *row.cell_problems)
    return replace(base, root=_drop_removed(root), warnings=(*base.warnings, *row.remarks), problems=problems)


def parties_of(root: MappingNode) -> tuple[Node, ...]:
    """Return the parties of a deal as they were typed."""
    node = root.get("parties")
    return node.items if isinstance(node, SequenceNode) else ()


def text_of_party(party: Node, key: str) -> str:
    """Return what a party says at `key`, "" for nothing."""
    return party.text_of(key) if isinstance(party, MappingNode) else ""


def _place_of_party(row: PartnerRow, number: str) -> Place:
    """Return the place of the cell that names a party: what lacks is lacking there."""
    named = (index for index, address in row.plan.columns if address.path[:2] == ("parties", number))
    return row.cell_place(min(named, default=0))


def _party_with_role_only(base: MappingNode, number: str, place: Place) -> MappingNode:
    """Return a party that has the role of the base's and nothing else of it."""
    party = parties_of(base)[int(number) - 1]
    kept = tuple(entry for entry in party if entry[0].text == "role") if isinstance(party, MappingNode) else ()
    return MappingNode(kept, place)


def _cell_to_node(text: str, address: FactAddress, place: Place) -> Node:
    if not address.several:
        return ScalarNode(text.strip(), place, plain=False)
    parts = [part.strip() for line in text.split("\n") for part in line.split(";")]
    return SequenceNode(tuple(ScalarNode(part, place, plain=False) for part in parts if part), place)


def _set_at(node: Node | None, path: FactPath, value: Node | None, place: Place = _NOWHERE) -> Node | None:
    """Return `node` with `value` at `path`, None where nothing is left."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(node, MappingNode) or not first.isdigit():
        entries = list(node) if isinstance(node, MappingNode) else []
        if isinstance(node, ScalarNode) and not node.is_empty and path == ("person",):
            entries = [(ScalarNode("party", node.place), node)]  # a role of a chart bound to its party in one line
        index = next((n for n, (key, _) in enumerate(entries) if key.text == first), len(entries))
        key, old = entries[index] if index < len(entries) else (ScalarNode(first, place), None)
        new = _set_at(old, rest, value, place)
        entries[index : index + 1] = [(key, new)] if new is not None else []
        return MappingNode(tuple(entries), node.place if isinstance(node, MappingNode) else place) if entries else None
    if isinstance(node, SequenceNode):
        items = list(node.items)
    else:
        items = [] if node is None or (isinstance(node, ScalarNode) and node.is_empty) else [node]
    index = min(int(first) - 1, len(items))
    old = items[index] if index < len(items) else None
    new = _set_at(None if old is _REMOVED else old, rest, value, place)
    if new is not None:
        items[index : index + 1] = [new]
    elif index < len(items):
        items[index] = _REMOVED
    return SequenceNode(tuple(items), node.place if isinstance(node, SequenceNode) else place) if items else None


def _drop_removed(root: MappingNode) -> MappingNode:
    """Return `root` without the entries of lists that were taken out, and without lists that this leaves empty."""

    def without_removed(node: Node) -> Node | None:
        if isinstance(node, MappingNode):
            pairs = [(key, without_removed(value)) for key, value in node]
            entries = tuple((key, value) for key, value in pairs if value is not None)
            return MappingNode(entries, node.place) if entries or not node.entries else None
        if isinstance(node, SequenceNode) and node.items:
            items = tuple(
                new for item in node.items if item is not _REMOVED and (new := without_removed(item)) is not None
            )
            return SequenceNode(items, node.place) if items else None
        return node

    return without_removed(root) or root  # type: ignore[return-value]


def _rename_mention(node: Node, mention: PartyMention, path: FactPath, old: str, new: str) -> Node:
    """Return `node` with the party's `new` name where `path` leads; what is no longer there needs none."""
    if path and isinstance(node, MappingNode):
        entries = []
        for key, value in node:
            is_on_path = key.text == path[0]
            entries.append((key, _rename_mention(value, mention, path[1:], old, new) if is_on_path else value))
        return MappingNode(tuple(entries), node.place)
    if path and isinstance(node, SequenceNode):
        index = int(path[0]) - 1
        items = [_rename_mention(n, mention, path[1:], old, new) if i == index else n for i, n in enumerate(node.items)]
        return SequenceNode(tuple(items), node.place)
    if path:
        return node
    if isinstance(node, MappingNode):
        named = ((replace(k, text=new) if n == mention.entry else k, v) for n, (k, v) in enumerate(node))
        return MappingNode(tuple(named), node.place)
    if isinstance(node, ScalarNode):
        return replace(node, text=new + node.text[len(old) :] if mention.is_prefix else new)
    return node


class TablePlanner:
    """Makes the plan of a table over the deal `base`; what is wrong with both together is added to `problems`."""

    def __init__(self, name: str, base: YamlText, form: Form, problems: list[Problem]) -> None:
        self.name, self.base, self.form, self.problems = name, base, form, problems

    def make_plan(self, columns: dict[int, FactAddress], head: Place) -> TablePlan:
        """Return the plan for `columns`, by their index; `head` is the place of the row of heads."""
        paths = {address.path for address in columns.values()}
        parties = dict(enumerate(parties_of(self.base.root), 1))
        numbers = range(1, max(len(parties), self.form.party_limits[0]) + 1)
        short_names = {str(n): short_name_of(parties.get(n)) for n in numbers}
        replaced = [n for n in parties if ("parties", str(n), "name") in paths and text_of_party(parties[n], "name")]
        renamed = {n for n in short_names if {("parties", n, "name"), ("parties", n, "short")} & paths}
        mentions = tuple(self.find_mentions(short_names, renamed))
        for number in replaced:
            self.check_required_columns(str(number), paths, head)
            self.check_quoted_names(str(number), parties[number], paths)
        names = tuple(short_names.items())
        return TablePlan(self.name, tuple(columns.items()), tuple(map(str, replaced)), names, mentions)

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
                self.problems.append(Problem(f'no column says "{question.prompt}"', hint, field, head, code="missing"))

    def check_quoted_names(self, number: str, party: Node, paths: set[FactPath]) -> None:
        """Report texts of the base deal that name its own partner: they would stand in every agreement."""
        short_name = short_name_of(party)
        words = {*_identifying_texts(party), short_name}
        pattern = re.compile("|".join(rf"(?<!\w){re.escape(w)}(?!\w)" for w in sorted(words, key=len) if len(w) > 1))
        known = {(mention.path, mention.entry) for mention in self.find_mentions({number: short_name}, {number})}

        def other_texts(node: Node, path: FactPath) -> Iterator[tuple[FactPath, ScalarNode]]:
            if path == ("parties", number) or path in paths:
                return
            if isinstance(node, MappingNode):
                for entry, (key, value) in enumerate(node):
                    if (path, entry) not in known:
                        yield path, key
                    yield from other_texts(value, (*path, key.text))
            elif isinstance(node, SequenceNode):
                for n, item in enumerate(node.items, 1):
                    yield from other_texts(item, (*path, str(n)))
            elif (path, -1) not in known:
                yield path, node

        for path, node in other_texts(self.base.root, ()):
            if found := pattern.search(node.text):
                hint = "write it without the name, or add a column for it"
                message = f'this names "{found[0]}", of the base deal\'s own party {number}: so it would stand for all'
                self.problems.append(Problem(message, hint, ".".join(path), node.place, code="table-base-names-party"))

    # -- where the base deal names parties

    def find_mentions(self, short_names: dict[str, str], renamed: set[str]) -> list[PartyMention]:
        """Return where the base deal names parties, by their short names, that are in `renamed` (by number)."""
        by_name = {short: number for number, short in short_names.items() if short and number in renamed}
        found: list[PartyMention] = []

        def visit(question: Question, node: Node | None, path: FactPath) -> None:
            match node:
                case ScalarNode() if isinstance(question.type, PartyType) and collapse_spaces(node.text) in by_name:
                    found.append(PartyMention(path, by_name[collapse_spaces(node.text)]))
                case MappingNode() if question.structure is Structure.MATRIX:
                    found.extend(self.find_mentions_in_matrix(node, path, by_name))
                    visit_all(question.parts, node, path)
                case ScalarNode() if question.structure is Structure.MATRIX and by_name:
                    self.refuse_matrix_table(node, path)
                case MappingNode() if question.structure in (Structure.PER_PARTY, Structure.SHARES):
                    for entry, (key, value) in enumerate(node):
                        if collapse_spaces(key.text) in by_name:
                            found.append(PartyMention(path, by_name[collapse_spaces(key.text)], entry))
                        if question.parts:
                            visit(question.parts[0], value, (*path, key.text))
                case MappingNode():
                    visit_all(question.parts, node, path)
                case SequenceNode():
                    for n, item in enumerate(node.items, 1):
                        if question.structure is Structure.LIST:
                            visit(question.parts[0], item, (*path, str(n)))
                        elif isinstance(item, MappingNode):
                            visit_all(question.parts, item, (*path, str(n)))

        def visit_all(questions: Sequence[Question], node: MappingNode, path: FactPath) -> None:
            for question in questions:
                visit(question, node.get(question.key), (*path, question.key))

        visit_all(self.form.questions, self.base.root, ())
        # The texts first, then the keys they stand under, the innermost first: so each path still leads there.
        return sorted(found, key=lambda mention: (mention.entry >= 0, -len(mention.path)))

    def find_mentions_in_matrix(
        self, node: MappingNode, path: FactPath, by_name: dict[str, str]
    ) -> Iterator[PartyMention]:
        """Yield the parties to whom roles are bound, and those that carry out tasks in a role ("Bay Rank: Manager")."""
        roles, tasks, table = node.get("roles"), node.get("tasks"), node.get("table")
        if isinstance(table, ScalarNode) and by_name:
            self.refuse_matrix_table(table, (*path, "table"))
        for key, role in roles if isinstance(roles, MappingNode) else ():
            here = (*path, "roles", key.text)
            if isinstance(role, MappingNode):
                here, role = (*here, "party"), role.get("party") or role
            if isinstance(role, ScalarNode) and collapse_spaces(role.text) in by_name:
                yield PartyMention(here, by_name[collapse_spaces(role.text)])
        for key, task in tasks if isinstance(tasks, MappingNode) else ():
            doers = task.get("carries out") if isinstance(task, MappingNode) else None
            here = (*path, "tasks", key.text, "carries out")
            items = doers.items if isinstance(doers, SequenceNode) else [doers]
            for n, item in enumerate(items, 1):
                if isinstance(item, ScalarNode) and item.text.partition(": ")[0] in by_name:
                    whole = (*here, str(n)) if isinstance(doers, SequenceNode) else here
                    yield PartyMention(whole, by_name[item.text.partition(": ")[0]], is_prefix=True)

    def refuse_matrix_table(self, node: ScalarNode, path: FactPath) -> None:
        """Report, once, a chart that stands in a table beside the base deal."""
        code = "table-raci-beside"
        if not any(problem.code == code for problem in self.problems):
            message = "the chart stands in a table of its own, which cannot follow the parties from row to row"
            hint = "write its roles and tasks into the base deal"
            self.problems.append(Problem(message, hint, ".".join(path), node.place, code=code))


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
            yield collapse_spaces(value.text_of("name"))
