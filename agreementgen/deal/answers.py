"""Reads what was typed in a deal file into typed facts, question by question, and notes every problem.

What nobody typed (defaults, short names, roles) follows in deal/reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar

from agreementgen.core.problems import InputError, Place, Problem, collapse_spaces, quote_text
from agreementgen.core.values import Choice, Unreadable, read_currency, yes_or_no_word
from agreementgen.deal.deal import Answer, Form, Matrix, check_matrix, list_responsibilities, sort_for_printing
from agreementgen.deal.matrix_builder import MATRIX_KEYS, TABLE_KEY, MatrixContext, TableLoader
from agreementgen.deal.matrix_reader import read_matrix
from agreementgen.deal.party_names import NamedParty
from agreementgen.deal.phrases import read_parts
from agreementgen.deal.question_types import GROUP, PERCENT, read_answer, read_own_text
from agreementgen.deal.questions import (
    AnswerContext,
    Facts,
    Question,
    Structure,
    explain_unknown_name,
    suggest_choice,
)
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

# Nobody mends so many, and each costs a look through all names for one that is near.
MAX_PROBLEMS = 1000

NodeKind = TypeVar("NodeKind", ScalarNode, SequenceNode, MappingNode)
# In place of a party's short name: what holds for every party.
EACH = "each"
# A page holds far fewer; where a question names no limit, more is a mistake or a flood.
MAX_ITEMS = 100
# The answer "no" to a group: it is an answer, and the group is not there.
SWITCHED_OFF = Choice("no")


@dataclass(eq=False, slots=True)
class PlacedQuestion:
    """A question in its place in a deal, the group of facts its value belongs to, and what is known of its answer.

    `parent` is the group it stands in. `answer_node` is what was typed. `is_unsure`: nobody can say what the answer is,
    because it is unreadable or missing, which is reported. `is_idle`: other answers make it meaningless.
    """

    question: Question
    group_facts: Facts
    path: str
    place: Place
    parent: PlacedQuestion | None
    answer_node: Node | None = None
    is_unsure: bool = False
    is_idle: bool = False
    is_settled: bool = False

    @property
    def value(self) -> Any:
        return self.group_facts[self.question.name]

    @value.setter
    def value(self, value: Any) -> None:
        self.group_facts[self.question.name] = None if value is SWITCHED_OFF else value

    @property
    def group_path(self) -> str:
        """The path of the group it stands in ("" at the top)."""
        return self.path[: -len(self.question.key)].rstrip(".")


class AnswerReader:
    """Reads answers into `facts`; every question that applies to a group which is there becomes a PlacedQuestion.

    Methods that read return None where there is a problem, which they note in `problems`.
    """

    def __init__(self, form: Form, load_table: TableLoader) -> None:
        self.form = form
        self.load_table = load_table
        self.matrix: Matrix | None = None
        self.facts: Facts = dict(form.absent_facts)
        self.answers: list[Answer] = []
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.placed_questions: list[PlacedQuestion] = []
        self.open_questions: list[PlacedQuestion] = []
        self.context = AnswerContext("USD", {})
        # False where a party has no readable short name: a name nobody knows may be the one it should have.
        self.parties_are_known = True
        # Paths of facts that an unknown name probably means: they are not missing, only misspelt or misplaced.
        self.probable_paths: set[str] = set()
        # False while a default is read.
        self.is_typed = True

    @property
    def short_names(self) -> tuple[str, ...]:
        return tuple(self.context.parties)

    def report(self, code: str, message: str, hint: str, path: str, place: Place) -> None:
        """Note a problem; raise InputError with all noted so far where more would only cost time to find."""
        self.problems.append(Problem(message, hint, path, place, code=code))
        if len(self.problems) >= MAX_PROBLEMS:
            # At the top of the file, so that it is told first, before what is cut off.
            message = f"more than {MAX_PROBLEMS:,} problems: the rest was not looked at"
            told = Problem(message, "is this the right file?", place=Place(place.file, 1, 1), code="too-many-problems")
            raise InputError((told, *self.problems))

    def note_currency(self, root: MappingNode) -> None:
        """Note the deal's currency, before any amount is read; a wrong one is reported later, in its turn."""
        node = root.get("currency")
        if not isinstance(node, ScalarNode) or node.is_empty:
            question = next((question for question in self.form.questions if question.key == "currency"), None)
            node = self.form.defaults.get("currency", question.default if question else None)
        if isinstance(node, ScalarNode) and not node.is_empty:
            try:
                self.context = replace(self.context, currency=read_currency(node.text))
            except Unreadable:
                return

    # -- groups

    def read_group(self, questions: tuple[Question, ...], node: MappingNode | None, path: str, place: Place) -> Facts:
        """Return the facts of one group; what is missing is settled later."""
        if node:
            node = _spread_second(questions, node)
            self.report_unknown_names(questions, node, path)
        return self.read_answers(questions, node, path, {}, place)

    def report_unknown_names(self, questions: tuple[Question, ...], node: MappingNode, path: str) -> None:
        keys = {question.key for question in questions}
        for name, _ in node:
            if name.text in keys or name.bad:
                continue
            if not path and name.text in self.form.left_out_topics:
                hint = f'delete it, or take "{name.text}" out of "leave out"'
                self.report("left-out", "this topic is left out, and yet answered", hint, name.text, name.place)
                continue
            if not path and (kinds := self.form.topics_elsewhere.get(name.text)):
                message = f'"{name.text}" is not asked in a {self.form.kind} agreement, only in: {", ".join(kinds)}'
                other = 'look whether "promises" says it; else write it under "special terms"'
                hint = self.name_parties(self.form.remedies_elsewhere.get(name.text, other))
                self.report("unknown-name", message, hint, name.text, name.place)
                continue
            hint, probable_paths = explain_unknown_name(name.text, questions, self.form.questions, path, self.form.kind)
            self.probable_paths |= probable_paths
            quoted = quote_text(name.text)
            here = f"{path}.{quoted}" if path else quoted
            self.report("unknown-name", f'"{quoted}" is not a fact we know here', hint, here, name.place)

    def name_parties(self, remedy: str) -> str:
        """Return `remedy` with the short name of the party that holds a role for "<vendor>", "each" where none does."""

        def name(found: re.Match[str]) -> str:
            party = self.facts.get(found[1])
            return str(party["short"]) if isinstance(party, dict) and party.get("short") else EACH

        return re.sub("<([a-z]+)>", name, remedy)

    def read_answers(
        self, questions: tuple[Question, ...], node: MappingNode | None, path: str, into: Facts, place: Place
    ) -> Facts:
        """Read the answers to `questions` that stand in `node` into the group `into`, and return it."""
        outer = self.context
        address = node.text_of("address") if node else ""
        if address != outer.address:
            self.context = replace(outer, address=address)
        entries = _by_key(_list_by_party(questions, _spell_out(questions, _list_parts(questions, node))))
        parent = self.open_questions[-1] if self.open_questions else None
        for question in questions:
            here = f"{path}.{question.key}" if path else question.key
            into[question.name] = question.empty_value
            placed = PlacedQuestion(question, into, here, place, parent)
            self.placed_questions.append(placed)
            if question.key not in entries:
                continue
            key, answer = entries[question.key]
            if _is_empty(answer):
                placed.place = answer.place
                continue
            placed.place = key.place
            if question.fixed and self.is_typed:
                self.check_settled_by_pack(placed, answer)
            placed.answer_node = answer if self.is_typed else None
            problem_count = len(self.problems)
            value = self.read_placed(placed, answer)
            placed.is_unsure = value is None or (value == () and len(self.problems) > problem_count)
            if value is not None:
                placed.value = value
                self.answers.append(Answer(here, question, value, answer.place, self.is_typed))
        self.context = outer
        return into

    def check_settled_by_pack(self, placed: PlacedQuestion, node: Node) -> None:
        """Refuse an answer to what a law firm's pack has settled, unless it is the same one."""
        usual = self.form.defaults.get(placed.path, placed.question.default)
        if isinstance(usual, ScalarNode) and isinstance(node, ScalarNode):
            if collapse_spaces(node.text).casefold() == collapse_spaces(usual.text).casefold():
                return
            message = f'the pack in use has settled this as "{quote_text(usual.text)}"'
        else:
            message = "the pack in use has settled this and does not ask it"
        hint = "delete the line, or ask the law firm whose pack it is"
        self.report("settled-by-pack", message, hint, placed.path, placed.place)

    def read_placed(self, placed: PlacedQuestion, node: Node) -> Any:
        """Return the value of `node` for `placed`; questions met on the way stand inside it."""
        self.open_questions.append(placed)
        value = self.read_value(placed.question, node, placed.path, placed.place)
        self.open_questions.pop()
        return value

    def read_value(self, question: Question, node: Node, path: str, place: Place) -> Any:
        """Return the value of `node`, SWITCHED_OFF for "no" to a group."""
        if isinstance(node, ScalarNode) and node.bad:
            return None
        match question.structure:
            case Structure.SCALAR:
                return self.read_scalar(question, node, path)
            case Structure.GROUP:
                return self.read_switched_group(question, node, path, place)
            case Structure.GROUPS:
                return self.read_list_of_groups(question, node, path)
            case Structure.LIST:
                return self.read_list(question, node, path)
            case Structure.PER_PARTY:
                return self.read_per_party(question, node, path)
            case Structure.SHARES:
                return self.read_shares(question, node, path)
            case Structure.MATRIX:
                return self.read_matrix(question, node, path, place)

    def expect(self, node: Node, kind: type[NodeKind], question: Question, path: str) -> NodeKind | None:
        """Return `node` if it is of `kind`; report it otherwise."""
        if isinstance(node, kind):
            return node
        message, hint = question.type.explain_wrong_node(node, question, self.short_names)
        self.report("wrong-shape", message, hint, path, node.place)
        return None

    def read_scalar(self, question: Question, node: Node, path: str) -> Any:
        scalar = self.expect(node, ScalarNode, question, path)
        if scalar is None:
            return None
        if question.type.names_party and not self.parties_are_known and scalar.text not in self.context.parties:
            return None
        try:
            read = read_answer if self.is_typed else read_own_text
            return read(question, scalar.text, self.context)
        except Unreadable as error:
            # Where the answer was nearly understood, what is wrong with it is said already.
            is_strange = error.code != "out-of-limits" and not error.readings
            remedies = [one.says for one in question.remedies if is_strange and not one.when]
            self.report(error.code, error.message, "; ".join([error.hint, *remedies]), path, node.place)
            return None

    def read_switched_group(self, question: Question, node: Node, path: str, place: Place) -> Facts | Choice | None:
        word = yes_or_no_word(node.text, question.words or ()) if isinstance(node, ScalarNode) else ""
        if word == "no":
            return SWITCHED_OFF
        if word == "yes":
            return self.read_group(question.parts, None, path, place)
        group = self.expect(node, MappingNode, question, path)
        return self.read_group(question.parts, group, path, place) if group else None

    # -- lists

    def read_list(self, question: Question, node: Node, path: str) -> tuple[Any, ...] | None:
        """Return the values of a list; one value may stand without a list around it."""
        if isinstance(node, MappingNode):
            self.expect(node, SequenceNode, question, path)
            return None
        items = node.items if isinstance(node, SequenceNode) else (node,)
        self.check_count(question, items, path, node.place)
        values: list[Any] = []
        for number, item in enumerate(items[:MAX_ITEMS], 1):
            here = f"{path}.{number}"
            if self.is_empty_entry(item, here):
                continue
            value = self.read_value(question.item, item, here, item.place)
            if value is not None and value in values:
                message = "the same entry stands twice in this list"
                self.report("duplicate", message, "keep one of them", here, item.place)
            elif value is not None:
                values.append(value)
        return tuple(values)

    def read_list_of_groups(self, question: Question, node: Node, path: str) -> tuple[Facts, ...] | None:
        sequence = self.expect(node, SequenceNode, question, path)
        if sequence is None:
            return None
        self.check_count(question, sequence.items, path, sequence.place)
        entry = replace(question, type=GROUP, words=None)
        groups: list[tuple[int, MappingNode, Facts]] = []
        for number, item in enumerate(sequence.items[:MAX_ITEMS], 1):
            here = f"{path}.{number}"
            if self.is_empty_entry(item, here):
                continue
            group = self.expect(item, MappingNode, entry, here)
            if group:
                groups.append((number, group, self.read_group(question.parts, group, here, item.place)))
        self.check_unique(question, groups, path)
        return tuple(facts for _, _, facts in groups)

    def is_empty_entry(self, item: Node, path: str) -> bool:
        """Return whether nothing stands in the entry of a list, which is reported."""
        if not _is_empty(item):
            return False
        self.report("empty", "this entry of the list is empty", "fill it in, or delete it", path, item.place)
        return True

    def check_count(self, question: Question, items: tuple[Node, ...], path: str, place: Place) -> None:
        least, most = int(question.limits.least or 0), int(question.limits.most or MAX_ITEMS)
        if question.key == "parties":
            least, most = self.form.party_limits
        there = {0: "there are none", 1: "there is 1"}.get(len(items), f"there are {len(items)}")
        if len(items) < least:
            message, hint = f"{there}, and at least {least} must be given", f"add {least - len(items)} more"
            self.report("too-few", message, hint, path, place)
        if len(items) > most:
            message, hint = f"{there}, and at most {most} may be given", f"delete {len(items) - most} of them"
            self.report("too-many", message, hint, path, items[most].place)

    def check_unique(self, question: Question, groups: list[tuple[int, MappingNode, Facts]], path: str) -> None:
        for part in question.parts:
            numbers: dict[str, int] = {}
            for number, group, facts in groups:
                value = facts.get(part.name)
                if not part.unique or value is None:
                    continue
                first = numbers.setdefault(str(value).casefold(), number)
                if first != number:
                    node = group.get(part.key) or group
                    message = f'"{quote_text(str(value))}" is given as "{part.key}" in number {first} already'
                    here = f"{path}.{number}.{part.key}"
                    self.report("duplicate", message, "each entry needs its own", here, node.place)

    # -- maps from parties

    def read_by_party(self, question: Question, node: Node, path: str) -> list[tuple[Facts, Node, str]] | None:
        """Return party, answer and path of each entry of a map whose keys are short names, in the parties' order."""
        mapping = self.expect(node, MappingNode, question, path)
        if mapping is None:
            return None
        answers: dict[str, Node] = {}
        strangers = 0
        common: Node | None = None
        for name, value in mapping:
            short = collapse_spaces(name.text)
            if self.stands_for_all(short, question):
                common = value
                continue
            strangers += short not in self.context.parties
            if short in answers:
                message = f'"{short}" stands twice here'
                self.report("duplicate", message, "keep one of them", f"{path}.{short}", name.place)
            elif short in self.context.parties:
                answers[short] = value
            elif self.parties_are_known and not name.bad:
                quoted = quote_text(name.text)
                words = [EACH] if question.structure is Structure.PER_PARTY else []
                hint = suggest_choice(name.text, [*self.context.parties, *words])
                message = f'"{quoted}" is not the short name of a party'
                self.report("unknown-party", message, hint, f"{path}.{quoted}", name.place)
        entries = []
        for short, party in self.context.parties.items():
            here = f"{path}.{short}"
            answer = _join_answers(common, answers.get(short))
            if answer is not None and not _is_empty(answer):
                entries.append((party, answer, here))
            elif question.needed and question.structure is Structure.PER_PARTY and not strangers:
                example = question.parts[0].type.example(question.parts[0])
                message, hint = f'nothing is said for "{short}"', f'add it, as in "{short}: {example}"'
                self.report("party-missing", message, hint, here, (answer or node).place)
        return entries

    def stands_for_all(self, name: str, question: Question) -> bool:
        """Return whether `name` is "each" and says what holds for every party, beside what each says for itself."""
        is_party = name in self.context.parties
        return name == EACH and not is_party and question.structure is Structure.PER_PARTY

    def read_per_party(self, question: Question, node: Node, path: str) -> tuple[Facts, ...] | None:
        entries = self.read_by_party(question, node, path)
        if entries is None:
            return None
        values = [
            (party, self.read_value(question.parts[0], answer, here, answer.place)) for party, answer, here in entries
        ]
        return tuple({"party": party, "said": value} for party, value in values if value is not None)

    def read_shares(self, question: Question, node: Node, path: str) -> tuple[Facts, ...] | None:
        problem_count = len(self.problems)
        entries = self.read_by_party(question, node, path)
        if entries is None or not self.parties_are_known:
            return None
        if not entries and len(self.problems) == problem_count:
            hint = question.type.explain_missing(question, self.short_names)
            self.report("missing", "this is missing", hint, path, node.place)
            return None
        share = Question("", PERCENT, "", question.place)
        values = [(party, self.read_value(share, answer, here, answer.place)) for party, answer, here in entries]
        total = sum((value.number for _, value in values if value is not None), Decimal(0))
        # 0.01: three thirds are written 33.33.
        if len(self.problems) == problem_count and abs(total - 100) > Decimal("0.01"):
            self.report("shares-total", f"the shares add up to {total}%", "they must add up to 100%", path, node.place)
        return tuple({"party": party, "share": value} for party, value in values if value is not None)

    # -- the RACI matrix

    def read_matrix(self, question: Question, node: Node, path: str, place: Place) -> Facts | None:
        """Return the answers to the parts of the question; the matrix goes into `matrix`, if it has no problem."""
        if isinstance(node, ScalarNode):
            answer: MappingNode | None = MappingNode(((ScalarNode(TABLE_KEY, node.place), node),), node.place)
        else:
            answer = self.expect(node, MappingNode, question, path)
        if answer is None:
            return None
        problem_count = len(self.problems)
        rest = MappingNode(tuple(entry for entry in answer if entry[0].text not in MATRIX_KEYS), answer.place)
        facts = self.read_group(question.parts, rest, path, place)
        context = MatrixContext(
            parties=tuple(_named_party(short, facts) for short, facts in self.context.parties.items()),
            parties_are_known=self.parties_are_known,
            responsibilities=list_responsibilities(self.facts),
            responsibilities_are_known=not any(p.field.startswith("responsibilities") for p in self.problems),
            load_table=self.load_table,
        )
        matrix, problems = read_matrix(answer, path, context)
        self.problems += [problem for problem in problems if problem.severity == "E"]
        self.warnings += [problem for problem in problems if problem.severity != "E"]
        has_problems = len(self.problems) > problem_count
        if matrix is None or any(p.field.startswith(f"{path}.roles") for p in self.problems[problem_count:]):
            return facts
        self.problems += check_matrix(matrix)
        if not has_problems:
            self.matrix = replace(
                sort_for_printing(matrix),
                place=place,
                attach=bool(facts.get("attach")),
                version=facts.get("version") or matrix.version,
                chart_date=facts.get("date"),
                review=facts.get("review") or matrix.review,
            )
        return facts


