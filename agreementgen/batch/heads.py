"""Which fact a column of a table means: its head is a path, a prompt, the label of a row, or another plain spelling.

A head is looked up in rounds, the exact spellings first. In each round it means one fact, or several, which is
refused: two people would read the table differently.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from agreementgen.batch.documents import short_of
from agreementgen.batch.rows import Address, Path
from agreementgen.deal.questions import SCALARS, Question
from agreementgen.deal.reading import Form
from agreementgen.deal.yamlfile import MappingNode, ScalarNode, SequenceNode
from agreementgen.errors import nearest
from agreementgen.library.library import Library

# The number of an entry of a list, in spellings.
_ANY = "#"
_NOTE = re.compile(r"\s*(?:\(.*\)|\[.*\]|#.*)\s*", re.DOTALL)


def is_note(head: str) -> bool:
    """Return whether a column is for people only: its head stands in brackets or begins with #."""
    return bool(_NOTE.fullmatch(head))


def plain(head: str) -> str:
    """Return a head for comparing: case, accents' encoding, _ and spaces around full stops do not matter."""
    text = unicodedata.normalize("NFC", head).casefold().replace("’", "'")
    text = re.sub(r"[\s_]+", " ", text.replace("-", " ")).strip(" *:?")
    text = text.replace("'s ", " ")
    return re.sub(r" ?[./>] ?", ".", text)


@dataclass(frozen=True)
class Fact:
    """A fact that a column may give. `path` has # for the number of a list's entry."""

    path: Path
    question: Question
    party_at: int = -1
    several: bool = False


@dataclass
class Heads:
    """The heads that tables over one base deal may have."""

    library: Library
    form: Form
    root: MappingNode
    rounds: list[dict[str, set[Path]]] = field(default_factory=lambda: [{}, {}, {}])
    facts: dict[Path, Fact] = field(default_factory=dict)
    # The questions of the addresses that were found.
    asked: dict[Path, Question] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parties = tuple(_parties(self.root))
        self.roles = _roles(self.root, self.form)
        for fact in self.every(self.form.questions, ()):
            self.facts.setdefault(fact.path, fact)
        for fact in self.facts.values():
            self.spell(fact)
        for label, names in _labels(self.library, self.form):
            for fact in self.facts.values():
                if tuple(part.replace(" ", "_").replace("-", "_") for part in fact.path) == names:
                    self.add(1, label, fact.path)

    def address(self, head: str) -> Address | str:
        """Return where the cells of the column go, or a hint where the head means no fact, or several."""
        text = plain(head)
        for spellings in self.rounds:
            for numbers, spelling in _generic(text):
                found = spellings.get(spelling)
                if found is None:
                    continue
                if len(found) > 1:
                    named = sorted(".".join(path).replace(_ANY, "1") for path in found)
                    return "write " + " or ".join(f'"{path}"' for path in named[:4])
                fact = self.facts[next(iter(found))]
                given = iter(numbers)
                whole = tuple(next(given, "1") if part == _ANY else part for part in fact.path)
                self.asked[whole] = fact.question
                return Address(whole, fact.party_at, fact.several)
        return self.nearest(text)

    def nearest(self, text: str) -> str:
        known = {spelling: path for spellings in reversed(self.rounds) for spelling, path in spellings.items()}
        close = nearest(text[:200], known)
        if not close.startswith("did you mean"):
            return '"agreementgen show questions" lists the facts; a head in brackets or behind # is a note'
        paths = sorted(known[close.split('"')[1]])
        return "did you mean " + " or ".join(f'"{".".join(path)}"' for path in paths[:3]).replace("#", "1") + "?"

    # -- facts

    def every(self, questions: Iterable[Question], above: Path, party_at: int = -1) -> Iterator[Fact]:
        for question in questions:
            here = (*above, question.key)
            if here != ("agreement",):
                yield from self.inside(question, here, party_at)

    def inside(self, question: Question, here: Path, party_at: int) -> Iterator[Fact]:
        match question.type:
            case kind if kind in SCALARS:
                yield Fact(here, question, party_at)
            case "list" if question.of[0].type in SCALARS:
                yield Fact(here, question, party_at, several=True)
                yield Fact((*here, _ANY), question.of[0], party_at)
            case "group":
                if question.words:
                    yield Fact(here, question, party_at)
                yield from self.every(question.of, here, party_at)
            case "list of groups" if here == ("parties",):
                for number in range(1, max(len(self.parties), self.form.parties[0]) + 1):
                    yield from self.every(question.of, (*here, str(number)))
            case "list of groups":
                yield from self.every(question.of, (*here, _ANY), party_at)
            case "per party":
                for number in range(1, len(self.parties) + 1):
                    yield from self.inside(question.of[0], (*here, str(number)), len(here))
            case "shares":
                for number in range(1, len(self.parties) + 1):
                    yield Fact((*here, str(number)), Question("", "percent", "", question.place), len(here))
            case "raci":
                yield from self.every(question.of, here, party_at)
                yield from self.people(question, here)

    def people(self, question: Question, here: Path) -> Iterator[Fact]:
        """Yield the person of each role of a matrix in the base deal."""
        matrix = self.root.get(here[0]) if len(here) == 1 else None
        roles = matrix.get("roles") if isinstance(matrix, MappingNode) else None
        for name, _ in roles if isinstance(roles, MappingNode) else ():
            yield Fact((*here, "roles", name.text, "person"), Question("person", "text", "", question.place))

    # -- spellings

    def add(self, number: int, head: str, path: Path) -> None:
        if plain(head):
            self.rounds[number].setdefault(plain(head), set()).add(path)

    def spell(self, fact: Fact) -> None:
        path, question = fact.path, fact.question
        names = [".".join(path)]
        if path[0] == "parties" and len(path) > 1:
            names += [".".join((name, *path[2:])) for name in self.names(path[1])]
        elif fact.party_at >= 0:
            before, number, behind = path[: fact.party_at], path[fact.party_at], path[fact.party_at + 1 :]
            # "responsibilities.2" would be entry 2 of a list to most people.
            names = [".".join((*before, name, *behind)) for name in self.names(number)]
        for name in names:
            self.add(0, name, path)
            self.add(1, name.replace(".", " "), path)
        if path[0] == "parties" and len(path) > 1:
            for name in self.names(path[1]):
                for head in question.heads:
                    self.add(1, f"{name} {head}", path)
        if path[0] == "parties" and len(path) > 1 and not self.varied(path[1]):
            return
        for head in (question.prompt, *question.heads):
            self.add(1, head, path)
        tail = [part for part in path if part != _ANY]
        for start in range(1 if path[0] != "parties" else 2, len(tail)):
            self.add(2, ".".join(tail[start:]), path)
            self.add(2, " ".join(tail[start:]), path)

    def names(self, number: str) -> list[str]:
        """Return the ways to name a party: its number, its short name, its role."""
        short = self.parties[int(number) - 1] if int(number) <= len(self.parties) else ""
        role = self.roles.get(number, "")
        return [name for name in (f"parties.{number}", f"party {number}", short, role) if name]

    def varied(self, number: str) -> bool:
        """Return whether a head that names no party means this one: the only one that the base deal does not name."""
        nodes = self.root.get("parties")
        items = nodes.items if isinstance(nodes, SequenceNode) else ()
        open_ = [
            str(n) for n, node in enumerate(items, 1) if not (isinstance(node, MappingNode) and _said(node, "name"))
        ]
        return open_ == [number] if open_ else True


