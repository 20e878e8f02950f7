"""From a deal file's nodes to a Deal: typed, complete, within limits; all problems at once.

How far a deal file is: what applies, what is answered, what is usual, what is missing. Nothing here raises.

Why: a questionnaire asks while the deal is incomplete, and has to know what to ask next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal, TypeVar

from agreementgen.core.characters import collapse_spaces, quote_text
from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.core.values import Unreadable, read_currency, yes_or_no_word
from agreementgen.deal.completion import (
    IDLE,
    MISSING,
    SWITCHED_OFF,
    Completion,
    Facts,
    PartyRoles,
    PlacedQuestion,
    ShortNames,
)
from agreementgen.deal.deal import (
    FIGURES,
    Answer,
    Contradiction,
    Deal,
    Figure,
    Matrix,
    calculate_figures,
    find_contradictions,
)
from agreementgen.deal.matrix import MatrixReader
from agreementgen.deal.question_types import GROUP, PERCENT, read_answer
from agreementgen.deal.questions import (
    AnswerContext,
    Question,
    Structure,
    explain_unknown_name,
    name_in_clauses,
    suggest_choice,
)
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode, YamlText, add_causes

NodeKind = TypeVar("NodeKind", ScalarNode, SequenceNode, MappingNode)
# A page holds far fewer; where a question names no limit, more is a mistake or a flood.
MAX_ITEMS = 100
LEFT_OUT = "this topic is left out, and yet answered"
# Given the name of a file beside the deal file, its bytes; raises InputError.
TableLoader = Callable[[str], bytes]


@dataclass(frozen=True)
class Form:
    """The questions of one kind of agreement, in order.

    `defaults` replaces those of the questions by path. `roles` are what the parties are to each other; `absent` are
    facts of other kinds of agreement, with their value for "not given". `left_out` are names of topics that the deal
    leaves out.
    """

    kind: str
    questions: tuple[Question, ...]
    defaults: Mapping[str, Node]
    party_limits: tuple[int, int]
    roles: tuple[str, ...] = ()
    absent_facts: Mapping[str, Any] = field(default_factory=dict)
    left_out_topics: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()


def refuse_tables(name: str) -> bytes:
    raise InputError(Problem(f'the table "{name}" cannot be read from here', "put it beside a deal file on disk"))


def read_deal(yaml: YamlText, source: str, form: Form, beside: TableLoader = refuse_tables) -> Deal:
    """Return the deal; raise InputError with every problem of the file."""
    return DealReader(form, source, beside).read(yaml)


class DealReader:
    """Reads answers into `facts`. Every question met is an Entry; Completion settles those nobody answered."""

    def __init__(self, form: Form, source: str, beside: TableLoader) -> None:
        self.form = form
        self.source = source
        self.load_table = beside
        self.matrix: Matrix | None = None
        self.facts: Facts = dict(form.absent_facts)
        self.answers: list[Answer] = []
        self.problems: list[Problem] = []
        self.placed_questions: list[PlacedQuestion] = []
        self.open_questions: list[PlacedQuestion] = []
        self.context = AnswerContext("USD", {})
        # False where a party has no readable short name: a name nobody knows may be the one it should have.
        self.parties_are_known = True
        # Paths of facts that an unknown name probably means: they are not missing, only misspelt or misplaced.
        self.probable_paths: set[str] = set()
        # False while a default is read.
        self.is_typed = True

    def read(self, yaml: YamlText) -> Deal:
        self.read_facts(yaml)
        if self.problems:
            raise InputError(add_causes(self.problems, yaml.warnings))
        return Deal(self.form.kind, self.source, self.facts, tuple(self.answers), yaml.warnings, self.matrix)

    def read_facts(self, yaml: YamlText) -> None:
        """Read all there is; what is missing or wrong is noted in `problems`."""
        self.problems += yaml.problems
        self.context = AnswerContext(self.read_deal_currency(yaml.root), {})
        place = yaml.root.place
        # The parties come first: everything else may name them.
        parties = tuple(question for question in self.form.questions if question.key == "parties")
        rest = tuple(question for question in self.form.questions if question.key != "parties")
        self.read_answers(parties, yaml.root, "", self.facts, place)
        naming = ShortNames(self, parties[0], yaml.root.get("parties"))
        self.context = AnswerContext(self.context.currency, naming.assign())
        self.parties_are_known = naming.is_complete
        self.facts |= PartyRoles(self, yaml.root.get("parties")).assign()
        self.report_unknown_names(self.form.questions, yaml.root, "")
        self.read_answers(rest, yaml.root, "", self.facts, place)
        Completion(self).settle_all()
        self.match_listed_answers()
        if not self.problems:
            self.facts[FIGURES] = {**self.facts.get(FIGURES, {}), **calculate_figures(self.form.figures, self.facts)}
            self.problems += find_contradictions(self.form.contradictions, self.facts, self.answers, place)

    def match_listed_answers(self) -> None:
        """Hold answers that must be among those of a list against it; capitals do not matter, the list's are taken."""
        for entry in self.placed_questions:
            list_path, _, part = entry.question.among_path.rpartition(".")
            if not list_path or not isinstance(entry.value, str) or entry.is_idle:
                continue
            there = self.find_fact(list_path)
            known = [str(said[name_in_clauses(part)]) for said in there or () if said.get(name_in_clauses(part))]
            same = next((text for text in known if text.casefold() == entry.value.casefold()), None)
            if same is not None:
                entry.group_facts[entry.question.name] = same
            elif known and not any(problem.field.startswith(list_path) for problem in self.problems):
                message = f'"{quote_text(entry.value)}" is not one of those under "{list_path}"'
                place = entry.answer_node.place if entry.answer_node else entry.place
                self.report(message, suggest_choice(entry.value, known), entry.path, place)

    def find_fact(self, path: str) -> Any:
        """Return the value at a path of the deal file, None where nothing is there."""
        value: Any = self.facts
        for part in path.split("."):
            value = value.get(name_in_clauses(part)) if isinstance(value, dict) else None
        return value

    def report(self, message: str, hint: str, path: str, place: Place) -> None:
        self.problems.append(Problem(message, hint, path, place))

    def read_deal_currency(self, root: MappingNode) -> str:
        """The deal's currency is needed before any amount is read; a wrong one is reported later, in its turn."""
        node = root.get("currency")
        if not isinstance(node, ScalarNode) or node.is_empty:
            question = next((question for question in self.form.questions if question.key == "currency"), None)
            node = self.form.defaults.get("currency", question.default if question else None)
        try:
            return read_currency(node.text) if isinstance(node, ScalarNode) and not node.is_empty else "USD"
        except Unreadable:
            return "USD"

    # -- groups

    def read_group(
        self, questions: tuple[Question, ...], node: MappingNode | None, path: str, into: Facts, place: Place
    ) -> Facts:
        """Read the answers of one group into `into`; what is missing is settled later."""
        if node:
            self.report_unknown_names(questions, node, path)
        return self.read_answers(questions, node, path, into, place)

    def report_unknown_names(self, questions: tuple[Question, ...], node: MappingNode, path: str) -> None:
        keys = {question.key for question in questions}
        for name, _ in node:
            if name.text not in keys and not name.bad:
                if not path and name.text in self.form.left_out_topics:
                    hint = f'delete it, or take "{name.text}" out of "leave out"'
                    self.report(LEFT_OUT, hint, name.text, name.place)
                    continue
                hint, meant = explain_unknown_name(name.text, questions, self.form.questions, path, self.form.kind)
                self.probable_paths |= meant
                here = f"{path}.{quote_text(name.text)}" if path else quote_text(name.text)
                self.report(f'"{quote_text(name.text)}" is not a fact we know here', hint, here, name.place)

    def read_answers(
        self, questions: tuple[Question, ...], node: MappingNode | None, path: str, into: Facts, place: Place
    ) -> Facts:
        for question in questions:
            here = f"{path}.{question.key}" if path else question.key
            value = node.get(question.key) if node else None
            into[question.name] = question.empty_value
            parent = self.open_questions[-1] if self.open_questions else None
            entry = PlacedQuestion(question, into, here, value.place if value else place, parent)
            self.placed_questions.append(entry)
            if value is None or (isinstance(value, ScalarNode) and value.is_empty):
                continue
            key = node.find_key(question.key) if node else None
            entry.place = key.place if key else place
            if question.fixed and self.is_typed:
                self.check_settled(entry, value)
            entry.answer_node = value if self.is_typed else None
            before = len(self.problems)
            found = self.read_placed(entry, value)
            entry.is_unsure = found is None or (found == () and len(self.problems) > before)
            if found is not None:
                into[question.name] = None if found is SWITCHED_OFF else found
                self.answers.append(Answer(here, question, found, value.place, self.is_typed))
        return into

    def check_settled(self, entry: PlacedQuestion, node: Node) -> None:
        """Refuse an answer to what a law firm's pack has settled, unless it is the same one."""
        usual = self.form.defaults.get(entry.path, entry.question.default)
        if isinstance(usual, ScalarNode) and isinstance(node, ScalarNode):
            if collapse_spaces(node.text).casefold() == collapse_spaces(usual.text).casefold():
                return
            said = f'the pack in use has settled this as "{quote_text(usual.text)}"'
        else:
            said = "the pack in use has settled this and does not ask it"
        self.report(said, "delete the line, or ask the law firm whose pack it is", entry.path, entry.place)

    def read_placed(self, entry: PlacedQuestion, node: Node) -> Any:
        """Return the value of `node` for `entry`; the entries it makes are inside it."""
        self.open_questions.append(entry)
        found = self.read_value(entry.question, node, entry.path, entry.place)
        self.open_questions.pop()
        return found

    def read_value(self, question: Question, node: Node, path: str, place: Place) -> Any:
        """Return the value of `node`, OFF for "no", or None where it has a problem."""
        if isinstance(node, ScalarNode):
            if node.bad:
                return None
            word = yes_or_no_word(node.text, question.words or ())
            if question.is_group and word == "no":
                return SWITCHED_OFF
            if question.is_group and word == "yes":
                return self.read_group(question.parts, None, path, {}, place)
        match question.structure:
            case Structure.SCALAR:
                return self.read_scalar(question, node, path)
            case Structure.GROUP:
                mapping = self.expect(node, MappingNode, question, path)
                return self.read_group(question.parts, mapping, path, {}, place) if mapping else None
            case Structure.GROUPS:
                return self.read_list_of_groups(question, node, path)
            case Structure.LIST:
                return self.read_list(question, node, path)
            case Structure.PER_PARTY:
                return self.read_per_party(question, node, path)
            case Structure.SHARES:
                return self.read_shares(question, node, path)
            case Structure.MATRIX:
                return MatrixReader(self, question, path).read(node, place)

    def expect(self, node: Node, kind: type[NodeKind], question: Question, path: str) -> NodeKind | None:
        """Return `node` if it is of `kind`; report it otherwise."""
        if isinstance(node, kind):
            return node
        self.report(*question.type.explain_wrong_node(node, question, tuple(self.context.parties)), path, node.place)
        return None

    def read_scalar(self, question: Question, node: Node, path: str) -> Any:
        scalar = self.expect(node, ScalarNode, question, path)
        if scalar is None:
            return None
        if question.type.names_party and not self.parties_are_known and scalar.text not in self.context.parties:
            return None
        try:
            return read_answer(question, scalar.text, self.context)
        except Unreadable as error:
            self.report(error.message, error.hint, path, node.place)
            return None

    # -- lists

    def read_list(self, question: Question, node: Node, path: str) -> tuple[Any, ...] | None:
        items = node.items if isinstance(node, SequenceNode) else (node,)
        if isinstance(node, MappingNode):
            self.expect(node, SequenceNode, question, path)
            return None
        self.check_count(question, items, path, node.place)
        found: list[Any] = []
        for number, item in enumerate(items[:MAX_ITEMS], 1):
            here = f"{path}.{number}"
            if isinstance(item, ScalarNode) and item.is_empty:
                self.report("this entry of the list is empty", "fill it in, or delete it", here, item.place)
                continue
            value = self.read_value(question.parts[0], item, here, item.place)
            if value is not None and value in found:
                self.report("the same entry stands twice in this list", "keep one of them", here, item.place)
            elif value is not None:
                found.append(value)
        return tuple(found)

    def read_list_of_groups(self, question: Question, node: Node, path: str) -> tuple[Facts, ...] | None:
        sequence = self.expect(node, SequenceNode, question, path)
        if sequence is None:
            return None
        self.check_count(question, sequence.items, path, sequence.place)
        entry = replace(question, type=GROUP, words=None)
        found: list[tuple[int, MappingNode, Facts]] = []
        for number, item in enumerate(sequence.items[:MAX_ITEMS], 1):
            here = f"{path}.{number}"
            if isinstance(item, ScalarNode) and item.is_empty:
                self.report("this entry of the list is empty", "fill it in, or delete it", here, item.place)
                continue
            mapping = self.expect(item, MappingNode, entry, here)
            if mapping:
                found.append((number, mapping, self.read_group(question.parts, mapping, here, {}, item.place)))
        self.check_unique(question, found, path)
        return tuple(facts for _, _, facts in found)

    def check_count(self, question: Question, items: tuple[Node, ...], path: str, place: Place) -> None:
        least, most = int(question.limits.least or 0), int(question.limits.most or MAX_ITEMS)
        if question.key == "parties":
            least, most = self.form.party_limits
        there = {0: "there are none", 1: "there is 1"}.get(len(items), f"there are {len(items)}")
        if len(items) < least:
            self.report(f"{there}, and at least {least} must be given", f"add {least - len(items)} more", path, place)
        if len(items) > most:
            hint = f"delete {len(items) - most} of them"
            self.report(f"{there}, and at most {most} may be given", hint, path, items[most].place)

    def check_unique(self, question: Question, found: list[tuple[int, MappingNode, Facts]], path: str) -> None:
        for part in question.parts:
            seen: dict[str, int] = {}
            for number, node, facts in found:
                value = facts.get(part.name)
                if not part.unique or value is None:
                    continue
                first = seen.setdefault(str(value).casefold(), number)
                if first != number:
                    at = node.get(part.key)
                    self.report(
                        f'"{quote_text(str(value))}" is given as "{part.key}" in number {first} already',
                        "each entry needs its own",
                        f"{path}.{number}.{part.key}",
                        at.place if at else node.place,
                    )

    # -- maps from parties

    def read_by_party(
        self, question: Question, node: Node, path: str
    ) -> list[tuple[Mapping[str, Any], Node, str]] | None:
        """Return the entries of a map whose keys are short names, in the order of the parties."""
        mapping = self.expect(node, MappingNode, question, path)
        if mapping is None:
            return None
        found: dict[str, Node] = {}
        strangers = 0
        for name, value in mapping:
            short = collapse_spaces(name.text)
            strangers += short not in self.context.parties
            if short in found:
                self.report(f'"{short}" stands twice here', "keep one of them", f"{path}.{short}", name.place)
            elif short in self.context.parties:
                found[short] = value
            elif self.parties_are_known and not name.bad:
                hint = suggest_choice(name.text, self.context.parties)
                here = f"{path}.{quote_text(name.text)}"
                self.report(f'"{quote_text(name.text)}" is not the short name of a party', hint, here, name.place)
        entries = []
        for short, party in self.context.parties.items():
            here = f"{path}.{short}"
            said = found.get(short)
            if said is not None and not (isinstance(said, ScalarNode) and said.is_empty):
                entries.append((party, said, here))
            elif question.needed and question.structure is Structure.PER_PARTY and not strangers:
                example = question.parts[0].type.example(question.parts[0])
                at = said.place if said else node.place
                self.report(f'nothing is said for "{short}"', f'add it, as in "{short}: {example}"', here, at)
        return entries

    def read_per_party(self, question: Question, node: Node, path: str) -> tuple[Facts, ...] | None:
        entries = self.read_by_party(question, node, path)
        if entries is None:
            return None
        said = [(party, self.read_value(question.parts[0], value, here, value.place)) for party, value, here in entries]
        return tuple({"party": party, "said": value} for party, value in said if value is not None)

    def read_shares(self, question: Question, node: Node, path: str) -> tuple[Facts, ...] | None:
        before = len(self.problems)
        entries = self.read_by_party(question, node, path)
        if entries is None or not self.parties_are_known:
            return None
        share = Question("", PERCENT, "", question.place, example="50%")
        said = [(party, self.read_value(share, value, here, value.place)) for party, value, here in entries]
        total = sum((value.number for _, value in said if value is not None), Decimal(0))
        # 0.01: three thirds are written 33.33 (rule S03 of the deal check).
        if len(self.problems) == before and abs(total - 100) > Decimal("0.01"):
            self.report(f"the shares add up to {total}%", "they must add up to 100%", path, node.place)
        return tuple({"party": party, "share": value} for party, value in said if value is not None)


