"""One question in its place in a deal: what Reader meets and Completion settles.

Defaults, what is missing, and what was answered although other answers make it idle.

Short names: what the parties are called in a deal file and in the agreement.

Roles: what the parties are to each other (vendor and partner); each is held by one party.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agreementgen.core.characters import shown
from agreementgen.core.problems import Place
from agreementgen.core.values import Choice
from agreementgen.deal import questions
from agreementgen.deal.deal import Answer
from agreementgen.deal.questions import Question, name_of, walk
from agreementgen.language.conditions import Names, in_words, references
from agreementgen.language.filling import holds
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

if TYPE_CHECKING:
    from agreementgen.deal.reader import Reader

Facts = dict[str, Any]
# The answer "no" to a group: it is an answer, and the group is not there.
OFF = Choice("no")


@dataclass(eq=False)
class Entry:
    """A question, the group of facts its value belongs into, and what is known about its answer.

    `parent` is the entry of the group it stands in. `given` is what was typed. `unsure`: nobody can say what
    the answer is, because it is unreadable or missing, which is reported. `off`: other answers make it idle.
    """

    question: Question
    into: Facts
    path: str
    place: Place
    parent: Entry | None
    given: Node | None = None
    unsure: bool = False
    off: bool = False
    settled: bool = False

    @property
    def value(self) -> Any:
        return self.into[self.question.name]

    @property
    def group(self) -> str:
        """The path of the group it stands in ("" at the top)."""
        return self.path[: -len(self.question.key)].rstrip(".")

    @property
    def name(self) -> str:
        """The path in conditions."""
        return name_of(self.path)


MISSING = "this is missing"
IDLE = "was given, but it does not apply here"


class Completion:
    """Settles each entry after those its conditions look at, wherever they stand in the file.

    Why: a default may decide whether another question is asked. And one wrong answer must be reported once:
    what depends on it is neither missing nor idle, as far as anybody can know.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.by_name: dict[str, Entry] = {}
        self.indexed = 0

    def run(self) -> None:
        # The list grows: settling a group that nobody gave makes entries of its questions.
        for entry in self.reader.entries:
            self.settle(entry)

    def entry(self, name: str) -> Entry | None:
        for entry in self.reader.entries[self.indexed :]:
            self.by_name[entry.name] = entry
        self.indexed = len(self.reader.entries)
        return self.by_name.get(name)

    def settle(self, entry: Entry) -> None:
        if entry.settled:
            return
        entry.settled = True
        question, parent = entry.question, entry.parent
        if parent:
            self.settle(parent)
            if parent.off or parent.unsure:
                entry.off, entry.unsure = parent.off, parent.unsure
                return
        if self.doubtful(question.when, entry):
            entry.unsure = True
        elif not self.holds(question.when, entry):
            entry.off, entry.unsure = True, False
            if entry.given is not None:
                self.idle(entry)
            entry.into[question.name] = question.nothing
        elif entry.given is None and entry.value == question.nothing:
            self.fill(entry)

    def fill(self, entry: Entry) -> None:
        """Answer `entry` by its default, or report that it is missing."""
        reader, question = self.reader, entry.question
        default = reader.form.defaults.get(entry.path, question.default)
        if entry.path in reader.meant:
            entry.unsure = True
            return
        needed = question.needed
        if default is not None:
            reader.typing = False
            value = reader.inner(entry, default)
            reader.typing = True
            if value is not None:
                entry.into[question.name] = None if value is OFF else value
                reader.answers.append(Answer(entry.path, question, value, question.place, False))
        elif needed and not self.doubtful(needed, entry) and (needed == "yes" or self.holds(needed, entry)):
            entry.unsure = True
            hint = questions.missing(question, tuple(reader.known.parties))
            reader.problem(MISSING, hint, entry.path, entry.place)
        elif question.type == "group" and not question.words:
            reader.inside.append(entry)
            entry.into[question.name] = reader.group(question.of, None, entry.path, {}, entry.place)
            reader.inside.pop()

    def idle(self, entry: Entry) -> None:
        """Report an answer that nothing will print."""
        text = f'"{shown(entry.given.text)}"' if isinstance(entry.given, ScalarNode) else "this"
        self.reader.problem(
            f"{text} {IDLE}",
            f"delete it, or change what it depends on: it applies only where {self.words(entry)}",
            entry.path,
            entry.place,
        )

    def words(self, entry: Entry) -> str:
        def look_up(names: Names) -> tuple[str, str]:
            found = self.entry(self.absolute(names, entry)[-1])
            if found is None:
                return ".".join(names).replace("_", " "), ""
            kind = "switch" if found.question.type == "group" and found.question.words else found.question.type
            return found.path, kind

        return in_words(entry.question.when, look_up)

    def doubtful(self, condition: str, entry: Entry) -> bool:
        """Settle what `condition` looks at; return whether any of it is unsure."""
        unsure = False
        for names in references(condition):
            for name in self.absolute(names, entry):
                found = self.entry(name)
                if found:
                    self.settle(found)
                    unsure = unsure or found.unsure
        return unsure

    def absolute(self, names: Names, entry: Entry) -> list[str]:
        """Return the names of a fact and of the groups around it, outermost first."""
        start = name_of(entry.group) if names[0] == "this" else ""
        found: list[str] = []
        for name in names[1:] if names[0] == "this" else names:
            start = f"{start}.{name}" if start else name
            found.append(start)
        return found or [""]

    def holds(self, condition: str, entry: Entry) -> bool:
        return holds(condition, {**self.reader.facts, "this": entry.into})


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


class Roles:
    """Gives every party its role: the one it says, and to the others, in order, those that are left."""

    def __init__(self, reader: Reader, node: Node | None) -> None:
        self.reader = reader
        self.nodes = node.items if isinstance(node, SequenceNode) else ()

    def assigned(self) -> Facts:
        """Return how many parties there are, the first two, and who holds each role; report a role held twice."""
        parties = tuple(self.reader.facts["parties"])
        held: dict[str, Any] = {}
        for number, party in enumerate(parties, 1):
            role = party.setdefault("role", None)
            if role is None:
                continue
            if role in held:
                hint = "give each party its own: " + ", ".join(self.reader.form.roles)
                path = f"parties.{number}.role"
                self.reader.problem(f'"{role}" is the role of an earlier party already', hint, path, self.place(number))
            held.setdefault(role, party)
        left = iter([role for role in self.reader.form.roles if role not in held])
        for party in parties:
            if party["role"] is None and (role := next(left, None)) is not None:
                party["role"] = Choice(role)
                held[role] = party
        first, second, *_ = (*parties, None, None)
        return {"two": len(parties) == 2, "first": first, "second": second, **held}

    def place(self, number: int) -> Any:
        node = self.nodes[number - 1]
        role = node.get("role") if isinstance(node, MappingNode) else None
        return role.place if role else node.place
