"""What can be known about a library without a deal: every mistake that would otherwise wait for the first agreement."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from agreementgen.core import budget
from agreementgen.core.problems import PackError, Place, Problem, nearest
from agreementgen.core.values import Unreadable, known_codes
from agreementgen.deal.deal import GROUP, NUMBERS, Contradiction, Figure
from agreementgen.deal.questions import SCALARS, SCHEDULES, Known, Question, read_answer, walk
from agreementgen.language import analysis
from agreementgen.language.analysis import Shape, group
from agreementgen.language.environment import FUNCTIONS
from agreementgen.library.clauses import Row, ScheduleText, Text
from agreementgen.library.declarations import located
from agreementgen.library.topics import Outline
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode

if TYPE_CHECKING:
    from agreementgen.library.library import Library
    from agreementgen.library.topics import Topic

# What a layout cannot do without: the page, and the Word file with its styles.
LAYOUT_FILES = ("agreement.html", "raci.html", "reference.docx")
# Names that mean something else where a clause is read.
_TAKEN = {*FUNCTIONS, "loop", "each", "this", "self", "and", "or", "not", "in", "is", "if", "else", "elif", "for"}
_TAKEN |= {"true", "false", "none", "two", "first", "second", GROUP, SCHEDULES}


class Check:
    """Finds the problems of a library; `raw` holds the text of its files by name."""

    def __init__(self, library: Library, raw: Mapping[str, str]) -> None:
        self.library = library
        self.raw = raw
        self.problems: list[Problem] = []
        self.facts = library.shape()
        self.rows = {row.id for topic in library.topics.values() for row in topic.rows}
        self.schedules = {schedule.id for topic in library.topics.values() for schedule in topic.schedules}
        # A matrix becomes a schedule that is made by the program, not by a table of its topic.
        self.schedules |= {topic.question.key for topic in library.topics.values() if topic.question.type == "raci"}
        try:
            with budget.limited(budget.READING):
                self.everything()
        except budget.Overworked:
            if not self.problems:
                message = f"the texts of the library and its packs hold more than {budget.READING:,} words inside tags"
                where = Place(self.library.packs[-1].source.name if self.library.packs else "clauses")
                self.problem(message, "all texts that come with the program have 18,000", where)

    def everything(self) -> None:
        if "parties" not in self.facts.fields:
            self.problem('the library has no topic "parties"', "every agreement has parties", Place("clauses"))
            return
        self.names()
        for topic in self.library.topics.values():
            for condition in topic.conditions:
                self.condition(condition.text, {"this": self.group(condition.this)})
            for path, question in walk((topic.question,)):
                self.question(path, question)
                self.among(question)
            for row in topic.rows:
                self.row(row)
            for schedule in topic.schedules:
                self.schedule(schedule)
            for figure in topic.figures:
                self.figure(figure)
            for rule in topic.contradictions:
                self.contradiction(topic, rule)
            for text in (*topic.box, *([topic.signature] if topic.signature else [])):
                self.analyse(text, self.each("parties"))
        self.clauses()
        self.unique()
        for outline in self.library.outlines.values():
            self.outline(outline)
        for name in LAYOUT_FILES:
            if name not in self.library.layout:
                self.problem(f'the file "{name}" is missing', "put it there", Place("templates/layout"))

    def problem(self, message: str, hint: str, place: Place, path: str = "") -> None:
        self.problems.append(Problem(message, hint, path, place))

    def among(self, question: Question) -> None:
        path, _, part = question.among.rpartition(".")
        if not question.among:
            return
        every = dict(walk(self.library.top_questions()))
        of = every.get(path)
        if question.type != "text" or not of or of.type != "list of groups" or not of.part(part):
            hint = 'name a fact of a list of groups, as in "tiers.levels.name"'
            self.problem(f'"{question.among}" is not what a text can be among', hint, question.place)

    def group(self, questions: Iterable[Question]) -> Shape:
        party = self.facts.fields["parties"].of or group({})
        return group({part.name: part.shape(party) for part in questions})

    # -- texts

    def checked(
        self, look: Callable[[str, Place, Shape], analysis.Analysis], text: Text, facts: Shape
    ) -> analysis.Analysis | None:
        """Return what `look` finds in `text`, or report its problems where they stand in the file."""
        try:
            return look(text.source, Place(text.place.file, 1, 1), facts)
        except PackError as error:
            raw = self.raw.get(text.place.file, "")
            for problem in error.problems:
                # Looking for the nearest name and the place takes longer than reading does.
                budget.spend(100)
                where = located(raw, text.place, text.source, problem.place.line, problem.place.column)
                self.problems.append(replace(problem, place=where))
            return None

    def analyse(self, text: Text, facts: Shape | None = None, clause: bool = False) -> None:
        found = self.checked(analysis.analyse, text, facts or self.facts) or analysis.Analysis()
        for names, known, what in (
            (found.topics, set(self.library.clauses), "topic with clauses"),
            (found.rows, self.rows, "key-term row"),
            (found.schedules, self.schedules, "schedule"),
        ):
            for name in sorted(names - known):
                self.problem(f'"{name}" is not a {what}', nearest(name, known), self.quoted(text, name))
        for name in () if clause else sorted(found.references):
            message = f'only clauses refer to other places, but this text refers to "{name}"'
            self.problem(message, "write the words themselves", self.quoted(text, name))

    def quoted(self, text: Text, name: str) -> Place:
        """Return where `name` stands in quotes in a text."""
        index = max(text.source.find(f"'{name}'"), text.source.find(f'"{name}"'), 0)
        line, column = text.source.count("\n", 0, index) + 1, index - text.source.rfind("\n", 0, index)
        return located(self.raw.get(text.place.file, ""), text.place, text.source, line, column)

    def condition(self, text: Text, more: Mapping[str, Shape] | None = None, facts: Shape | None = None) -> None:
        if text.source:
            known = facts or group({**self.facts.fields, **(more or {})})
            self.checked(analysis.analyse_expression, text, known)

    def each(self, path: str) -> Shape | None:
        """Return the facts with `each` standing for an entry of the list at `path` (all facts for no path)."""
        if not path:
            return self.facts
        shape = self.facts
        for part in path.split("."):
            shape = shape.fields.get(part, Shape("missing"))
        return group({**self.facts.fields, "each": shape.of}) if shape.of else None

    def row(self, row: Row) -> None:
        facts = self.each(row.each)
        if facts is None:
            self.problem(f'"{row.each}" is not a list of the deal', "", row.place)
            return
        self.analyse(row.label, facts)
        self.analyse(row.says, facts)
        self.condition(row.when, facts=facts)
        if row.schedule and row.schedule not in self.schedules:
            hint = nearest(row.schedule, self.schedules)
            self.problem(f'"{row.schedule}" is not a schedule', hint, row.place)

    def schedule(self, schedule: ScheduleText) -> None:
        facts = self.each(schedule.each)
        if facts is None:
            self.problem(f'"{schedule.each}" is not a list of the deal', "", schedule.place)
            return
        self.condition(schedule.when)
        for column in schedule.columns:
            self.analyse(column.head)
            self.analyse(column.says, facts)
        for text in schedule.total:
            self.analyse(text)

    def figure(self, figure: Figure) -> None:
        facts = self.each(figure.each)
        if facts is None:
            self.problem(f'"{figure.each}" is not a list of the deal', "", figure.place)
        for factor in (*figure.multiply, *([figure.most] if figure.most else [])) if facts else ():
            shape: Shape | None = facts
            for part in () if factor.replace(".", "", 1).isdigit() else factor.split("."):
                shape = shape.fields.get(part) if shape else None
            if shape is None or shape.type not in NUMBERS:
                what = "is not a fact" if shape is None else f"is a {shape.type}, which cannot be multiplied"
                if shape is not facts:
                    self.problem(f'"{factor}" {what}', "", figure.place)

    def contradiction(self, topic: Topic, rule: Contradiction) -> None:
        questions = topic.question.of if topic.at_top else (topic.question,)
        everywhere = dict(walk(self.library.top_questions()))
        if rule.fact not in everywhere:
            known = [path for path, _ in walk(questions)]
            self.problem(f'"{rule.fact}" is not a question', nearest(rule.fact, known), rule.place)

    # -- topics and their questions

    def names(self) -> None:
        """Every fact has a name that clauses can write, and that means nothing else."""
        seen: dict[str, Place] = {}
        for topic in self.library.topics.values():
            for question in topic.question.of if topic.at_top else (topic.question,):
                if question.name in {*_TAKEN, *self.library.roles()}:
                    self.problem(f'"{question.key}" means something else in clauses', "choose another", question.place)
                if question.name in seen:
                    where = f"{seen[question.name].file}:{seen[question.name].line}"
                    self.problem(f'"{question.key}" is a fact of {where} already', "choose another", question.place)
                seen[question.name] = question.place
            for path, question in walk((topic.question,)):
                names: set[str] = set()
                for part in question.of:
                    if part.name in names:
                        message = f'"{part.key}" is "{part.name}" in clauses, like another fact'
                        self.problem(message, "choose another", part.place, path)
                    names.add(part.name)
                    if part.name and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", part.name):
                        hint = "use letters, figures, spaces and hyphens"
                        self.problem(f'"{part.key}" cannot be written in clauses', hint, part.place, path)

    def question(self, path: str, question: Question) -> None:
        if question.type == "group" and path and question.default and question.words is None:
            self.problem("a group with a default must be switchable", 'add "also: [yes, no]"', question.place, path)
        if question.default:
            self.default(path, question, question.default)

    def default(self, path: str, question: Question, node: Node) -> None:
        if question.type not in SCALARS or question.type == "party" or not isinstance(node, ScalarNode) or node.empty:
            return
        try:
            read_answer(question, node.text, Known("USD", {}))
        except Unreadable as error:
            self.problem(f"the default does not fit its question: {error.message}", error.hint, node.place, path)

    # -- clauses and outlines

    def clauses(self) -> None:
        ids = {clause.id for found in self.library.clauses.values() for clause in found}
        codes = known_codes() if any(c.jurisdictions for f in self.library.clauses.values() for c in f) else ()
        for topic, clauses in self.library.clauses.items():
            if topic not in self.library.topics:
                self.problem(f'the folder "{topic}" has no topic.yaml', "add one", clauses[0].place)
            seen: dict[tuple[str, int, str, tuple[str, ...]], str] = {}
            for clause in clauses:
                self.analyse(clause.body, clause=True)
                self.condition(clause.when)
                rival = (clause.position, clause.rank, " ".join(clause.when.source.split()), clause.jurisdictions)
                for name in clause.requires:
                    if name not in self.library.clauses:
                        hint = nearest(name, self.library.clauses)
                        self.problem(f'"{name}" is not a topic with clauses', hint, clause.place)
                for name in clause.conflicts:
                    if name not in ids:
                        self.problem(f'"{name}" is not a clause', nearest(name, ids), clause.place)
                for code in clause.jurisdictions:
                    if code not in codes:
                        hint = "write its ISO 3166 code, as in US-CA or DE"
                        self.problem(f'"{code}" is not a state or country', hint, clause.place)
                if rival in seen:
                    message = f'"{seen[rival]}" and "{clause.id}" fit equally well'
                    self.problem(message, "give one a lower rank or a narrower when", clause.place)
                seen.setdefault(rival, clause.id)

    def unique(self) -> None:
        seen: dict[str, Place] = {}
        marks = [(f'clause "{c.id}"', c.place) for found in self.library.clauses.values() for c in found]
        for topic in self.library.topics.values():
            marks += [(f'row "{row.id}"', row.place) for row in topic.rows]
            marks += [(f'schedule "{schedule.id}"', schedule.place) for schedule in topic.schedules]
            marks += [(f'figure "{figure.key}"', figure.place) for figure in topic.figures]
        for name, place in marks:
            if name in seen:
                self.problem(f"{name} stands in {seen[name].file}:{seen[name].line} already", "", place)
            seen.setdefault(name, place)

    def outline(self, outline: Outline) -> None:
        for text in (outline.heading, outline.subtitle, outline.footer, outline.apart, outline.agreed):
            self.analyse(text)
        topics = set(self.library.topics)
        # The questions of an outline are known only when its topics are.
        known = topics.issuperset(outline.topics)
        questions = dict(walk(self.library.questions(outline))) if known else {}
        for key, names, there, what in (
            ("topics", outline.topics, topics, "topic"),
            ("required", outline.required, set(outline.topics), "topic of this outline"),
            ("key terms", outline.rows, self.rows, "key-term row"),
            ("needed", outline.needed if known else (), set(questions), "question"),
            ("defaults", tuple(outline.defaults) if known else (), set(questions), "question"),
            ("choices", tuple(outline.choices) if known else (), set(questions), "question"),
            ("suggestions", tuple(outline.suggestions) if known else (), set(questions), "question"),
            ("small answers", tuple(outline.small_answers) if known else (), set(questions), "question"),
        ):
            for index, name in enumerate(names):
                if name not in there:
                    self.problem(f'"{name}" is not a {what}', nearest(name, there), outline.place(key, name))
                elif name in names[:index]:
                    self.problem(f'"{name}" stands twice', "keep one", outline.place(key, name))
        for topic in outline.required:
            clauses = self.library.clauses.get(topic, ())
            if topic in topics and all(clause.position != "balanced" for clause in clauses):
                message = f'the topic "{topic}" is required but has no clause'
                self.problem(message, "it needs a balanced one", outline.place("required", topic))
        for path, node in outline.defaults.items():
            if path in questions:
                self.default(path, questions[path], node)
        for path, suggested in outline.suggestions.items() if known else ():
            if path in questions:
                self.suggested(path, questions[path], suggested)
        for path, words in outline.choices.items() if known else ():
            everywhere = dict(walk(self.library.top_questions()))
            choices = tuple(everywhere[path].choices or ()) if path in everywhere else words
            for word in words:
                if word not in choices:
                    place = outline.place("choices", path)
                    self.problem(f'"{word}" is not one of the choices of {path}', nearest(word, choices), place)

    def suggested(self, path: str, question: Question, nodes: Iterable[Node]) -> None:
        """What is suggested for the entries of a list must be answers to it."""
        item = question.of[0] if question.type == "per party" and question.of[0].type == "list" else question
        if item.type not in ("list", "list of groups"):
            self.problem(f'"{path}" is not a list: nothing can be suggested for it', "", question.place)
            return
        for node in nodes:
            if item.type == "list":
                self.default(path, item.of[0], node)
                continue
            for name, said in node if isinstance(node, MappingNode) else ():
                part = item.part(name.text)
                if part is None:
                    hint = nearest(name.text, [known.key for known in item.of])
                    self.problem(f'"{name.text}" is not a question of {path}', hint, name.place, path)
                else:
                    self.default(path, part, said)