def _generic(text: str) -> Iterator[tuple[list[str], str]]:
    """Yield a head with none, one and more of its numbers (the last first) as those of entries, and these numbers."""
    numbers = list(re.finditer(r"(?<=[. ])[0-9]{1,3}(?=[. ]|$)", text))
    for count in range(len(numbers) + 1):
        chosen, said = numbers[len(numbers) - count :], text
        for match in reversed(chosen):
            said = said[: match.start()] + _ANY + said[match.end() :]
        yield [match[0] for match in chosen], said


def _parties(root: MappingNode) -> Iterator[str]:
    node = root.get("parties")
    yield from (short_of(item) for item in node.items) if isinstance(node, SequenceNode) else ()


def _roles(root: MappingNode, form: Form) -> dict[str, str]:
    """Return the roles of the parties by number: the one a party says, and to the others those left, in order."""
    node = root.get("parties")
    items = node.items if isinstance(node, SequenceNode) else ()
    said = {
        str(n): _said(item, "role").lower()
        for n, item in enumerate(items, 1)
        if isinstance(item, MappingNode) and _said(item, "role")
    }
    left = iter([role for role in form.roles if role not in said.values()])
    for number in range(1, max(len(items), form.parties[0]) + 1):
        if str(number) not in said and (role := next(left, "")):
            said[str(number)] = role
    return said


def _said(node: MappingNode, key: str) -> str:
    value = node.get(key)
    return value.text.strip() if isinstance(value, ScalarNode) and not value.empty else ""


_ONE_FACT = re.compile(r"\{\{ *([a-z_][a-z0-9_.]*)(?: *\| *[a-z]+)* *\}\}")


def _labels(library: Library, form: Form) -> Iterator[tuple[str, Path]]:
    """Yield the labels of key terms that print one fact and nothing else, with its names in clauses."""
    for topic_id in library.outlines[form.kind].topics:
        for row in library.topics[topic_id].rows:
            found = _ONE_FACT.fullmatch(row.says.source.strip())
            if found and not row.each and "{" not in row.label.source:
                yield row.label.source, tuple(found[1].split("."))
