"""A row of a table over a base deal: the base's answers with those of the row in their places.

Nodes only, no questions: a row travels to other processes, and becomes answers there without a library.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from agreementgen.deal.characters import collapse
from agreementgen.deal.naming import short_name
from agreementgen.deal.yamlfile import MappingNode, Node, ScalarNode, SequenceNode, YamlText
from agreementgen.errors import InputError, Place, Problem
from agreementgen.sheets.cells import column

# In a cell: this fact is not given here, whatever the base deal says.
NOTHING = ("-", "–", "—")
Path = tuple[str, ...]


@dataclass(frozen=True)
class Address:
    """Where the cells of a column go. `party_at` is the part of `path` that names a party, by its number; -1 for none.

    `several` is True for a list: a cell holds all its entries.
    """

    path: Path
    party_at: int = -1
    several: bool = False

    @property
    def shown(self) -> str:
        return ".".join(self.path)

    def at(self, shorts: dict[str, str]) -> Path:
        """Return the path in a deal whose parties, by number, are called `shorts`."""
        if self.party_at < 0:
            return self.path
        number = self.path[self.party_at]
        return (*self.path[: self.party_at], shorts.get(number, number), *self.path[self.party_at + 1 :])


@dataclass(frozen=True)
class Reference:
    """A place of the base deal that names a party (by number): the text at `path`, or the key of an `entry` there.

    With `before`, the text only begins with the party's name and a colon.
    """

    path: Path
    party: str
    entry: int = -1
    before: bool = False


@dataclass(frozen=True)
class Plan:
    """What all rows of a table share: the columns, and how the base deal speaks of its parties.

    `columns` are indexes and addresses. `replaced` are numbers of the parties whom the base names and the table
    names anew: nothing the base says of them but the role goes for another. `shorts` are the base's, by number.
    """

    file: str
    columns: tuple[tuple[int, Address], ...]
    replaced: tuple[str, ...]
    shorts: tuple[tuple[str, str], ...]
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Row:
    """A row: its number in the table, and its cells, one for each of the plan's columns ("" for empty).

    `remarks` are what its reader should know although nothing is wrong, as that the row is hidden. `problems` are those
    of cells, whose fact they name; `wrong` those of the row as a whole, which nobody can read past.
    """

    plan: Plan
    number: int
    texts: tuple[str, ...]
    remarks: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()
    wrong: tuple[Problem, ...] = ()

    def text(self, path: Path) -> str:
        """Return what the row says at `path` in one line; "" for nothing."""
        for (_, address), text in zip(self.plan.columns, self.texts, strict=True):
            if address.path == path:
                return "" if text.strip() in NOTHING else collapse(text)
        return ""

    def place(self, index: int) -> Place:
        return Place(self.plan.file, self.number, index + 1, f"{column(index + 1)}{self.number}")

    def shorts(self) -> dict[str, str]:
        """Return what the parties are called in this row's deal, by number; "" where nobody can tell."""
        found = dict(self.plan.shorts)
        for number in found:
            short, name = (self.text(("parties", number, key)) for key in ("short", "name"))
            if short or (name and (number in self.plan.replaced or not found[number])):
                found[number] = short or short_name(name)
        return found


def filled(base: YamlText, row: Row) -> YamlText:
    """Return the answers of the row's deal; raise InputError where the row as a whole is wrong."""
    if row.wrong:
        raise InputError((*row.wrong, *row.problems))
    bad = {problem.field for problem in row.problems}
    root: Node = base.root
    shorts = row.shorts()
    for reference in row.plan.references:
        old, new = dict(row.plan.shorts)[reference.party], shorts[reference.party]
        if new and new != old:
            root = _renamed(root, reference, reference.path, old, new)
    for number in row.plan.replaced:
        root = _put(root, ("parties", number), _stranger(root, number, _whole(row, number))) or root
    for (index, address), text in zip(row.plan.columns, row.texts, strict=True):
        if not text.strip():
            continue
        value = None if text.strip() in NOTHING else _value(text, address, row.place(index))
        if address.shown in bad:
            value = ScalarNode(text, row.place(index), bad=True)
        root = _put(root, address.at(shorts), value, row.place(index)) or MappingNode((), root.place)
    assert isinstance(root, MappingNode)
    said = (*base.problems, *row.problems)
    return replace(base, root=_compact(root), warnings=(*base.warnings, *row.remarks), problems=said)


