"""What lawyers write of topics: their questions, clauses, rows of the key terms and schedules.

A topic (`clauses/<topic>/topic.yaml`) declares the questions of one subject of agreements, and what stands in an
agreement about it besides clauses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.deal.deal import Contradiction, Figure
from agreementgen.deal.phrases import Phrase
from agreementgen.deal.question_types import GROUP, TEXT, TYPES, ChoiceType
from agreementgen.deal.questions import Companion, OtherDefault, PartsInWords, Question, Remedy, Structure
from agreementgen.library.files import Fields, PlacedText, SourceFile, read_declarations
from agreementgen.library.typical_tasks import TypicalTask, read_typical_task
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode, read_yaml

# "short" is the balanced wording for full pages; the others are chosen by the deal's `position`.
POSITIONS = ("balanced", "short", "pro-first", "pro-second", "fallback")


# -- clauses, rows, schedules


_ALWAYS = PlacedText("", Place("", 1, 1))


@dataclass(frozen=True)
class Guidance:
    """What a lawyer should know of a wording; never printed in a document.

    `falls_back_when` is the condition under which `fall_back_to` fits a deal.
    """

    why: str = ""
    use_when: str = ""
    traps: str = ""
    they_may_ask: str = ""
    fall_back_to: str = ""
    falls_back_when: PlacedText = _ALWAYS


@dataclass(frozen=True)
class ClauseTest:
    """A test in a clause's front matter: with `facts`, by path in a deal file, it prints some words and not others.

    `kind` is the kind of agreement ("" for the first that has the topic), `parties` their number.
    """

    facts: Mapping[str, Node]
    contains: tuple[str, ...]
    lacks: tuple[str, ...]
    kind: str
    parties: int
    place: Place


@dataclass(frozen=True)
class ClauseText:
    """One approved wording of a topic.

    `word_budget` is the most words it should print; `rank` decides between clauses of one position whose conditions
    hold (the lowest wins). `requires` are topics that must have a clause beside it, `conflicts` the ids of clauses that
    must not. `jurisdictions` are ISO 3166 codes of the governing laws it is for (none: any). `reviewed` is who
    reviewed it and when, empty until a lawyer did. `place` is its id's.
    """

    id: str
    topic: str
    title: str
    version: int
    position: str
    rank: int
    when: PlacedText
    word_budget: int
    requires: tuple[str, ...]
    conflicts: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    reviewed: tuple[str, str]
    guidance: Guidance
    tests: tuple[ClauseTest, ...]
    body: PlacedText
    place: Place


def read_clause(topic: str, source: SourceFile, problems: list[Problem]) -> ClauseText | None:
    """Return the clause of a file of `---`, YAML front matter, `---` and body; None where it cannot be read."""
    try:
        text = source.text.replace("\r\n", "\n")
        match = re.match(r"---\n(.*?\n)---\n", text, re.DOTALL)
        if not match:
            message = 'a clause begins with "---", its front matter, and "---"'
            problems.append(Problem(message, place=Place(source.name, 1, 1), code="wrong-shape"))
            return None
        root = read_yaml(match[1], source.name, first_line=2).root
    except InputError as error:
        problems += error.problems
        return None
    body = text[match.end() :]
    blank_lines = len(body) - len(body.lstrip("\n"))
    first_line = match[0].count("\n") + 1 + blank_lines
    placed_body = PlacedText(body.strip("\n"), Place(source.name, first_line, 1))
    fields = Fields(root, problems)
    clause = fields.read_by(lambda fields: _read_clause(fields, topic, placed_body))
    if not body.strip():
        hint = 'write it behind the second "---"'
        fields.add_problem("the clause has no text", hint, placed_body.place, code="empty")
    return clause


def _read_clause(fields: Fields, topic: str, body: PlacedText) -> ClauseText:
    return ClauseText(
        id=fields.read_text("id"),
        topic=topic,
        title=fields.read_text("title"),
        version=fields.read_integer("version", 1),
        position=fields.read_choice("position", POSITIONS, "balanced", "a position"),
        rank=fields.read_integer("rank", 100),
        when=fields.read_placed_text("when", ""),
        word_budget=fields.read_integer("words"),
        requires=fields.read_texts("requires"),
        conflicts=fields.read_texts("conflicts"),
        jurisdictions=fields.read_texts("jurisdictions"),
        reviewed=fields.read_group("reviewed", _read_review) or ("", ""),
        guidance=fields.read_group("guidance", _read_guidance) or Guidance(),
        tests=fields.read_groups("tests", _read_test),
        body=body,
        place=fields.place_of("id"),
    )


def _read_guidance(fields: Fields) -> Guidance:
    def read(key: str) -> str:
        return " ".join(fields.read_text(key, "").split())

    return Guidance(
        why=read("why"),
        use_when=read("use when"),
        traps=read("traps"),
        they_may_ask=read("they may ask"),
        fall_back_to=read("fall back to"),
        falls_back_when=fields.read_placed_text("falls back when", ""),
    )


def _read_review(fields: Fields) -> tuple[str, str]:
    by, on = fields.read_text("by", ""), fields.read_text("on", "")
    if bool(by) != bool(on):
        message = 'a review names who did it ("by") and when ("on")'
        fields.add_problem(message, "fill in both, or leave both empty", code="missing")
    elif on and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", on):
        message = f'"{on}" is not a day'
        fields.add_problem(message, "write it like 2026-11-22", fields.place_of("on"), code="unreadable")
    return by, on


def _read_test(fields: Fields) -> ClauseTest:
    test = ClauseTest(
        facts=fields.read_nodes("facts"),
        contains=fields.read_texts("contains"),
        lacks=fields.read_texts("lacks"),
        kind=fields.read_text("kind", ""),
        parties=fields.read_integer("parties", 2),
        place=fields.node.place,
    )
    if not (test.contains or test.lacks):
        fields.add_problem('a test says what the clause "contains" or "lacks"', code="missing")
    return test


@dataclass(frozen=True)
class TermText:
    """A row of the key terms. `each` names a list of the deal that makes one row an entry.

    `own_rule` says that its text is a whole rule; the others have the effect that a clause gives them by naming them.
    `schedule` names the table to which its facts move where they are many or the page is too full.
    `beside` rows stand next to each other or not at all.
    """

    id: str
    label: PlacedText
    says: PlacedText
    when: PlacedText
    each: str
    beside: bool
    schedule: str
    own_rule: bool
    place: Place


def read_term(fields: Fields) -> TermText:
    return TermText(
        id=fields.read_text("id"),
        label=fields.read_placed_text("label"),
        says=fields.read_placed_text("says"),
        when=fields.read_placed_text("when", ""),
        each=fields.read_text("each", ""),
        beside=fields.read_flag("beside", False),
        schedule=fields.read_text("schedule", ""),
        own_rule=fields.read_flag("own rule", False),
        place=fields.place_of("id"),
    )


@dataclass(frozen=True)
class ScheduleColumn:
    """A column: its head, what it says of each entry, and its width in percent of the page (0: a fair share)."""

    head: PlacedText
    says: PlacedText
    width: int


@dataclass(frozen=True)
class ScheduleText:
    """A table with one row for each entry of the list `each`; `totals` are the texts of a last row, where there is one.

    From `least_entries` on it always stands behind the agreement; with 0, only where the page is too full. A schedule
    that has a `text` is no table but an annex: it always stands behind the agreement. Its text may be that of a Word
    `file` beside the topic.
    """

    id: str
    title: str
    each: str
    least_entries: int
    when: PlacedText
    columns: tuple[ScheduleColumn, ...]
    totals: tuple[PlacedText, ...]
    text: PlacedText
    file: PlacedText
    place: Place

    @property
    def is_annex(self) -> bool:
        return bool(self.text.text or self.file.text)


def read_schedule(fields: Fields) -> ScheduleText:
    columns = fields.read_groups("columns", _read_column)
    totals = fields.read_placed_texts("total")
    text, file = fields.read_placed_text("text", ""), fields.read_placed_text("file", "")
    is_annex = bool(text.text or file.text)
    if text.text and file.text:
        message = 'a schedule has a "text", or the text of a "file"'
        fields.add_problem(message, "make two of them", fields.place_of("file"), code="contradiction")
    if is_annex and (columns or totals or fields.find_node("each") or fields.find_node("from")):
        message = 'a schedule has a "text" or a "file", or a table ("each", "from", "columns", "total")'
        place = fields.place_of("text" if text.text else "file")
        fields.add_problem(message, "make two of them", place, code="contradiction")
    elif not columns and not is_annex:
        fields.add_problem('a schedule needs "columns", a "text" or a "file"', code="missing")
    if totals and len(totals) != len(columns):
        message = f"the total has {len(totals)} cells, the table {len(columns)} columns"
        fields.add_problem(message, place=fields.place_of("total"), code="wrong-shape")
    if sum(column.width for column in columns) > 100:
        message = "the columns are wider than the page"
        fields.add_problem(message, "widths are in percent", fields.place_of("columns"), code="out-of-limits")
    return ScheduleText(
        id=fields.read_text("id"),
        title=fields.read_text("title"),
        each=fields.read_text("each", "" if is_annex else None),
        least_entries=fields.read_integer("from"),
        when=fields.read_placed_text("when", ""),
        columns=columns,
        totals=totals,
        text=text,
        file=file,
        place=fields.place_of("id"),
    )


def _read_column(fields: Fields) -> ScheduleColumn:
    return ScheduleColumn(
        fields.read_placed_text("head"), fields.read_placed_text("says"), fields.read_integer("width")
    )


# -- topics


@dataclass(frozen=True)
class ConditionText:
    """A `when` or `needed` as it is written; `siblings` are the questions of the group it stands in (called `this`)."""

    text: PlacedText
    siblings: tuple[Question, ...] = ()


@dataclass(frozen=True)
class Topic:
    """One subject. `question` is its place in a deal file: a group, list or map under the topic's key.

    A topic that stands "at the top" (`key` is empty) has its questions as top-level keys of the deal file.
    `conditions` are all `when` and `needed` of its questions, figures and contradictions. `terms` are its rows of the
    key terms, `schedules` its tables behind the agreement. `typical_tasks` are those of RACI charts.

    Of the topic "parties" only: `full_name` heads a party's box under the title and its signature, `box_lines` stand
    below it in the box; `signs_through` stands below it where the party signs, and each of `signature_lines` that says
    something stands under a line to sign on.
    """

    id: str
    title: str
    about: str
    question: Question
    terms: tuple[TermText, ...]
    conditions: tuple[ConditionText, ...]
    schedules: tuple[ScheduleText, ...]
    figures: tuple[Figure, ...]
    contradictions: tuple[Contradiction, ...]
    box_lines: tuple[PlacedText, ...]
    full_name: PlacedText | None
    signs_through: PlacedText | None
    signature_lines: tuple[PlacedText, ...]
    typical_tasks: tuple[TypicalTask, ...]

    @property
    def at_top(self) -> bool:
        return not self.question.key

    @property
    def party_texts(self) -> tuple[PlacedText, ...]:
        """All texts of a party's box and signature."""
        heads = (text for text in (self.full_name, self.signs_through) if text)
        return (*heads, *self.box_lines, *self.signature_lines)

    @property
    def questions(self) -> tuple[Question, ...]:
        """The topic's questions as they stand at the left margin of a deal file."""
        return self.question.parts if self.at_top else (self.question,)


