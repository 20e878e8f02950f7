"""From a deal file's nodes to a Deal: typed, complete, within limits; all problems at once."""

from __future__ import annotations

import re
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from agreementgen.deal.answers import Known, read_answer
from agreementgen.deal.deal import Answer, Deal
from agreementgen.deal.questions import Question
from agreementgen.deal.values import Choice, Unreadable, read_currency
from agreementgen.deal.yamlfile import Mapping, Node, Scalar, Sequence, YamlText
from agreementgen.errors import InputError, Place, Problem, nearest
from agreementgen.language.rendering import holds

Facts = dict[str, Any]
NodeKind = TypeVar("NodeKind", Sequence, Mapping)
_GROUP = 'a group of "name: value" lines'
# The answer "no" to a group: it is an answer, and the group is not there.
OFF = Choice("no")


@dataclass(frozen=True)
class Form:
    """The questions of one kind of agreement, in order; `defaults` replaces those of the questions by path."""

    kind: str
    questions: tuple[Question, ...]
    defaults: AbstractMapping[str, Node]
    needed: frozenset[str]
    parties: tuple[int, int]


@dataclass
class _Pending:
    """A question nobody answered yet: where its value belongs, and the group it stands in."""

    question: Question
    into: Facts
    path: str
    place: Place


def read_deal(yaml: YamlText, source: str, form: Form) -> Deal:
    """Return the deal; raise InputError with every problem of the file."""
    return _Reader(form, source).read(yaml)


