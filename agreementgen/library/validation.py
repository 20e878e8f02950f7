"""What can be known about a library without a deal: every mistake that would otherwise wait for the first agreement."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from agreementgen.core import budget
from agreementgen.core.problems import PackError, Place, Problem, suggest_nearest
from agreementgen.core.values import Unreadable, region_codes
from agreementgen.deal.deal import FIGURES, NUMBERS, Contradiction, Figure
from agreementgen.deal.question_types import TextType, read_answer
from agreementgen.deal.questions import SCHEDULES, AnswerContext, Question, Structure, walk_questions
from agreementgen.language import analysis
from agreementgen.language.environment import FUNCTIONS
from agreementgen.language.shapes import Shape, group_shape
from agreementgen.library.clauses import ScheduleText, TermText
from agreementgen.library.declarations import PlacedText
from agreementgen.library.library import Library
from agreementgen.library.topics import Outline, Topic
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode

# What a layout cannot do without: the page, and the Word file with its styles.
NEEDED_LAYOUT_FILES = ("agreement.html", "raci.html", "reference.docx")
# Names that mean something else where a clause is read.
_RESERVED_NAMES = {
    *FUNCTIONS,
    "loop",
    "each",
    "this",
    "self",
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "elif",
    "for",
}
_RESERVED_NAMES |= {"true", "false", "none", "two", "first", "second", FIGURES, SCHEDULES}


class LibraryValidator:
    """Finds the problems of a library; `raw` holds the text of its files by name."""

    def __init__(self, library: Library, raw: Mapping[str, str]) -> None:
        self.library = library
        self.texts = raw
        self.problems: list[Problem] = []
        self.shape = library.shape_of_facts()
        self.term_ids = {row.id for topic in library.topics.values() for row in topic.terms}
        self.schedule_ids = {schedule.id for topic in library.topics.values() for schedule in topic.schedules}
        # A matrix becomes a schedule that is made by the program, not by a table of its topic.
        self.schedule_ids |= {
            topic.question.key for topic in library.topics.values() if topic.question.structure is Structure.MATRIX
        }
        try:
            with budget.limit_steps(budget.STEPS_FOR_READING):
                self.validate()
        except budget.BudgetExceeded:
            if not self.problems:
                most = f"{budget.STEPS_FOR_READING:,}"
                message = f"the texts of the library and its packs hold more than {most} words inside tags"
                where = Place(self.library.packs[-1].declaration.name if self.library.packs else "clauses")
                self.add_problem(message, "all texts that come with the program have 18,000", where)

    def validate(self) -> None:
        if "parties" not in self.shape.fields:
            self.add_problem('the library has no topic "parties"', "every agreement has parties", Place("clauses"))
            return
        self.validate_names()
        for topic in self.library.topics.values():
            for condition in topic.conditions:
                self.validate_condition(condition.text, {"this": self.group_of(condition.siblings)})
            for path, question in walk_questions((topic.question,)):
                self.validate_question(path, question)
                self.validate_among(question)
            for row in topic.terms:
                self.validate_term(row)
            for schedule in topic.schedules:
                self.validate_schedule(schedule)
            for figure in topic.figures:
                self.validate_figure(figure)
            for rule in topic.contradictions:
                self.validate_contradiction(topic, rule)
            for text in (*topic.box_lines, *([topic.signature_line] if topic.signature_line else [])):
                self.validate_text(text, self.shape_with_each("parties"))
        self.validate_clauses()
        self.validate_unique_ids()
        for outline in self.library.outlines.values():
            self.validate_outline(outline)
        for name in NEEDED_LAYOUT_FILES:
            if name not in self.library.layout:
                self.add_problem(f'the file "{name}" is missing', "put it there", Place("templates/layout"))

    def add_problem(self, message: str, hint: str, place: Place, path: str = "") -> None:
        self.problems.append(Problem(message, hint, path, place))

    def validate_among(self, question: Question) -> None:
        path, _, part = question.among_path.rpartition(".")
        if not question.among_path:
            return
        every = dict(walk_questions(self.library.list_top_questions()))
        of = every.get(path)
        if (
            not isinstance(question.type, TextType)
            or not of
            or of.structure is not Structure.GROUPS
            or not of.find_part(part)
        ):
            hint = 'name a fact of a list of groups, as in "tiers.levels.name"'
            self.add_problem(f'"{question.among_path}" is not what a text can be among', hint, question.place)

    def group_of(self, questions: Iterable[Question]) -> Shape:
        party = self.shape.fields["parties"].item or group_shape({})
        return group_shape({part.name: part.fact_shape(party) for part in questions})

    # -- texts

    def analyze_in_place(
        self, look: Callable[[str, Place, Shape], analysis.Analysis], text: PlacedText, facts: Shape
    ) -> analysis.Analysis | None:
        """Return what `look` finds in `text`, or report its problems where they stand in the file."""
        try:
            return look(text.text, Place(text.place.file, 1, 1), facts)
        except PackError as error:
            raw = self.texts.get(text.place.file, "")
            for problem in error.problems:
                # Looking for the nearest name and the place takes longer than reading does.
                budget.spend_steps(100)
                where = text.locate(raw, problem.place.line, problem.place.column)
                self.problems.append(replace(problem, place=where))
            return None

    def validate_text(self, text: PlacedText, facts: Shape | None = None, clause: bool = False) -> None:
        found = self.analyze_in_place(analysis.analyze_text, text, facts or self.shape) or analysis.Analysis()
        for names, known, what in (
            (found.topics, set(self.library.clauses), "topic with clauses"),
            (found.rows, self.term_ids, "key-term row"),
            (found.schedules, self.schedule_ids, "schedule"),
        ):
            for name in sorted(names - known):
                self.add_problem(
                    f'"{name}" is not a {what}', suggest_nearest(name, known), self.place_of_quoted(text, name)
                )
        for name in () if clause else sorted(found.references):
            message = f'only clauses refer to other places, but this text refers to "{name}"'
            self.add_problem(message, "write the words themselves", self.place_of_quoted(text, name))

    def place_of_quoted(self, text: PlacedText, name: str) -> Place:
        """Return where `name` stands in quotes in a text."""
        index = max(text.text.find(f"'{name}'"), text.text.find(f'"{name}"'), 0)
        line, column = text.text.count("\n", 0, index) + 1, index - text.text.rfind("\n", 0, index)
        return text.locate(self.texts.get(text.place.file, ""), line, column)

    def validate_condition(
        self, text: PlacedText, more: Mapping[str, Shape] | None = None, facts: Shape | None = None
    ) -> None:
        if text.text:
            known = facts or self.shape.with_fields(more or {})
            self.analyze_in_place(analysis.analyze_condition, text, known)

    def shape_with_each(self, path: str) -> Shape | None:
        """Return the facts with `each` standing for an entry of the list at `path` (all facts for no path)."""
        if not path:
            return self.shape
        entries = self.shape.find(path.split("."))
        return self.shape.with_fields({"each": entries.item}) if entries and entries.item else None

    def validate_term(self, row: TermText) -> None:
        facts = self.shape_with_each(row.each)
        if facts is None:
            self.add_problem(f'"{row.each}" is not a list of the deal', "", row.place)
            return
        self.validate_text(row.label, facts)
        self.validate_text(row.says, facts)
        self.validate_condition(row.when, facts=facts)
        if row.schedule and row.schedule not in self.schedule_ids:
            hint = suggest_nearest(row.schedule, self.schedule_ids)
            self.add_problem(f'"{row.schedule}" is not a schedule', hint, row.place)

    def validate_schedule(self, schedule: ScheduleText) -> None:
        facts = self.shape_with_each(schedule.each)
        if facts is None:
            self.add_problem(f'"{schedule.each}" is not a list of the deal', "", schedule.place)
            return
        self.validate_condition(schedule.when)
        for column in schedule.columns:
            self.validate_text(column.head)
            self.validate_text(column.says, facts)
        for text in schedule.totals:
            self.validate_text(text)

    def validate_figure(self, figure: Figure) -> None:
        facts = self.shape_with_each(figure.list_name)
        if facts is None:
            self.add_problem(f'"{figure.list_name}" is not a list of the deal', "", figure.place)
            return
        for factor in (*figure.factors, *([figure.upper_limit] if figure.upper_limit else [])):
            if factor.replace(".", "", 1).isdigit():
                continue
            shape = facts.find(factor.split("."))
            if shape is None or shape.type not in NUMBERS:
                what = "is not a fact" if shape is None else f"is a {shape.type}, which cannot be multiplied"
                self.add_problem(f'"{factor}" {what}', "", figure.place)

    def validate_contradiction(self, topic: Topic, rule: Contradiction) -> None:
        questions = topic.question.parts if topic.at_top else (topic.question,)
        everywhere = dict(walk_questions(self.library.list_top_questions()))
        if rule.fact_path not in everywhere:
            known = [path for path, _ in walk_questions(questions)]
            self.add_problem(
                f'"{rule.fact_path}" is not a question', suggest_nearest(rule.fact_path, known), rule.place
            )

    # -- topics and their questions

    def validate_names(self) -> None:
        """Every fact has a name that clauses can write, and that means nothing else."""
        seen: dict[str, Place] = {}
        for topic in self.library.topics.values():
            for question in topic.question.parts if topic.at_top else (topic.question,):
                if question.name in {*_RESERVED_NAMES, *self.library.list_roles()}:
                    self.add_problem(
                        f'"{question.key}" means something else in clauses', "choose another", question.place
                    )
                if question.name in seen:
                    where = f"{seen[question.name].file}:{seen[question.name].line}"
                    self.add_problem(f'"{question.key}" is a fact of {where} already', "choose another", question.place)
                seen[question.name] = question.place
            for path, question in walk_questions((topic.question,)):
                names: set[str] = set()
                for part in question.parts:
                    if part.name in names:
                        message = f'"{part.key}" is "{part.name}" in clauses, like another fact'
                        self.add_problem(message, "choose another", part.place, path)
                    names.add(part.name)
                    if part.name and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", part.name):
                        hint = "use letters, figures, spaces and hyphens"
                        self.add_problem(f'"{part.key}" cannot be written in clauses', hint, part.place, path)

    def validate_question(self, path: str, question: Question) -> None:
        if question.is_group and path and question.default and question.words is None:
            self.add_problem("a group with a default must be switchable", 'add "also: [yes, no]"', question.place, path)
        if question.default:
            self.validate_default(path, question, question.default)

    def validate_default(self, path: str, question: Question, node: Node) -> None:
        if not question.is_plain_scalar or not isinstance(node, ScalarNode) or node.is_empty:
            return
        try:
            read_answer(question, node.text, AnswerContext("USD", {}))
        except Unreadable as error:
            self.add_problem(f"the default does not fit its question: {error.message}", error.hint, node.place, path)

    # -- clauses and outlines

    def validate_clauses(self) -> None:
        ids = {clause.id for found in self.library.clauses.values() for clause in found}
        codes = region_codes() if any(c.jurisdictions for f in self.library.clauses.values() for c in f) else ()
        for topic, clauses in self.library.clauses.items():
            if topic not in self.library.topics:
                self.add_problem(f'the folder "{topic}" has no topic.yaml', "add one", clauses[0].place)
            seen: dict[tuple[str, int, str, tuple[str, ...]], str] = {}
            for clause in clauses:
                self.validate_text(clause.body, clause=True)
                self.validate_condition(clause.when)
                rival = (clause.position, clause.rank, " ".join(clause.when.text.split()), clause.jurisdictions)
                for name in clause.requires:
                    if name not in self.library.clauses:
                        hint = suggest_nearest(name, self.library.clauses)
                        self.add_problem(f'"{name}" is not a topic with clauses', hint, clause.place)
                for name in clause.conflicts:
                    if name not in ids:
                        self.add_problem(f'"{name}" is not a clause', suggest_nearest(name, ids), clause.place)
                for code in clause.jurisdictions:
                    if code not in codes:
                        hint = "write its ISO 3166 code, as in US-CA or DE"
                        self.add_problem(f'"{code}" is not a state or country', hint, clause.place)
                if rival in seen:
                    message = f'"{seen[rival]}" and "{clause.id}" fit equally well'
                    self.add_problem(message, "give one a lower rank or a narrower when", clause.place)
                seen.setdefault(rival, clause.id)

    def validate_unique_ids(self) -> None:
        seen: dict[str, Place] = {}
        marks = [(f'clause "{c.id}"', c.place) for found in self.library.clauses.values() for c in found]
        for topic in self.library.topics.values():
            marks += [(f'row "{row.id}"', row.place) for row in topic.terms]
            marks += [(f'schedule "{schedule.id}"', schedule.place) for schedule in topic.schedules]
            marks += [(f'figure "{figure.key}"', figure.place) for figure in topic.figures]
        for name, place in marks:
            if name in seen:
                self.add_problem(f"{name} stands in {seen[name].file}:{seen[name].line} already", "", place)
            seen.setdefault(name, place)

    def validate_outline(self, outline: Outline) -> None:
        for text in (outline.heading, outline.subtitle, outline.footer, outline.standard_terms_title, outline.agreed):
            self.validate_text(text)
        topics = set(self.library.topics)
        # The questions of an outline are known only when its topics are.
        known = topics.issuperset(outline.topics)
        questions = dict(walk_questions(self.library.questions_of(outline))) if known else {}
        for key, names, there, what in (
            ("topics", outline.topics, topics, "topic"),
            ("required", outline.required, set(outline.topics), "topic of this outline"),
            ("key terms", outline.term_order, self.term_ids, "key-term row"),
            ("needed", outline.needed if known else (), set(questions), "question"),
            ("defaults", tuple(outline.defaults) if known else (), set(questions), "question"),
            ("choices", tuple(outline.choices) if known else (), set(questions), "question"),
            ("suggestions", tuple(outline.suggestions) if known else (), set(questions), "question"),
            ("small answers", tuple(outline.small_answers) if known else (), set(questions), "question"),
        ):
            for index, name in enumerate(names):
                if name not in there:
                    self.add_problem(
                        f'"{name}" is not a {what}', suggest_nearest(name, there), outline.place_of(key, name)
                    )
                elif name in names[:index]:
                    self.add_problem(f'"{name}" stands twice', "keep one", outline.place_of(key, name))
        for topic in outline.required:
            clauses = self.library.clauses.get(topic, ())
            if topic in topics and all(clause.position != "balanced" for clause in clauses):
                message = f'the topic "{topic}" is required but has no clause'
                self.add_problem(message, "it needs a balanced one", outline.place_of("required", topic))
        for path, node in outline.defaults.items():
            if path in questions:
                self.validate_default(path, questions[path], node)
        for path, suggested in outline.suggestions.items() if known else ():
            if path in questions:
                self.validate_suggestions(path, questions[path], suggested)
        for path, words in outline.choices.items() if known else ():
            everywhere = dict(walk_questions(self.library.list_top_questions()))
            choices = tuple(everywhere[path].choices or ()) if path in everywhere else words
            for word in words:
                if word not in choices:
                    place = outline.place_of("choices", path)
                    self.add_problem(
                        f'"{word}" is not one of the choices of {path}', suggest_nearest(word, choices), place
                    )

    def validate_suggestions(self, path: str, question: Question, nodes: Iterable[Node]) -> None:
        """What is suggested for the entries of a list must be answers to it."""
        item = (
            question.parts[0]
            if question.structure is Structure.PER_PARTY and question.parts[0].structure is Structure.LIST
            else question
        )
        if item.structure not in (Structure.LIST, Structure.GROUPS):
            self.add_problem(f'"{path}" is not a list: nothing can be suggested for it', "", question.place)
            return
        for node in nodes:
            if item.structure is Structure.LIST:
                self.validate_default(path, item.parts[0], node)
                continue
            for name, said in node if isinstance(node, MappingNode) else ():
                part = item.find_part(name.text)
                if part is None:
                    hint = suggest_nearest(name.text, [known.key for known in item.parts])
                    self.add_problem(f'"{name.text}" is not a question of {path}', hint, name.place, path)
                else:
                    self.validate_default(path, part, said)
