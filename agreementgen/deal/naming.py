"""Short names: what the parties are called in a deal file and in the agreement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from agreementgen.deal.characters import shown
from agreementgen.deal.deal import Answer
from agreementgen.deal.entries import Facts
from agreementgen.deal.questions import Question, walk
from agreementgen.deal.yamlfile import MappingNode, Node, SequenceNode
from agreementgen.errors import Place

if TYPE_CHECKING:
    from agreementgen.deal.reading import Reader

_SUFFIX = re.compile(
    r"[,\s]+(?:LLC|L\.L\.C\.|Inc\.?|Incorporated|Corp\.?|Corporation|Ltd\.?|Limited|LLP|LP|PLLC|PC|P\.C\.|Co\.|"
    r"GmbH|mbH|AG|S\.?A\.?|B\.?V\.?)$",
    re.IGNORECASE,
)


def short_name(name: str) -> str:
    """Return `name` without its legal form: "Rosa's Bakery LLC" is "Rosa's Bakery"."""
    return _SUFFIX.sub("", name).strip() or name


class Naming:
    """Gives every party its short name. `complete` is False where one has none that can be read."""

    def __init__(self, reader: Reader, question: Question, node: Node | None) -> None:
        self.reader = reader
        self.question = question
        self.short = question.part("short")
        self.nodes = node.items if isinstance(node, SequenceNode) else ()
        self.complete = len(self.nodes) >= reader.form.parties[0]

    def named(self) -> dict[str, Mapping[str, Any]]:
        """Return the parties by short name; report names that are missing, taken, or mean something else."""
        known: dict[str, Mapping[str, Any]] = {}
        reported = {problem.field for problem in self.reader.problems}
        taken: dict[str, int] = {}
        found = list(self.parties())
        self.complete = self.complete and len(found) == len(self.nodes)
        for number, party, place in found:
            path = f"parties.{number}.short"
            double = bool({path, f"parties.{number}.name"} & reported)
            if party["short"] is None and not double and party["name"]:
                self.derive(party, path, place)
            short = party["short"]
            if not short:
                self.complete = False
                continue
            first = taken.setdefault(short.casefold(), number)
            if first != number:
                self.complete = False
                if not double:
                    self.reader.problem(
                        f'"{short}" would be the short name of two parties',
                        'give each its own, as in "short: ..."',
                        path,
                        place,
                    )
                continue
            if short.lower() in self.words():
                self.reader.problem(
                    f'"{short}" has a meaning of its own in a deal file, so no party can be called that',
                    'choose another short name, as in "short: ..."',
                    path,
                    place,
                )
            known[short] = party
        return known

    def parties(self) -> Iterator[tuple[int, Facts, Place]]:
        """Yield number, facts and place of each party that is a group."""
        facts = iter(self.reader.facts["parties"])
        for number, node in enumerate(self.nodes[: self.reader.form.parties[1]], 1):
            if isinstance(node, MappingNode) and (party := next(facts, None)) is not None:
                at = node.get("short")
                yield number, party, at.place if at else node.place

    def derive(self, party: Facts, path: str, place: Place) -> None:
        """Take the legal name without its legal form."""
        short = short_name(party["name"])
        most = self.short.limits.characters if self.short else 0
        if most and len(short) > most:
            self.reader.problem(
                f'"{shown(short)}" is too long to serve as the short name in the text',
                f'add "short: ..." with up to {most} characters',
                path,
                place,
            )
            return
        party["short"] = short
        if self.short:
            self.reader.answers.append(Answer(path, self.short, short, place, False))

    def words(self) -> frozenset[str]:
        """Words that stand for something else where a party may be named."""
        questions = [question for _, question in walk(self.reader.form.questions) if question.type == "party"]
        return frozenset(word for question in questions for word in question.words or ())
