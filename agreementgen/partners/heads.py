"""The heads of a table of partners: which fact of the deal each may mean.

The head of a column is the path of a fact, its prompt, the label of its row in the agreement, or another plain
spelling. Heads are looked up in rounds, the exact spellings first; one that can mean several facts is refused, as two
people would read the table differently.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from agreementgen.core.problems import find_nearest
from agreementgen.deal.deal import Form
from agreementgen.deal.question_types import (
    PERCENT,
    TEXT,
)
from agreementgen.deal.questions import Question, Structure, name_in_clauses
from agreementgen.deal.reader import FactPath, short_name_of
from agreementgen.library.library import Library
from agreementgen.partners.rows import FactAddress, parties_of, text_of_party
from agreementgen.yamlfile.nodes import MappingNode

# The number of an entry of a list, in spellings.
_ANY_NUMBER = "#"
_NOTE = re.compile(r"\s*(?:\(.*\)|\[.*\]|#.*)\s*", re.DOTALL)
_ONE_FACT = re.compile(r"\{\{ *([a-z_][a-z0-9_.]*)(?: *\| *[a-z]+)* *\}\}")
# Usual heads of exports, by the fact of a party; how a deal file or a question calls a fact goes before them.
EXPORT_HEADS = {
    (
        "name",
    ): "company,company name,business,business name,account,account name,organization,organisation,organization "
    "name,firm,vendor name,partner name,partner company,legal entity name,legal business name,account account name,"
    "registered name,full legal name,organization 1 name,reseller,reseller name,supplier,supplier name,customer name,"
    "client name,customer company,firma,firmenname,unternehmen,société,raison sociale",
    ("entity",): "type,business type,company type,legal form,entity type,legal entity type,structure,legal structure,"
    "rechtsform,forme juridique",
    (
        "formed in",
    ): "state of incorporation,state of registration,incorporated in,registered in,jurisdiction,formation state,"
    "state of formation,state of organization,state of inc,state of inc.,incorporation state,registered state",
    ("email",): "e mail,e mail address,contact email,contact e mail,primary email,business email,"
    "company email,mail,contact email address,e mail 1 value,email 1,work email,"
    "main email,person email,person email work,work e mail,signer email,signatory email",
    (
        "signatory",
        "name",
    ): "owner,owner name,signatory,signed by,signs,authorized signatory,authorised signatory,principal,"
    "authorized signer,signer name,signatory name",
    ("signatory", "title"): "title,job title,position,contact title,owner title,signatory title,organization 1 title,"
    "signer title,organization title,person job title,authorized signer title",
    ("contact",): "contact name,primary contact,main contact,contact full name,primary contact name,key contact,"
    "full name,contact person,point of contact,person name,ansprechpartner",
    ("address",): "mailing address,business address,registered address,postal address,company address,office address,"
    "hq address,billing address,full address,legal address,headquarters,headquarters address,address 1 formatted,"
    "organization address,adresse,anschrift",
}
# How alike a head must be to a known one to be a misspelling of it, and no column of its own.
_MISSPELT = 0.82


def is_note(head: str) -> bool:
    """Return whether a column is for people only: its head stands in brackets or begins with #."""
    return bool(_NOTE.fullmatch(head))


def normalize_head(head: str) -> str:
    """Return a head for comparing: case, accents' encoding, _ and spaces around full stops do not matter."""
    text = unicodedata.normalize("NFC", head).casefold().replace("’", "'")
    text = re.sub(r"[\s_:]+", " ", text.replace("-", " ")).strip(" *:?")
    text = text.replace("'s ", " ")
    return re.sub(r" ?[./>] ?", ".", text)


@dataclass(frozen=True)
class ColumnFact:
    """A fact that a column may give. `path` has # for the number of a list's entry."""

    path: FactPath
    question: Question
    party_at: int = -1
    several: bool = False


@dataclass(frozen=True)
class UnclearHead:
    """A head that means no fact (`code` "unknown-name"), or several ("ambiguous"), and what to do about it."""

    code: Literal["unknown-name", "ambiguous"]
    hint: str