def read_topic(topic_id: str, source: SourceFile, problems: list[Problem]) -> Topic | None:
    """Return the topic of a file; None, with `problems`, where it cannot be read at all."""
    return read_declarations(source, partial(_read_topic, topic_id), problems, topic_id)


def _read_topic(topic_id: str, fields: Fields) -> Topic:
    title, about = fields.read_text("title"), fields.read_text("about", "")
    key = "" if fields.read_flag("at top", False) else fields.read_text("key", topic_id)
    question = _read_question(key, fields.node.place, fields)
    tasks = fields.read_groups("typical tasks", read_typical_task)
    figures = tuple(_each_figure(fields))
    contradictions = (
        *fields.read_groups("contradictions", _read_contradiction),
        *fields.read_groups("doubts", _read_doubt),
    )
    conditions = [
        *_each_condition(fields, question, ()),
        *(ConditionText(PlacedText(figure.when, figure.place)) for figure in figures if figure.when),
        *(ConditionText(PlacedText(rule.when, rule.place)) for rule in contradictions),
    ]
    return Topic(
        id=topic_id,
        title=title,
        about=about,
        question=question,
        terms=fields.read_groups("key terms", read_term),
        conditions=tuple(conditions),
        schedules=fields.read_groups("schedules", read_schedule),
        figures=figures,
        contradictions=contradictions,
        box_lines=fields.read_placed_texts("box"),
        full_name=_read_optional_text(fields, "full name"),
        signs_through=_read_optional_text(fields, "signs through"),
        signature_lines=_read_signature_lines(fields),
        typical_tasks=tasks,
    )