class _Reader:
    def __init__(self, form: Form, source: str) -> None:
        self.form = form
        self.source = source
        self.facts: Facts = {}
        self.answers: list[Answer] = []
        self.problems: list[Problem] = []
        self.pending: list[_Pending] = []
        self.given: list[_Pending] = []
        self.known = Known("USD", {})

    def read(self, yaml: YamlText) -> Deal:
        self.known = Known(self.currency(yaml.root), {})
        parties = next(question for question in self.form.questions if question.key == "parties")
        node = yaml.root.get("parties")
        # The parties come first: everything else may name them.
        party_facts = self.value(parties, node, "parties", yaml.root.place) if node else None
        self.facts["parties"] = party_facts or ()
        self.name_parties(node, yaml.root.place)
        rest = tuple(question for question in self.form.questions if question.key != "parties")
        self.group(rest, yaml.root, "", self.facts, yaml.root.place, skip=("parties",))
        self.complete()
        if self.problems:
            raise InputError(self.problems)
        return Deal(self.form.kind, self.source, self.facts, tuple(self.answers), yaml.warnings)

    def problem(self, message: str, hint: str, path: str, place: Place) -> None:
        self.problems.append(Problem(message, hint, path, place))

    def currency(self, root: Mapping) -> str:
        """The deal's currency is needed before any amount is read; a wrong one is reported later, in its turn."""
        node = root.get("currency")
        try:
            return read_currency(node.text) if isinstance(node, Scalar) and not node.empty else "USD"
        except Unreadable:
            return "USD"

    # -- typed answers

    def group(
        self,
        questions: tuple[Question, ...],
        node: Mapping | None,
        path: str,
        into: Facts,
        place: Place,
        skip: tuple[str, ...] = (),
    ) -> Facts:
        """Read the answers of one group into `into`; what is missing waits in `pending`."""
        keys = {question.key: question for question in questions}
        for name, _ in node or ():
            if name.text not in keys and name.text not in skip:
                self.problem(
                    f'"{name.text}" is not a fact of this agreement',
                    nearest(name.text, [*keys, *skip]),
                    path,
                    name.place,
                )
        for question in questions:
            here = f"{path}.{question.key}" if path else question.key
            value = node.get(question.key) if node else None
            into[question.name] = () if question.type in ("list", "list of groups", "per party", "shares") else None
            if value is None or (isinstance(value, Scalar) and value.empty):
                at = value.place if value else place
                self.pending.append(_Pending(question, into, here, at))
                continue
            key = node.key(question.key) if node else None
            found = self.value(question, value, here, key.place if key else place)
            if found is not None:
                into[question.name] = None if found is OFF else found
                self.given.append(_Pending(question, into, here, value.place))
                self.answers.append(Answer(here, question, found, value.place, True))
        return into

    def value(self, question: Question, node: Node, path: str, place: Place) -> Any:
        """Return the value of `node`, or None where it has a problem or is "no"."""
        if isinstance(node, Scalar) and node.text.strip().lower() in (question.words or ()):
            return self.word(question, node, path)
        match question.type:
            case "group":
                mapping = self.expect(node, Mapping, _GROUP, path)
                return self.group(question.of, mapping, path, {}, place) if mapping else None
            case "list of groups":
                return self.items(question, node, path)
            case "list":
                items = node.items if isinstance(node, Sequence) else (node,)
                return self.texts(question, items, path)
            case "per party":
                return self.per_party(question, node, path)
            case "shares":
                return self.shares(question, node, path)
        if not isinstance(node, Scalar):
            what = "a list" if isinstance(node, Sequence) else "a group"
            self.problem(
                f"one value belongs here, not {what}",
                f"write it in one line{f', as in {question.example}' if question.example else ''}",
                path,
                node.place,
            )
            return None
        return self.scalar(question, node, path)

    def word(self, question: Question, node: Scalar, path: str) -> Any:
        """A word instead of a value of the type: "no" switches a group off, "yes" takes its defaults."""
        match question.type, node.text.strip().lower():
            case "group", "no":
                return OFF
            case "group", "yes":
                return self.group(question.of, None, path, {}, node.place)
        return self.scalar(question, node, path)

    def expect(self, node: Node, kind: type[NodeKind], what: str, path: str) -> NodeKind | None:
        """Return `node` if it is of `kind`; report it otherwise."""
        if isinstance(node, kind):
            return node
        shown = f'"{node.text[:40]}"' if isinstance(node, Scalar) else "this"
        self.problem(f"{shown} is not {what}", f"write {what} here, indented by two spaces", path, node.place)
        return None

    def scalar(self, question: Question, node: Scalar, path: str) -> Any:
        try:
            return read_answer(question, node.text, self.known)
        except Unreadable as error:
            self.problem(error.message, error.hint, path, node.place)
            return None

    def texts(self, question: Question, items: tuple[Node, ...], path: str) -> tuple[Any, ...]:
        self.count(question, len(items), path, items[0].place if items else question.place)
        found = []
        for number, item in enumerate(items, 1):
            here = f"{path}.{number}"
            if isinstance(item, Scalar) and item.empty:
                self.problem("the list has an empty line", "delete the line or fill it in", here, item.place)
                continue
            value = self.value(question.of[0], item, here, item.place)
            if value is not None:
                if value in found:
                    self.problem("the same text stands twice in this list", "keep one of them", here, item.place)
                found.append(value)
        return tuple(found)

    def items(self, question: Question, node: Node, path: str) -> tuple[Facts, ...]:
        sequence = self.expect(node, Sequence, 'a list (each entry begins with "- ")', path)
        if sequence is None:
            return ()
        items = sequence.items
        self.count(question, len(items), path, sequence.place)
        found = []
        for number, item in enumerate(items, 1):
            here = f"{path}.{number}"
            mapping = self.expect(item, Mapping, _GROUP, here)
            if mapping:
                found.append(self.group(question.of, mapping, here, {}, item.place))
        self.unique(question, found, items, path)
        return tuple(found)

    def count(self, question: Question, count: int, path: str, place: Place) -> None:
        least, most = question.limits.least, question.limits.most
        if question.key == "parties":
            least, most = str(self.form.parties[0]), str(self.form.parties[1])
        if least and count < int(least):
            self.problem(f"{count} given; at least {least} are needed", "add the missing ones", path, place)
        if most and count > int(most):
            self.problem(f"{count} given; at most {most} are allowed here", "remove some", path, place)

    def unique(self, question: Question, found: list[Facts], items: tuple[Node, ...], path: str) -> None:
        for part in question.of:
            seen: dict[str, int] = {}
            for number, facts in enumerate(found, 1):
                value = facts.get(part.name)
                if not part.unique or value is None:
                    continue
                key = str(value).casefold()
                if key in seen:
                    node = items[number - 1]
                    at = node.get(part.key) if isinstance(node, Mapping) else None
                    self.problem(
                        f'"{value}" stands in number {seen[key]} already',
                        "each entry needs its own",
                        f"{path}.{number}.{part.key}",
                        at.place if at else node.place,
                    )
                seen.setdefault(key, number)

    def by_party(self, node: Node, path: str) -> list[tuple[AbstractMapping[str, Any], Node, str]]:
        """Return the entries of a map whose keys are short names, in the order of the parties."""
        mapping = self.expect(node, Mapping, 'a map from each party\'s short name ("Northshore: ...")', path)
        if mapping is None or not self.known.parties:
            return []  # the parties themselves have problems, which are reported
        found: dict[str, Node] = {}
        for name, value in mapping:
            if name.text not in self.known.parties:
                self.problem(
                    f'"{name.text}" is not the short name of a party',
                    nearest(name.text, self.known.parties),
                    path,
                    name.place,
                )
            elif not (isinstance(value, Scalar) and value.empty):
                found[name.text] = value
        return [
            (party, found[short], f"{path}.{short}") for short, party in self.known.parties.items() if short in found
        ]

    def per_party(self, question: Question, node: Node, path: str) -> tuple[Facts, ...]:
        entries = []
        for party, value, here in self.by_party(node, path):
            said = self.value(question.of[0], value, here, value.place)
            if said is not None:
                entries.append({"party": party, "said": said})
        if question.needed and entries and isinstance(node, Mapping):
            for short in self.known.parties:
                if not any(name.text == short for name, _ in node):
                    self.problem(f'nothing is said for "{short}"', f'add "{short}: ..."', path, node.place)
        return tuple(entries)

    def shares(self, question: Question, node: Node, path: str) -> tuple[Facts, ...]:
        share = Question("", "percent", "", question.place)
        entries = []
        for party, value, here in self.by_party(node, path):
            said = self.value(share, value, here, value.place)
            if said is not None:
                entries.append({"party": party, "share": said})
        total = sum((entry["share"].number for entry in entries), Decimal(0))
        # 0.01: three thirds are written 33.33 (rule S03 of the deal check).
        if isinstance(node, Mapping) and len(entries) == len(node.entries) and abs(total - 100) > Decimal("0.01"):
            self.problem(f"the shares add up to {total}%", "they must add up to 100%", path, node.place)
        return tuple(entries)

    def name_parties(self, node: Node | None, place: Place) -> None:
        """Give every party its short name, and make them known by it."""
        known: dict[str, AbstractMapping[str, Any]] = {}
        items = node.items if isinstance(node, Sequence) else ()
        for number, party in enumerate(self.facts["parties"], 1):
            if party["short"] is None and party["name"]:
                short = short_name(party["name"])
                if len(short) > 30:
                    at = items[number - 1].place if number <= len(items) else place
                    self.problem(
                        "a short name is missing",
                        'add "short: ..." (up to 30 characters)',
                        f"parties.{number}.short",
                        at,
                    )
                party["short"] = short
                self.pending = [p for p in self.pending if not (p.into is party and p.question.key == "short")]
                question = next(q for q in self.form.questions if q.key == "parties").part("short")
                if question:
                    self.answers.append(Answer(f"parties.{number}.short", question, short, place, False))
            if party["short"]:
                if party["short"].casefold() in (name.casefold() for name in known):
                    at = items[number - 1].place if number <= len(items) else place
                    self.problem(
                        f'two parties have the short name "{party["short"]}"',
                        'give each its own "short: ..."',
                        f"parties.{number}.short",
                        at,
                    )
                known[party["short"]] = party
        self.known = Known(self.known.currency, known)

    # -- defaults, and what must be there

    def complete(self) -> None:
        """Fill in defaults, find what is missing, and what was answered although it does not matter."""
        # Defaults without a condition first: conditions may look at them.
        first = [p for p in self.pending if not p.question.when and self.default(p) is not None]
        for pending in [*first, *(p for p in self.pending if p not in first)]:
            self.settle(pending)
        for given in self.given:
            if not self.matters(given):
                self.problem(
                    "this was answered, but other answers say that it does not matter",
                    f"delete it, or change the answer it depends on ({given.question.when})".replace("this.", ""),
                    given.path,
                    given.place,
                )

    def settle(self, pending: _Pending) -> None:
        question = pending.question
        if pending.into[question.name] not in (None, ()) or not self.matters(pending):
            return
        waiting, self.pending = self.pending, []
        default = self.default(pending)
        needed = question.needed or ("yes" if pending.path in self.form.needed else "")
        if default is not None:
            typed, given = len(self.answers), len(self.given)
            value = self.value(question, default, pending.path, pending.place)
            del self.answers[typed:], self.given[given:]
            if value is not None:
                pending.into[question.name] = None if value is OFF else value
                self.answers.append(Answer(pending.path, question, value, question.place, False))
        elif needed and (needed == "yes" or self.true(needed, pending)):
            example = f', as in "{question.key}: {question.example}"' if question.example else ""
            self.problem("this is missing", f"add it{example}", pending.path, pending.place)
        elif question.type == "group" and not question.words:
            pending.into[question.name] = self.group(question.of, None, pending.path, {}, pending.place)
        for inner in self.pending:
            self.settle(inner)
        self.pending = waiting

    def default(self, pending: _Pending) -> Node | None:
        return self.form.defaults.get(pending.path, pending.question.default)

    def matters(self, pending: _Pending) -> bool:
        return self.true(pending.question.when, pending)

    def true(self, condition: str, pending: _Pending) -> bool:
        return holds(condition, {**self.facts, "this": pending.into})


_SUFFIX = re.compile(
    r"[,\s]+(?:LLC|L\.L\.C\.|Inc\.?|Incorporated|Corp\.?|Corporation|Ltd\.?|Limited|LLP|LP|PLLC|PC|P\.C\.|Co\.|"
    r"GmbH|mbH|AG|S\.?A\.?|B\.?V\.?)$",
    re.IGNORECASE,
)


def short_name(name: str) -> str:
    """Return `name` without its legal form: "Rosa's Bakery LLC" is "Rosa's Bakery"."""
    return _SUFFIX.sub("", name).strip() or name