def _by_key(node: MappingNode | None) -> dict[str, tuple[ScalarNode, Node]]:
    """Return the entries of a group by their names, of one that stands twice the first."""
    return {key.text: (key, value) for key, value in reversed(node.entries)} if node else {}


def _named_party(short: str, facts: Facts) -> NamedParty:
    """Return the names by which a chart may call a party: its legal name, its role, its people, its e-mail."""
    people: list[str] = []
    for key in ("signatory", "second_signatory", "contact"):
        said = facts.get(key)
        for one in said if isinstance(said, tuple | list) else (said,):
            name = one.get("name") if isinstance(one, dict) else one
            people += [name] if isinstance(name, str) else []
    if isinstance(email := facts.get("email"), str):
        people.append(email)
    names = tuple(text for key in ("name", "role") if isinstance(text := facts.get(key), str))
    return NamedParty(short, names, tuple(people))


def _join_answers(common: Node | None, own: Node | None) -> Node | None:
    """Return what holds for all and what a party says itself: both where they are lists, else its own."""
    if common is None or _is_empty(common):
        return own
    if own is None or _is_empty(own):
        return common
    if isinstance(common, MappingNode) or isinstance(own, MappingNode):
        return own
    return SequenceNode((*_items_of(common), *_items_of(own)), own.place)