FactPath = tuple[str, ...]
# answered: typed and readable; usual: its default holds; open: may be answered, and has no default; missing: must be
# answered; wrong: typed, and there is a problem; waiting: another answer decides whether it applies; idle: typed, and
# other answers make it meaningless.
AnswerState = Literal["answered", "usual", "open", "missing", "wrong", "waiting", "idle"]


@dataclass(frozen=True)
class FactStatus:
    """One question in its place in a deal. `value` is the answer, typed or usual; `node` what was typed.

    `path` counts the entries of lists from 1 and names parties by their short names.
    """

    path: FactPath
    question: Question
    state: AnswerState
    value: Any = None
    node: Node | None = None
    problem: Problem | None = None

    @property
    def field(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True)
class DealStatus:
    """All questions that apply, in the order of the form, and every problem of the file."""

    facts: tuple[FactStatus, ...]
    problems: tuple[Problem, ...]
    context: AnswerContext
    parties: tuple[str, ...]
    fact_values: Mapping[str, Any] = field(default_factory=dict)

    def find_fact(self, path: FactPath) -> FactStatus | None:
        return next((fact for fact in self.facts if fact.path == path), None)

    def facts_below(self, path: FactPath) -> tuple[FactStatus, ...]:
        """Return the facts directly inside the group, list entry or party at `path`."""
        return tuple(fact for fact in self.facts if fact.path[:-1] == path)

    def find_problem(self, path: FactPath) -> Problem | None:
        """Return the first problem of what was typed at `path` or inside it."""
        name = ".".join(path)
        said = (p for p in self.problems if p.field == name or p.field.startswith(name + "."))
        return next((problem for problem in said if problem.message != MISSING), None)