class HeadIndex:
    """The heads that tables over one base deal may have.

    `rounds` are the paths by spelling, the exact spellings first; `questions` those of the addresses that were found.
    """

    def __init__(self, library: Library, form: Form, root: MappingNode) -> None:
        self.form, self.root = form, root
        self.rounds: list[dict[str, set[FactPath]]] = [{}, {}, {}, {}]
        self.facts: dict[FactPath, ColumnFact] = {}
        self.questions: dict[FactPath, Question] = {}
        self.parties = tuple(map(short_name_of, parties_of(root)))
        self.roles = _roles_by_number(root, form)
        for fact in self.facts_of_questions(form.questions, ()):
            self.facts.setdefault(fact.path, fact)
        for fact in self.facts.values():
            self.add_spellings(fact)
        for label, names in _labels_of_one_fact(library, form):
            for path in self.facts:
                if tuple(map(name_in_clauses, path)) == names:
                    self.add_spelling(1, label, path)

    def find_address(self, head: str) -> FactAddress | UnclearHead:
        """Return where the cells of the column go."""
        text = normalize_head(head)
        for spellings in self.rounds:
            for numbers, spelling in _open_numbers(text):
                found = spellings.get(spelling)
                if found is None:
                    continue
                single = {path for path in found if _ANY_NUMBER not in path}
                if len(found) > 1 and len(single) == 1:
                    found = single  # the fee, rather than that of a first tier
                if len(found) > 1:
                    paths = sorted(".".join(path).replace(_ANY_NUMBER, "1") for path in found)
                    return UnclearHead("ambiguous", "write " + " or ".join(f'"{path}"' for path in paths[:4]))
                fact = self.facts[next(iter(found))]
                given = iter(numbers)
                whole = tuple(next(given, "1") if part == _ANY_NUMBER else part for part in fact.path)
                self.questions[whole] = fact.question
                return FactAddress(whole, fact.party_at, fact.several)
        return UnclearHead("unknown-name", self.suggest_nearest(text))

    def is_misspelt(self, head: str) -> bool:
        """Return whether a head is so close to a known one that it may be meant."""
        text = normalize_head(head)[:200]
        known = [spelling for spellings in self.rounds for spelling in spellings if abs(len(spelling) - len(text)) < 4]
        return len(text) > 3 and bool(get_close_matches(text, known, 1, _MISSPELT))

    def suggest_nearest(self, text: str) -> str:
        known = {spelling: paths for spellings in reversed(self.rounds) for spelling, paths in spellings.items()}
        spelling = find_nearest(text[:200], known)
        if not spelling:
            return '"agreementgen show questions" lists the facts; a head in brackets or behind # is a note'
        paths = [".".join(path).replace(_ANY_NUMBER, "1") for path in sorted(known[spelling])]
        return "did you mean " + " or ".join(f'"{path}"' for path in paths[:3]) + "?"

    # -- facts

    def facts_of_questions(
        self, questions: Iterable[Question], above: FactPath, party_at: int = -1
    ) -> Iterator[ColumnFact]:
        for question in questions:
            path = (*above, question.key)
            if path != ("agreement",):
                yield from self.facts_of_question(question, path, party_at)

    def facts_of_question(self, question: Question, path: FactPath, party_at: int) -> Iterator[ColumnFact]:
        match question.structure:
            case Structure.SCALAR:
                yield ColumnFact(path, question, party_at)
            case Structure.LIST if question.parts[0].is_scalar:
                yield ColumnFact(path, question, party_at, several=True)
                yield ColumnFact((*path, _ANY_NUMBER), question.parts[0], party_at)
            case Structure.GROUP:
                if question.words:
                    yield ColumnFact(path, question, party_at)
                yield from self.facts_of_questions(question.parts, path, party_at)
            case Structure.GROUPS if path == ("parties",):
                for number in range(1, max(len(self.parties), self.form.party_limits[0]) + 1):
                    yield from self.facts_of_questions(question.parts, (*path, str(number)))
            case Structure.GROUPS:
                yield from self.facts_of_questions(question.parts, (*path, _ANY_NUMBER), party_at)
            case Structure.PER_PARTY:
                for number in range(1, len(self.parties) + 1):
                    yield from self.facts_of_question(question.parts[0], (*path, str(number)), len(path))
            case Structure.SHARES:
                for number in range(1, len(self.parties) + 1):
                    yield ColumnFact((*path, str(number)), Question("", PERCENT, "", question.place), len(path))
            case Structure.MATRIX:
                yield from self.facts_of_questions(question.parts, path, party_at)
                yield from self.facts_of_matrix_roles(question, path)

    def facts_of_matrix_roles(self, question: Question, path: FactPath) -> Iterator[ColumnFact]:
        """Yield the person of each role of a matrix in the base deal."""
        matrix = self.root.get(path[0]) if len(path) == 1 else None
        roles = matrix.get("roles") if isinstance(matrix, MappingNode) else None
        for name, _ in roles if isinstance(roles, MappingNode) else ():
            yield ColumnFact((*path, "roles", name.text, "person"), Question("person", TEXT, "", question.place))

    # -- spellings

    def add_spelling(self, number: int, head: str, path: FactPath) -> None:
        if normalize_head(head):
            self.rounds[number].setdefault(normalize_head(head), set()).add(path)

    def add_spellings(self, fact: ColumnFact) -> None:
        path, question = fact.path, fact.question
        names = [".".join(path)]
        if path[0] == "parties" and len(path) > 1:
            names += [".".join((name, *path[2:])) for name in self.names_of_party(path[1])]
        elif fact.party_at >= 0:
            before, number, behind = path[: fact.party_at], path[fact.party_at], path[fact.party_at + 1 :]
            # "responsibilities.2" would be entry 2 of a list to most people.
            names = [".".join((*before, name, *behind)) for name in self.names_of_party(number)]
        for name in names:
            self.add_spelling(0, name, path)
            self.add_spelling(1, name.replace(".", " "), path)
        if path[0] == "parties" and len(path) > 1:
            for name in self.names_of_party(path[1]):
                for head in question.other_heads:
                    self.add_spelling(1, f"{name} {head}", path)
        if path[0] == "parties" and len(path) > 1 and not self.is_meant_by_default(path[1]):
            return
        for head in (question.prompt, *question.other_heads):
            self.add_spelling(1, head, path)
        if path[0] == "parties":
            for head in EXPORT_HEADS.get(path[2:], "").split(","):
                self.add_spelling(2, head, path)
        if path == ("effective",):
            for head in ("start date", "effective date", "start", "agreement date", "contract start"):
                self.add_spelling(2, head, path)
        tail = [part for part in path if part != _ANY_NUMBER]
        for start in range(1 if path[0] != "parties" else 2, len(tail)):
            self.add_spelling(3, ".".join(tail[start:]), path)
            self.add_spelling(3, " ".join(tail[start:]), path)

    def names_of_party(self, number: str) -> list[str]:
        """Return the ways to name a party: its number, its short name, its role."""
        short = self.parties[int(number) - 1] if int(number) <= len(self.parties) else ""
        role = self.roles.get(number, "")
        return [name for name in (f"parties.{number}", f"party {number}", short, role) if name]

    def is_meant_by_default(self, number: str) -> bool:
        """Return whether a head that names no party means this one: the only one that the base deal does not name."""
        unnamed = [str(n) for n, party in enumerate(parties_of(self.root), 1) if not text_of_party(party, "name")]
        return not unnamed or unnamed == [number]