def _items_of(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, SequenceNode) else (node,)


def _spread_second(questions: tuple[Question, ...], node: MappingNode) -> MappingNode:
    """Return `node` with a list of two under "signatory" as "signatory" and "second signatory", and the like."""
    keys = {question.key for question in questions if question.is_group}
    entries: list[tuple[ScalarNode, Node]] = []
    for name, value in node:
        second = f"second {name.text}"
        is_pair = isinstance(value, SequenceNode) and 0 < len(value.items) < 3
        if isinstance(value, SequenceNode) and is_pair and {name.text, second} <= keys and node.get(second) is None:
            entries.append((name, value.items[0]))
            entries += [(ScalarNode(second, name.place), item) for item in value.items[1:]]
        else:
            entries.append((name, value))
    return MappingNode(tuple(entries), node.place)


def _spell_out(questions: tuple[Question, ...], node: MappingNode | None) -> MappingNode | None:
    """Return `node` with words that say several answers at once as these answers.

    `paid: within 7 days of the client's payment` becomes `paid: on payment` and `due: 7 days`. Where one of them is
    given besides, and another one, the words stay and are refused: nobody could say what holds.
    """
    for question in questions:
        answer = node.get(question.key) if node and question.phrases else None
        if node is None or not isinstance(answer, ScalarNode) or answer.bad:
            continue
        for phrase in question.phrases:
            beside = phrase.match(answer.text)
            if beside is None or not all(_may_say(node.get(key), text) for key, text in beside.items()):
                continue
            entries = [(name, replace(value, text=phrase.means) if value is answer else value) for name, value in node]
            name = node.find_key(question.key) or answer
            entries += [
                (ScalarNode(key, name.place), ScalarNode(text, answer.place))
                for key, text in beside.items()
                if node.get(key) is None
            ]
            node = MappingNode(tuple(entries), node.place)
            break
    return node