def read_status(yaml: YamlText, source: str, form: Form, beside: TableLoader = refuse_tables) -> DealStatus:
    """Return how far the deal of a readable YAML text is; `beside` reads the tables it names."""
    reader = DealReader(form, source, beside)
    reader.read_facts(yaml)
    entries = {entry.path: entry for entry in reader.placed_questions}
    usual = {answer.path: answer.value for answer in reader.answers if not answer.typed}
    problems: dict[str, Problem] = {}
    for problem in reader.problems:
        problems.setdefault(problem.field, problem)

    def below(questions: tuple[Question, ...], path: FactPath) -> Iterator[FactStatus]:
        for question in questions:
            here = (*path, question.key)
            entry = entries.get(".".join(here))
            if entry is None or not (question.asked or (question.fixed and entry.answer_node is not None)):
                continue
            fact = _status_of(here, entry, usual, problems)
            if fact is not None:
                yield fact
                yield from inside(question, here, entry.answer_node)

    def inside(question: Question, path: FactPath, node: Node | None) -> Iterator[FactStatus]:
        if question.is_group:
            yield from below(question.parts, path)
        elif question.structure is Structure.GROUPS and isinstance(node, SequenceNode):
            for number in range(1, len(node.items) + 1):
                yield from below(question.parts, (*path, str(number)))
        elif question.structure is Structure.PER_PARTY and question.parts[0].is_group:
            for short in reader.context.parties:
                yield from below(question.parts[0].parts, (*path, short))

    parties = tuple(str(party.get("short") or "") for party in reader.facts["parties"])
    found = tuple(below(form.questions, ()))
    return DealStatus(found, tuple(reader.problems), reader.context, parties, reader.facts)


