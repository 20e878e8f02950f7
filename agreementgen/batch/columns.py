"""Which columns a table over a base deal should have: the facts that differ from partner to partner.

These are what the partner itself says (the party that the base deal does not name, or else its last one), facts that
must be answered and are not, facts whose name stands in the base deal with nothing behind it, the tier, days that the
base leaves open, and open facts of those topics which the base speaks of. Any other fact can be added by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from agreementgen.batch.heads import Heads, plain
from agreementgen.batch.rows import Address, Path
from agreementgen.deal.questions import SCALARS, Question
from agreementgen.deal.reading import Form
from agreementgen.deal.schema import node_text
from agreementgen.deal.standing import Standing, look
from agreementgen.deal.yamlfile import MappingNode, Node, ScalarNode, SequenceNode, YamlText
from agreementgen.language.conditions import Names, in_words
from agreementgen.library.library import Library

# The name of a party must differ from those of all others, and examples come from one pair of parties.
_OTHER = {"name": "Bay Rank Digital, Inc.", "short": "Bay Rank", "email": "lee@bayrank.example"}


@dataclass(frozen=True)
class Column:
    """A column to fill in. `usual` is what the base deal says where a cell stays empty; `must`: none may stay empty.

    `choices` are the only texts allowed (none: anything its question takes).
    """

    head: str
    address: Address
    question: Question
    must: bool = False
    usual: str = ""
    example: str = ""
    choices: tuple[str, ...] = ()

    @property
    def item(self) -> Question:
        """The question of one entry, for a column of lists."""
        return self.question.of[0] if self.address.several else self.question

    @property
    def help(self) -> str:
        """What belongs into the column, in a few sentences."""
        question = self.question
        said = [question.prompt if question.prompt.endswith(("?", ".")) else f"{question.prompt}.", question.help]
        if question.when:
            said.append(f"Only where {in_words(question.when, _plain_names)}.")
        if self.choices:
            said.append(f"One of: {', '.join(self.choices)}.")
        limits = self.item.limits
        if limits.least and limits.most and self.item.type in _SIZES:
            said.append(f"From {limits.least} to {limits.most}.")
        if self.address.several:
            said.append("Put a semicolon between several.")
        if self.must:
            said.append("Must be filled in.")
        elif self.usual:
            said.append(f'Empty means "{self.usual}", as in the base deal.')
        return " ".join(part for part in said if part)


_SIZES = ("integer", "number", "percent", "money", "duration")


def _plain_names(names: Names) -> tuple[str, str]:
    return " ".join(names[1:] if names[0] == "this" else names).replace("_", " "), ""


def columns(base: YamlText, source: str, form: Form, library: Library) -> tuple[Column, ...]:
    """Return the columns of a table over the deal `base`, those of the partner first."""
    heads = Heads(library, form, base.root)
    return tuple(_Columns(base.root, look(base, source, form), form, heads).every())


class _Columns:
    def __init__(self, root: MappingNode, standing: Standing, form: Form, heads: Heads) -> None:
        self.root, self.standing, self.form, self.heads = root, standing, form, heads

    def every(self) -> Iterator[Column]:
        parties = next((question for question in self.form.questions if question.key == "parties"), None)
        for number in self.partners():
            for question in parties.of if parties else ():
                yield from self.of_partner(question, ("parties", number, question.key))
        facts = sorted(self.of_deal(), key=lambda column: not column.question.among)
        yield from facts

    # -- the partner

    def items(self) -> tuple[Node, ...]:
        node = self.root.get("parties")
        return node.items if isinstance(node, SequenceNode) else ()

    def partners(self) -> list[str]:
        """Return the numbers of the parties that the base deal does not name, or of the last one."""
        items = self.items()
        count = max(len(items), self.form.parties[0])
        unnamed = [n for n in range(1, count + 1) if n > len(items) or not _text(items[n - 1], ("name",))]
        return [str(number) for number in unnamed or [count]]

    def of_partner(self, question: Question, path: Path) -> Iterator[Column]:
        if question.type == "group":
            for part in question.of:
                yield from self.of_partner(part, (*path, part.key))
            return
        needed = question.needed == "yes" and question.default is None
        if path[2] == "role" or not question.asked or not (question.printed or needed) or not _fits(question):
            return
        said = self.said(path)
        named = bool(self.said((*path[:2], "name")))
        if said and not named:
            return  # the base deal says it for every partner, as that all are limited liability companies
        example = said or question.example or next(iter(question.choices or ()), "")
        if not said and any(_text(item, path[2:]) == example for item in self.items()):
            example = _OTHER.get(path[2], example)
        choices = tuple(question.choices or ()) if question.type == "choice" else ()
        yield self.column(
            path, question, Column("", Address(()), question, needed and not question.when, "", example, choices)
        )

    def said(self, path: Path) -> str:
        items = self.items()
        return _text(items[int(path[1]) - 1], path[2:]) if int(path[1]) <= len(items) else ""

    # -- facts of the deal

    def of_deal(self) -> Iterator[Column]:
        states = {fact.path: fact.state for fact in self.standing.facts}
        for fact in self.standing.facts:
            path, question = fact.path, fact.question
            if path[0] in ("parties", "agreement") or not question.asked or question.fixed or not _fits(question):
                continue
            if path not in self.heads.facts:
                continue
            typed_empty = _empty(_at(self.root, path))
            day = question.type == "date" and fact.state in ("usual", "open")
            beside = fact.state == "open" and question.type in SCALARS and states.get(path[:-1]) == "answered"
            if typed_empty or question.among or fact.state == "missing" or (question.printed and (day or beside)):
                must = fact.state == "missing"
                said = _text(self.root, path)
                default = self.form.defaults.get(".".join(path), question.default)
                usual = said or (node_text(default) if fact.state == "usual" else "")
                choices = self.choices(question)
                example = said or (choices[0] if question.among and choices else question.example or usual)
                made = Column("", Address(()), question, must, usual, example or next(iter(choices), ""), choices)
                # Whether it applies is known: the base deal has what that depends on.
                yield self.column(path, question, replace(made, question=replace(question, when="")))

    def choices(self, question: Question) -> tuple[str, ...]:
        item = question.of[0] if question.type == "list" else question
        if question.type == "choice":
            return tuple(item.choices or ())
        if item.type == "yes/no":
            return ("yes", "no")
        list_path, _, part = question.among.rpartition(".")
        there = _at(self.root, tuple(list_path.split("."))) if list_path else None
        return tuple(_text(entry, (part,)) for entry in there.items) if isinstance(there, SequenceNode) else ()

    # -- heads

    def column(self, path: Path, question: Question, made: Column) -> Column:
        several = question.type == "list"
        for head in self.spellings(path, question):
            found = self.heads.address(head)
            if isinstance(found, Address) and found.path == path and found.several == several:
                return replace(made, head=head, address=found)
        raise AssertionError(f"no head leads to {path}")

    def spellings(self, path: Path, question: Question) -> Iterator[str]:
        """Yield heads for a fact, the plainest first; the last is its path, which always leads to it."""
        if path[0] == "parties":
            role = self.heads.roles.get(path[1], "")
            who = role or f"party {path[1]}"
            yield " ".join((who, question.heads[0] if question.heads else " ".join(path[2:]))).capitalize()
            yield " ".join((who, *path[2:])).capitalize()
        else:
            yield from (head.capitalize() for head in question.heads)
            if plain(path[-1]) in self.heads.rounds[1]:  # the label of its row in the agreement
                yield path[-1].capitalize()
            yield " ".join(path).capitalize()
        yield ".".join(path)


def _fits(question: Question) -> bool:
    """Return whether one cell can hold the answer, and the same answer is right whatever the partner is called."""
    item = question.of[0] if question.type == "list" else question
    return item.type in SCALARS and item.type != "party"


def _at(node: Node | None, path: Path) -> Node | None:
    for part in path:
        node = node.get(part) if isinstance(node, MappingNode) else None
    return node


def _empty(node: Node | None) -> bool:
    return isinstance(node, ScalarNode) and node.empty


def _text(node: Node | None, path: Path) -> str:
    """Return the text at `path`, the entries of a list with semicolons between them; "" for nothing."""
    found = _at(node, path)
    if isinstance(found, SequenceNode):
        return "; ".join(item.text.strip() for item in found.items if isinstance(item, ScalarNode))
    return found.text.strip() if isinstance(found, ScalarNode) and not found.empty else ""