def _may_say(node: Node | None, text: str) -> bool:
    return node is None or (isinstance(node, ScalarNode) and collapse_spaces(node.text).casefold() == text.casefold())


def _list_by_party(questions: tuple[Question, ...], node: MappingNode | None) -> MappingNode | None:
    """Return `node` with a value for each party, typed where one value belongs, as entries of the list that takes them.

    `fee: {Ann: 10%, Bob: $75}` becomes `fees: [{paid by: Ann, fee: 10%}, {paid by: Bob, fee: $75}]`.
    """
    for question in questions:
        answer = node.get(question.key) if node and question.by_party else None
        if node is None or not isinstance(answer, MappingNode):
            continue
        list_key, _, party_key = question.by_party.partition(".")
        if node.get(list_key):
            continue
        items = tuple(
            MappingNode(
                ((ScalarNode(party_key, name.place), name), (ScalarNode(question.key, value.place), value)), name.place
            )
            for name, value in answer
        )
        entries = (
            (ScalarNode(list_key, name.place), SequenceNode(items, value.place)) if value is answer else (name, value)
            for name, value in node
        )
        node = MappingNode(tuple(entries), node.place)
    return node


def _list_parts(questions: tuple[Question, ...], node: MappingNode | None) -> MappingNode | None:
    """Return `node` with the parts of a sum that stand there in words as entries of the list that takes them.

    `paid: half on signing, the rest on delivery` becomes `parts: [{part: 50%, when: on signing}, ...]`, and so do the
    same words under `parts`, or each in an entry of its own.
    """
    for question in questions:
        ways = question.in_words
        if node is None or ways is None:
            continue
        name = node.find_key(question.key) or node.find_key(ways.under)
        answer = node.get(name.text) if name else None
        if name is None or not isinstance(answer, ScalarNode | SequenceNode):
            continue
        said = [one for one in _items_of(answer) if isinstance(one, ScalarNode) and not one.bad]
        parts = read_parts("; ".join(one.text for one in said))
        if not parts or len(said) < len(_items_of(answer)) or len(said) not in (1, len(parts)):
            continue
        places = [one.place for one in said] if len(said) > 1 else [answer.place] * len(parts)
        items = tuple(
            MappingNode(
                ((ScalarNode(ways.amount, place), ScalarNode(amount, place)),
                 (ScalarNode(ways.event, place), ScalarNode(event, place))), place)
            for (amount, event), place in zip(parts, places, strict=True)
        )  # fmt: skip
        entries = (
            (ScalarNode(question.key, name.place), SequenceNode(items, answer.place))
            if value is answer
            else (key, value)
            for key, value in node
        )
        node = MappingNode(tuple(entries), node.place)
    return node


def _is_empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.is_empty
