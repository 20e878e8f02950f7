"""The library: all topics, clauses and outlines, and what a kind of agreement asks of a deal."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from agreementgen.core.problems import InputError, Problem, suggest_nearest
from agreementgen.deal.deal import FIGURES, Deal, Form
from agreementgen.deal.forms import write_node_inline
from agreementgen.deal.question_types import GROUP
from agreementgen.deal.questions import (
    APART,
    INDIVIDUALS,
    LAW_COUNTRY,
    POSITION_BY_TOPIC,
    SCHEDULES,
    Question,
    Structure,
)
from agreementgen.language.analysis import Shape, group_shape, list_shape
from agreementgen.library.clauses import ClauseText
from agreementgen.library.pack import Pack
from agreementgen.library.snapshot import SourceFile
from agreementgen.library.topics import Outline, Topic


@dataclass(frozen=True, eq=False)
class Library:
    """Everything lawyers wrote. `layout` holds the files of `templates/layout` by name.

    `digest` is a SHA-256 over all its files: libraries that make the same documents have the same one.
    `packs` are those laid over what comes with the program, the last on top; `files` all files by path in the library.
    Libraries are compared by identity: what is worked out of one can be kept.
    """

    topics: Mapping[str, Topic]
    clauses: Mapping[str, tuple[ClauseText, ...]]
    outlines: Mapping[str, Outline]
    layout: Mapping[str, SourceFile]
    digest: str = ""
    packs: tuple[Pack, ...] = ()
    files: Mapping[str, SourceFile] = field(default_factory=dict, repr=False)
    _forms: dict[tuple[str, ...], Form] = field(default_factory=dict, repr=False, compare=False)

    @property
    def footer(self) -> str:
        """The lines that packs add to the foot of each page, "" for none."""
        return " · ".join(pack.footer for pack in self.packs if pack.footer)

    @cached_property
    def term_ids(self) -> frozenset[str]:
        """The ids of all rows of the key terms."""
        return frozenset(term.id for topic in self.topics.values() for term in topic.terms)

    @cached_property
    def schedule_ids(self) -> frozenset[str]:
        """The ids of all schedules: tables of topics, and matrices, which the program turns into schedules itself."""
        topics = self.topics.values()
        tables = {schedule.id for topic in topics for schedule in topic.schedules}
        matrices = {topic.question.key for topic in topics if topic.question.structure is Structure.MATRIX}
        return frozenset(tables | matrices)

    def each_clause(self) -> Iterator[ClauseText]:
        """Yield all clauses, topic by topic."""
        for clauses in self.clauses.values():
            yield from clauses

    # -- kinds of agreement

    @property
    def offered_outlines(self) -> dict[str, Outline]:
        """The kinds of agreement one may choose: all, but for those that a pack does not offer."""
        return {kind: outline for kind, outline in self.outlines.items() if outline.offered}

    def outline_of_kind(self, kind: str, left_out: Collection[str] = ()) -> Outline:
        """Return the outline of `kind` without the topics a deal leaves out (by their keys in deal files).

        Raise InputError for a kind that there is not, or that is not offered.
        """
        offered = self.offered_outlines
        if kind not in offered:
            what = "is not offered by the pack in use" if kind in self.outlines else "is not a kind of agreement"
            hint = suggest_nearest(kind, offered)
            raise InputError(Problem(f'"{kind}" {what}', hint, "agreement", code="not-a-choice"))
        outline = self.outlines[kind]
        gone = {topic for topic, key in self.optional_topics(outline).items() if key in left_out}
        return (
            replace(outline, topics=tuple(topic for topic in outline.topics if topic not in gone)) if gone else outline
        )

    def outline_of_deal(self, deal: Deal) -> Outline:
        return self.outline_of_kind(deal.kind, deal.facts["leave_out"])

    def optional_topics(self, outline: Outline) -> dict[str, str]:
        """Return the topics a deal may leave out, with their keys in deal files."""
        needed = ("parties", *outline.required)
        topics = [self.topics[topic_id] for topic_id in self.outlines[outline.kind].topics]
        return {topic.id: topic.question.key for topic in topics if not topic.at_top and topic.id not in needed}

    def form_of(self, outline: Outline) -> Form:
        """Return what the reader of deal files must know of a kind of agreement."""
        if outline.topics in self._forms:
            return self._forms[outline.topics]
        topics = [self.topics[topic_id] for topic_id in outline.topics]
        optional = self.optional_topics(outline)
        form = self._forms[outline.topics] = Form(
            kind=outline.kind,
            questions=self.questions_of(outline),
            defaults=outline.defaults,
            party_limits=outline.party_limits,
            roles=tuple(outline.roles),
            absent_facts=self._absent_facts(outline),
            left_out_topics=tuple(key for topic, key in optional.items() if topic not in outline.topics),
            figures=tuple(figure for topic in topics for figure in topic.figures),
            contradictions=tuple(rule for topic in topics for rule in topic.contradictions),
        )
        return form

    # -- questions and facts

    def list_top_questions(self) -> tuple[Question, ...]:
        """Return the questions of all topics as they stand at the left margin of deal files."""
        return tuple(question for topic in self.topics.values() for question in topic.questions)

    def questions_of(self, outline: Outline) -> tuple[Question, ...]:
        """Return the questions of one kind of agreement as they stand at the left margin of its deal files."""
        questions: list[Question] = []
        for topic, question in self.each_section(outline):
            if topic.at_top:
                questions += question.parts
            elif not question.is_group or question.parts:
                questions.append(question)
        return tuple(questions)

    def each_section(self, outline: Outline) -> Iterator[tuple[Topic, Question]]:
        """Yield the topics of `outline`, each with its question as this kind of agreement asks it."""
        for topic_id in outline.topics:
            topic = self.topics[topic_id]
            yield topic, self._adapt_question(topic.question, topic.question.key, outline)

    def _adapt_question(self, question: Question, path: str, outline: Outline) -> Question:
        """Return `question` as `outline` asks it: with its kinds, its roles, its choices, its clauses' positions."""
        parts: list[Question] = []
        for part in question.parts:
            part_path = ".".join(filter(None, (path, part.key)))
            if part_path == "parties.role" and not outline.roles:
                continue
            parts.append(self._adapt_question(part, part_path or part.key, outline))
            if part_path == "position":
                parts += self._position_questions(part, outline)
        adapted = replace(question, parts=tuple(parts))
        if path in outline.needed:
            adapted = replace(adapted, needed="yes", default=None)
        choices = question.choices
        if path == "agreement":
            choices = {kind: other.title for kind, other in self.offered_outlines.items()}
        elif path == "leave out" and not question.key:
            choices = {key: self.topics[topic].title for topic, key in self.optional_topics(outline).items()}
        elif path == "parties.role":
            choices = {role: role for role in outline.roles}
        elif path in outline.choices and choices:
            choices = {word: says for word, says in choices.items() if word in outline.choices[path]}
        return replace(adapted, choices=choices)

    def _position_questions(self, usual: Question, outline: Outline) -> list[Question]:
        """Return the question that chooses a position topic by topic, where there is anything to choose."""
        parts = []
        for topic_id in outline.topics:
            positions = {clause.position for clause in self.clauses.get(topic_id, ())}
            choices = {word: says for word, says in (usual.choices or {}).items() if word in positions}
            if len(choices) > 1:
                prompt = f"Whose wording for: {self.topics[topic_id].title.lower()}?"
                parts.append(replace(usual, key=topic_id, prompt=prompt, help="", default=None, choices=choices))
        if not parts:
            return []
        prompt = "Is any topic worded from another position than the rest?"
        by_topic = replace(usual, key=POSITION_BY_TOPIC, type=GROUP, prompt=prompt, help="", default=None, choices=None)
        return [replace(by_topic, parts=tuple(parts))]

    def list_roles(self) -> tuple[str, ...]:
        """Return the roles of parties in all kinds of agreement."""
        return tuple(dict.fromkeys(role for outline in self.outlines.values() for role in outline.roles))

    def _absent_facts(self, outline: Outline) -> Mapping[str, Any]:
        """Return, as not given, the facts that other kinds of agreement have and this one does not ask for."""
        facts: dict[str, Any] = {question.name: question.empty_value for question in self.list_top_questions()}
        facts |= dict.fromkeys(self.list_roles())
        for question in self.questions_of(outline):
            facts.pop(question.name, None)
        figures = {figure.name: None for topic in self.topics.values() for figure in topic.figures}
        return facts | {FIGURES: figures, SCHEDULES: False, APART: False}

    def shape_of_facts(self) -> Shape:
        """Return the form of all facts of all topics, for analysing clauses."""
        questions = self.list_top_questions()
        roles = self.list_roles()
        parties = next((question for question in questions if question.key == "parties"), None)
        fields = {part.name: part.fact_shape(group_shape({})) for part in parties.parts} if parties else {}
        party = group_shape(fields | {"role": Shape("choice", frozenset(roles))})
        facts = {question.name: question.fact_shape(party) for question in questions}
        if "agreement" in facts:
            facts["agreement"] = Shape("choice", frozenset(self.outlines))
        figures = {figure.name: Shape("money") for topic in self.topics.values() for figure in topic.figures}
        facts |= {FIGURES: group_shape(figures), INDIVIDUALS: list_shape(party), LAW_COUNTRY: Shape("text")}
        facts |= dict.fromkeys((SCHEDULES, APART, "two"), Shape("yes/no"))
        return group_shape(facts | dict.fromkeys(("first", "second", *roles), party))