def _status_of(
    path: FactPath, entry: PlacedQuestion, usual: Mapping[str, Any], problems: Mapping[str, Problem]
) -> FactStatus | None:
    question, name = entry.question, entry.path
    problem = problems.get(name)
    if entry.is_idle:
        return (
            FactStatus(path, question, "idle", None, entry.answer_node, problem)
            if entry.answer_node is not None
            else None
        )
    if problem and problem.message == MISSING:
        return FactStatus(path, question, "missing", problem=problem)
    if entry.answer_node is not None:
        if problem is None and question.structure not in (Structure.GROUP, Structure.GROUPS):
            problem = next((found for field, found in problems.items() if field.startswith(name + ".")), None)
        if problem is not None and not problem.message.endswith(IDLE):
            return FactStatus(path, question, "wrong", entry.value, entry.answer_node, problem)
        off = (
            isinstance(entry.answer_node, ScalarNode)
            and yes_or_no_word(entry.answer_node.text, question.words or ()) == "no"
        )
        return FactStatus(path, question, "answered", SWITCHED_OFF if off else entry.value, entry.answer_node)
    if name in usual:
        return FactStatus(path, question, "usual", usual[name])
    return FactStatus(path, question, "waiting" if entry.is_unsure else "open", entry.value)


def node_as_data(node: Node | None) -> Any:
    """Return a node as texts, lists and dictionaries, as they were typed; an empty value is None."""
    if isinstance(node, MappingNode):
        return {name.text: node_as_data(value) for name, value in node}
    if isinstance(node, SequenceNode):
        return [node_as_data(item) for item in node.items]
    return None if not isinstance(node, ScalarNode) or node.is_empty else node.text