def _read_optional_text(fields: Fields, key: str) -> PlacedText | None:
    text = fields.read_placed_text(key, "")
    return text if text.text else None


def _read_signature_lines(fields: Fields) -> tuple[PlacedText, ...]:
    """Return the texts of "signature": a list, or one text."""
    if isinstance(fields.find_node("signature"), SequenceNode):
        return fields.read_placed_texts("signature")
    text = _read_optional_text(fields, "signature")
    return (text,) if text else ()


# -- questions


def _read_question(key: str, place: Place, fields: Fields) -> Question:
    name = fields.read_choice("type", TYPES, "group" if fields.node.get("questions") else "text", "a type")
    kind = TYPES.get(name, TEXT)
    parts = _read_parts(fields)
    if kind.structure in (Structure.LIST, Structure.PER_PARTY):
        parts = (Question("", GROUP, "", place, parts=parts),) if parts else (_read_item(fields),)
    if kind.structure not in (Structure.SCALAR, Structure.SHARES) and not parts:
        fields.add_problem(f'a {kind} needs "questions" (or, for a list, "of")', code="missing")
    choices = fields.read_words("choices")
    if isinstance(kind, ChoiceType) != bool(choices):
        code = "not-applicable" if choices else "missing"
        fields.add_problem('a choice needs "choices", and nothing else has them', code=code)
    if fields.find_node("counts by") is not None and kind.name != "percent":
        fields.add_problem('only a percent has "counts by"', code="not-applicable")
    return Question(
        key=key,
        type=kind,
        # A topic's title stands in for the prompt of its question.
        prompt=fields.read_text("prompt", fields.read_text("title", "")),
        place=place,
        help=fields.read_text("help", ""),
        goes_wrong=fields.read_text("goes wrong", ""),
        example=fields.read_text("example", ""),
        when=fields.read_text("when", ""),
        needed=fields.read_text("needed", ""),
        default=fields.find_node("default"),
        default_when=fields.read_text("default when", ""),
        other_defaults=fields.read_groups("default instead", _read_other_default),
        other_than=fields.read_text("default other than", ""),
        choices=choices,
        words=fields.read_words("also"),
        limits=fields.read_limits(),
        usual_least=fields.read_text("usual least", ""),
        usual_most=fields.read_text("usual most", ""),
        unique=fields.read_flag("unique", False),
        printed=fields.read_flag("printed", True),
        other_heads=fields.read_texts("heads"),
        among_path=fields.read_text("among", ""),
        by_party=fields.read_text("by party", ""),
        phrases=_check_phrases(fields, fields.read_groups("phrases", _read_phrase)),
        remedies=fields.read_groups("instead", _read_remedy),
        asks_usual=fields.read_flag("ask usual", False),
        counts_by=fields.read_choice("counts by", ("", "month"), "", "a time that is counted by"),
        reminder=fields.read_text("reminder", ""),
        companion=fields.read_group("asked with", _read_companion),
        in_words=fields.read_group("in words", _read_parts_in_words),
        asked=fields.read_flag("asked", True),
        parts=parts,
    )