# -- the reference of deal files (docs/deal-files/)

_INTRODUCTION = """\
# Deal files: {title}

Generated from the questions in `clauses/`. A deal file is YAML; names stand before the colon, and what has a
default may be left out. Lengths of time always have a unit (`90 days`), percentages a sign (`10%`), amounts
may have a currency (`$5,000`, `5000 USD`; without one the deal's `currency` counts). Parties are called by
their short names. Where a value begins with a sign or holds ` #` or `: `, put it in double quotes.
"""

# What a question of type raci reads besides the parts that its topic declares.
_MATRIX_ROWS = [
    "| `roles` | for each role: a party or `outside` |  | Who works on it? With a person: "
    "`SEO lead: {party: Bay Rank, person: Lee Okafor}`. |",
    "| `tasks` | for each task: a letter (`R`, `A`, `A/R`, `C`, `I`) for each role |  | What is to be done? "
    "With more to say: `Send the report: {letters: {SEO lead: A/R}, due: 2027-01-10, phase: Every month, "
    "carries out: Reports monthly}`. |",
    "| `table` | text |  | A .csv or .xlsx file beside the deal file, instead of roles and tasks. "
    "Example: `tasks.csv`. |",
]


def describe_deal_file(library: Library, outline: Outline) -> str:
    """Return every fact of one kind of agreement as Markdown tables, topic by topic."""
    lines = [_INTRODUCTION.format(title=outline.title)]
    for topic, question in library.each_section(outline):
        if question.is_group and not question.parts:
            continue
        where = "at the top of the file" if topic.at_top else f"`{question.key}:`"
        lines += [f"## {topic.title} ({where})", "", f"{topic.about}.", ""]
        if question.help:
            lines += [question.help, ""]
        lines += ["| name | type | default | what it says |", "| --- | --- | --- | --- |"]
        if question.is_group:
            lines += _describe_questions(question.parts, "", outline, "" if topic.at_top else question.key)
        else:
            lines += [_describe_question(question, question.key, outline, question.key)]
            lines += _MATRIX_ROWS if question.structure is Structure.MATRIX else []
            lines += _describe_questions(question.inner_questions, "", outline, question.key)
        lines.append("")
    return "\n".join(lines)