def _open_numbers(text: str) -> Iterator[tuple[list[str], str]]:
    """Yield a head with none, one and more of its numbers (the last first) as those of entries, and these numbers."""
    numbers = list(re.finditer(r"(?<=[. ])[0-9]{1,3}(?=[. ]|$)", text))
    for count in range(len(numbers) + 1):
        chosen, head = numbers[len(numbers) - count :], text
        for match in reversed(chosen):
            head = head[: match.start()] + _ANY_NUMBER + head[match.end() :]
        yield [match[0] for match in chosen], head


def _roles_by_number(root: MappingNode, form: Form) -> dict[str, str]:
    """Return the roles of the parties by number: the one a party says, and to the others those left, in order."""
    parties = parties_of(root)
    roles = {str(n): role.lower() for n, party in enumerate(parties, 1) if (role := text_of_party(party, "role"))}
    left = iter([role for role in form.roles if role not in roles.values()])
    for number in range(1, max(len(parties), form.party_limits[0]) + 1):
        if str(number) not in roles and (role := next(left, "")):
            roles[str(number)] = role
    return roles


def _labels_of_one_fact(library: Library, form: Form) -> Iterator[tuple[str, FactPath]]:
    """Yield the labels of key terms that print one fact and nothing else, with its names in clauses."""
    for topic_id in library.outlines[form.kind].topics:
        for row in library.topics[topic_id].terms:
            found = _ONE_FACT.fullmatch(row.says.text.strip())
            if found and not row.each and "{" not in row.label.text:
                yield row.label.text, tuple(found[1].split("."))