def _check_phrases(fields: Fields, phrases: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    """Return `phrases`; refuse those that mean no answer to the question."""
    answers = {**(fields.read_words("choices") or {}), **(fields.read_words("also") or {})}
    for phrase in phrases:
        if phrase.means not in answers:
            fields.add_problem(f'"{phrase.means}" is no answer to this question', code="not-a-choice")
    return phrases


def _read_phrase(fields: Fields) -> Phrase:
    like, means = fields.read_text("like"), fields.read_text("means")
    return Phrase(like, means, fields.read_words("beside") or {})


def _read_other_default(fields: Fields) -> OtherDefault:
    return OtherDefault(fields.read_text("when"), ScalarNode(fields.read_text("answer"), fields.place_of("answer")))


def _read_remedy(fields: Fields) -> Remedy:
    return Remedy(fields.read_text("says"), fields.read_text("when", ""))


def _read_companion(fields: Fields) -> Companion:
    return Companion(fields.read_text("question"), fields.read_text("prompt"), fields.read_text("example"))


def _read_parts_in_words(fields: Fields) -> PartsInWords:
    return PartsInWords(fields.read_text("amount"), fields.read_text("event"), fields.read_text("under"))


def _read_parts(fields: Fields) -> tuple[Question, ...]:
    parts = tuple(
        fields.inside(node, f"{fields.field}.{name.text}").read_by(partial(_read_question, name.text, name.place))
        for name, node in fields.each_named_group("questions", "a question")
    )
    keys = {part.key for part in parts}
    for part in parts:
        for key in sorted({key for phrase in part.phrases for key in phrase.beside} - keys):
            fields.add_problem(f'"{key}" stands not beside "{part.key}"', place=part.place, code="unknown-name")
        inner = {question.key for question in part.inner_questions}
        if part.in_words and not ({part.in_words.amount, part.in_words.event} <= inner and part.in_words.under in keys):
            message = '"in words" names two questions of the list, and one beside it'
            fields.add_problem(message, place=part.place, code="unknown-name")
        if part.companion and part.companion.key not in keys:
            message = f'"{part.companion.key}" stands not beside "{part.key}"'
            fields.add_problem(message, place=part.place, code="unknown-name")
    return parts


def _read_item(fields: Fields) -> Question:
    node = fields.find_node("of")
    if not isinstance(node, MappingNode):
        fields.add_problem('a list needs "of": the question of one item', code="missing")
        return Question("", TEXT, "", fields.node.place)
    return fields.inside(node).read_by(partial(_read_question, "", node.place))


def _each_condition(fields: Fields, question: Question, siblings: tuple[Question, ...]) -> Iterator[ConditionText]:
    """Yield the conditions of a question that stands beside `siblings`, and of its parts."""
    if question.when:
        yield ConditionText(PlacedText(question.when, fields.place_of("when")), siblings)
    if question.default_when:
        yield ConditionText(PlacedText(question.default_when, fields.place_of("default when")), siblings)
    if question.needed not in ("", "yes"):
        yield ConditionText(PlacedText(question.needed, fields.place_of("needed")), siblings)
    for listed in (fields.node.get("default instead"), fields.node.get("instead")):
        for node in listed.items if isinstance(listed, SequenceNode) else ():
            condition = node.get("when") if isinstance(node, MappingNode) else None
            if isinstance(condition, ScalarNode):
                yield ConditionText(PlacedText(condition.text, condition.place), siblings)
    parts, item = fields.node.get("questions"), fields.node.get("of")
    if isinstance(parts, MappingNode):
        inner = (
            question.parts[0].parts if question.structure in (Structure.LIST, Structure.PER_PARTY) else question.parts
        )
        for (_, node), part in zip(parts, inner, strict=False):
            if isinstance(node, MappingNode):
                yield from _each_condition(fields.inside(node), part, inner)
    elif isinstance(item, MappingNode):
        yield from _each_condition(fields.inside(item), question.parts[0], ())


def _each_figure(fields: Fields) -> Iterator[Figure]:
    for name, node in fields.each_named_group("calculated"):
        yield fields.inside(node).read_by(partial(_read_figure, name.text))


def _read_figure(key: str, fields: Fields) -> Figure:
    """Return what is calculated; a factor is a name or a number."""
    node = fields.find_node("multiply")
    items = node.items if isinstance(node, SequenceNode) else ()
    factors = tuple(item.text for item in items if isinstance(item, ScalarNode))
    if not factors:
        fields.add_problem('a figure needs "multiply": a list of facts and numbers', code="missing")
    return Figure(
        key,
        fields.read_text("label"),
        factors,
        fields.read_text("each", ""),
        fields.read_text("most", ""),
        fields.read_text("when", ""),
        fields.place_of("when"),
    )


def _read_contradiction(fields: Fields) -> Contradiction:
    return Contradiction(
        fields.read_text("when"),
        fields.read_text("fact"),
        fields.read_text("says"),
        fields.read_text("hint", ""),
        fields.place_of("when"),
        typed=fields.read_flag("typed", False),
    )


def _read_doubt(fields: Fields) -> Contradiction:
    return replace(_read_contradiction(fields), severity="W")