def _describe_questions(questions: tuple[Question, ...], prefix: str, outline: Outline, path: str) -> list[str]:
    lines = []
    for question in questions:
        if question.fixed:
            continue
        here = f"{path}.{question.key}" if path else question.key
        lines.append(_describe_question(question, prefix + question.key, outline, here))
        lines += _describe_questions(question.inner_questions, f"{prefix}{question.key}.", outline, here)
    return lines


def _describe_question(question: Question, name: str, outline: Outline, path: str) -> str:
    default = write_node_inline(outline.defaults.get(path, question.default))
    must = "needed" if question.needed == "yes" and not default else ""
    prompt = question.prompt if question.prompt.endswith(("?", ".")) else f"{question.prompt}."
    says = [prompt, question.help, f"Example: `{question.example}`." if question.example else ""]
    if question.when:
        says.append(f"Asked when `{question.when}`.")
    if not question.printed and "not printed" not in question.help.lower():
        says.append("It is not printed.")
    usual = must or (f"`{default}`" if default else "")
    return f"| `{name}` | {_describe_type(question)} | {usual} | {' '.join(filter(None, says))} |"


def _describe_type(question: Question) -> str:
    kind = question.type.name
    if question.choices:
        kind = " / ".join(f"`{word}`" for word in question.choices)
    elif question.type.item_label:
        kind = question.type.item_label + _describe_type(question.parts[0])
    if question.words:
        kind += " or " + " / ".join(f"`{word}`" for word in question.words)
    limits = question.limits
    if limits.least and limits.most:
        kind += f", {limits.least} to {limits.most}"
    elif limits.most:
        kind += f", at most {limits.most}"
    if limits.words:
        kind += f", at most {limits.words} words"
    if limits.characters:
        kind += f", at most {limits.characters} characters"
    return kind