def _whole(row: Row, number: str) -> Place:
    """Return the place of the cell that names a party: what lacks is lacking there."""
    named = (index for index, address in row.plan.columns if address.path[:2] == ("parties", number))
    return row.place(min(named, default=0))


def _stranger(root: Node, number: str, place: Place) -> MappingNode:
    """Return a party that has the role of the base's and nothing else of it."""
    parties = root.get("parties") if isinstance(root, MappingNode) else None
    party = parties.items[int(number) - 1] if isinstance(parties, SequenceNode) else None
    kept = tuple(entry for entry in party if entry[0].text == "role") if isinstance(party, MappingNode) else ()
    return MappingNode(kept, place)


def _value(text: str, address: Address, place: Place) -> Node:
    if not address.several:
        return ScalarNode(text.strip(), place, plain=False)
    parts = [part.strip() for line in text.split("\n") for part in line.split(";")]
    return SequenceNode(tuple(ScalarNode(part, place, plain=False) for part in parts if part), place)


# Stands in a list for an entry that a row takes out, so that the numbers of the others hold until the end.
_GONE = MappingNode((), Place("gone"))
_NOWHERE = Place()


def _put(node: Node | None, path: Path, value: Node | None, place: Place = _NOWHERE) -> Node | None:
    """Return `node` with `value` at `path`, None where nothing is left."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(node, MappingNode) or not first.isdigit():
        entries = list(node) if isinstance(node, MappingNode) else []
        if isinstance(node, ScalarNode) and not node.empty and path == ("person",):
            entries = [(ScalarNode("party", node.place), node)]  # a role of a chart bound to its party in one line
        at = next((n for n, (key, _) in enumerate(entries) if key.text == first), len(entries))
        key, old = entries[at] if at < len(entries) else (ScalarNode(first, place), None)
        new = _put(old, rest, value, place)
        entries[at : at + 1] = [(key, new)] if new is not None else []
        return MappingNode(tuple(entries), node.place if isinstance(node, MappingNode) else place) if entries else None
    items = list(node.items if isinstance(node, SequenceNode) else () if node is None or _empty(node) else (node,))
    index = min(int(first) - 1, len(items))
    old = items[index] if index < len(items) else None
    new = _put(None if old is _GONE else old, rest, value, place)
    if new is not None:
        items[index : index + 1] = [new]
    elif index < len(items):
        items[index] = _GONE
    return SequenceNode(tuple(items), node.place if isinstance(node, SequenceNode) else place) if items else None


def _empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.empty


def _compact(root: MappingNode) -> MappingNode:
    """Return `root` without the entries of lists that were taken out, and without lists that this leaves empty."""

    def kept(node: Node) -> Node | None:
        if isinstance(node, MappingNode):
            pairs = [(key, kept(value)) for key, value in node]
            entries = tuple((key, value) for key, value in pairs if value is not None)
            return MappingNode(entries, node.place) if entries or not node.entries else None
        if isinstance(node, SequenceNode) and node.items:
            items = tuple(new for item in node.items if item is not _GONE and (new := kept(item)) is not None)
            return SequenceNode(items, node.place) if items else None
        return node

    return kept(root) or root  # type: ignore[return-value]


def _renamed(node: Node, reference: Reference, path: Path, old: str, new: str) -> Node:
    """Return `node` with the party's `new` name where `path` leads; what is no longer there needs none."""
    if path:
        if isinstance(node, MappingNode):
            entries: Iterable[tuple[ScalarNode, Node]] = (
                (key, _renamed(value, reference, path[1:], old, new) if key.text == path[0] else value)
                for key, value in node
            )
            return MappingNode(tuple(entries), node.place)
        if isinstance(node, SequenceNode):
            index = int(path[0]) - 1
            items = (_renamed(n, reference, path[1:], old, new) if i == index else n for i, n in enumerate(node.items))
            return SequenceNode(tuple(items), node.place)
        return node
    if isinstance(node, MappingNode):
        named = ((replace(k, text=new) if n == reference.entry else k, v) for n, (k, v) in enumerate(node))
        return MappingNode(tuple(named), node.place)
    if isinstance(node, ScalarNode):
        return replace(node, text=new + node.text[len(old) :] if reference.before else new)
    return node
