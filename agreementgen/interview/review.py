"""How full the page is, and how it reads, before all is answered: examples stand for what is missing.

The review: every answer by topic, what is missing or wrong, the text, and the documents at the end.
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path as FilePath
from typing import Any

from agreementgen import pipeline
from agreementgen.core import saving
from agreementgen.core.document import Document
from agreementgen.core.problems import AgreementError, InputError, Problem
from agreementgen.deal.deal import Deal
from agreementgen.deal.reader import Fact, Path
from agreementgen.draft.drafting import draft
from agreementgen.draft.selection import select
from agreementgen.examples import PARTIES, example
from agreementgen.interview.chart_screens import Charts
from agreementgen.interview.notebook import Notebook, Section, shown, spoken, tasks, unfinished, usual
from agreementgen.interview.prompts import Option, Wish, cut, rule, say
from agreementgen.render import estimate, pdf, plain_text
from agreementgen.render.measure import text_height, widths
from agreementgen.yamlfile import editing

# The type in which most agreements are printed, in points.
_POINTS = 9.0
_ROUNDS = 12
_MARKS = (
    (0.3, "about a quarter of a page"),
    (0.45, "less than half a page"),
    (0.55, "about half a page"),
    (0.7, "about two thirds of a page"),
    (0.8, "about three quarters of a page"),
    (0.93, "most of a page"),
    # Smaller type makes room for a little more.
    (1.05, "a full page"),
)


def filled(notebook: Notebook) -> Deal | None:
    """Return the deal with examples for what is missing; None where answers contradict each other."""
    data = editing.data(notebook.text)
    parties = [dict(party) for party in data.get("parties") or () if isinstance(party, dict)]
    for index in range(max(len(parties), notebook.outline.parties[0])):
        sample = {"name": PARTIES[index]["name"], "short": PARTIES[index]["short"]}
        if index >= len(parties):
            parties.append(sample)
        elif not parties[index].get("name"):
            parties[index] |= sample
    data["parties"] = parties
    for _ in range(_ROUNDS):
        text = json.dumps(data, ensure_ascii=False)
        standing = notebook.look(text)
        if not standing.problems:
            break
        names = [name for name in standing.parties if name]
        for fact in standing.facts:
            if fact.state in ("wrong", "idle"):
                data = editing.data(editing.drop_answer(json.dumps(data, ensure_ascii=False), fact.path))
        for task in tasks(standing, notebook.sections):
            data = _put(data, task.path, example(task.question, names))
    try:
        return pipeline.read(
            json.dumps(data, ensure_ascii=False).encode(), str(notebook.path), notebook.library, "", notebook.beside
        )
    except AgreementError:
        return None


def _put(data: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    return editing.data(editing.set_answer(json.dumps(data, ensure_ascii=False), path, value))


def drafted(notebook: Notebook, deal: Deal) -> Document:
    """Return the agreement as one page says it, in its usual wording."""
    outline = notebook.library.outline_of(deal)
    apart = pipeline.natural_layout(deal, outline) == "one-plus-one"
    selection = select(deal, notebook.library, outline, False)
    return draft(deal, notebook.library, outline, selection, False, apart)


def used(notebook: Notebook) -> float | None:
    """Return the share of a page that the agreement takes at 9 pt (of its fuller page, if it has two), 0 to 1."""
    deal = filled(notebook)
    if deal is None:
        return None
    try:
        document = drafted(notebook, deal)
        letters = widths(notebook.library.layout)
    except AgreementError:
        return None
    return estimate.height(document, estimate.sizes_at(document, _POINTS, letters), letters) / text_height(
        document.paper
    )


def in_words(share: float) -> str:
    """Return a share of a page as people say it."""
    return next((said for most, said in _MARKS if share < most), "more than a page")


_WRITE, _ON, _PROBLEMS, _READ, _SUMMARY, _STOP, _BACK = "write", "on", "problems", "read", "summary", "stop", "back"


class Review(Charts):
    """Screens about the whole deal. `stopped` is True where somebody chose to stop."""

    folder: FilePath
    stopped = False

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong; what is only missing is asked for by the questions."""
        standing = self.notebook.standing
        missing = {fact.problem for fact in standing.facts if unfinished(fact)}
        return tuple(problem for problem in standing.problems if problem not in missing)

    def missing(self) -> int:
        return sum(1 for _ in tasks(self.notebook.standing, self.notebook.sections))

    def review(self, going_on: bool) -> str:
        """Show all topics until somebody goes on ("on"), has the documents ("done") or stops ("stop").

        `going_on`: questions are open, and the first choice is to answer them.
        """
        while True:
            rule(self.prompts, "Review: all answers by topic")
            missing, problems = self.missing(), self.problems()
            options = []
            if missing:
                say(self.prompts, f"Still open: {self.open_topics()}.")
                options.append(Option(_ON, "Go on with the questions"))
            elif problems:
                say(self.prompts, f"{_count(len(problems), 'problem')} must be mended before documents can be written.")
            else:
                say(self.prompts, "All questions are answered. Choose a topic to change anything in it.")
                options.append(Option(_WRITE, "Write the documents"))
            if problems:
                options.append(Option(_PROBLEMS, f"Problems: {len(problems)}"))
            options += [
                Option(_READ, "Read the agreement"),
                Option(_SUMMARY, "Show all answers"),
                *(Option(section.id, self.topic_line(section)) for section in self.notebook.sections),
                Option(_STOP, "Stop here; everything is saved"),
            ]
            try:
                chosen = self.prompts.choose(options, options[0].value)
            except Wish as wish:
                if wish.kind == "help":
                    say(self.prompts, "Choose a topic to see its answers and change them, or the first line to go on.")
                continue
            try:
                if chosen in (_ON, _STOP):
                    return chosen
                if chosen == _WRITE and self.write():
                    return "done"
                if chosen == _PROBLEMS:
                    self.mend()
                elif chosen == _READ:
                    self.read_aloud()
                elif chosen == _SUMMARY:
                    self.summary()
                elif chosen not in (_WRITE,):
                    self.topic(next(section for section in self.notebook.sections if section.id == chosen))
            except Wish:
                continue

    def open_topics(self) -> str:
        found = tasks(self.notebook.standing, self.notebook.sections)
        names = {section.id: section.title for section in self.notebook.sections}
        return ", ".join(dict.fromkeys(names[task.topic] for task in found))

    def topic_line(self, section: Section) -> str:
        """Return one line for a topic: what was said, what is missing, or that it is as usual."""
        facts = shown(section, self.notebook.standing)
        lacking = [self.name(fact) for fact in facts if unfinished(fact)]
        wrong = [self.name(fact) for fact in facts if fact.state == "wrong" and not unfinished(fact)]
        said = [self.short(fact) for fact in facts if fact.state == "answered"]
        parts = [f"missing: {', '.join(lacking)}"] if lacking else []
        parts += [f"to mend: {', '.join(wrong)}"] if wrong else []
        if not parts and section.keys == ("parties",):
            said = [name for name in self.notebook.standing.parties if name]
        parts += said
        if not parts:
            parts = ["usual terms" if any(fact.state == "usual" for fact in facts) else "nothing"]
        return f"{section.title}: {cut('; '.join(parts), 120)}"

    def short(self, fact: Fact) -> str:
        """Return an answer in a few words; its name only where the topic does not say it already."""
        said = cut(spoken(fact.value, self.language), 60)
        return said if len(fact.path) == 1 and fact.question.of else f"{self.name(fact)} {said}"

    def topic(self, section: Section) -> None:
        """Show a topic's answers, and change any of them."""
        while True:
            facts = tuple(
                fact
                for key in section.keys
                if (fact := self.notebook.standing.at((key,))) is not None
                and fact.state not in ("waiting", "idle")
                and key != "agreement"
            )
            if len(facts) == 1 and len(section.keys) == 1:
                if facts[0].question.type == "group":
                    self.parts(facts[0].path, facts[0].question)
                else:
                    self.opened(facts[0])
                return
            rule(self.prompts, section.title)
            chosen = self.pick_fact(facts)
            if chosen is None:
                return
            self.opened(chosen)

    def summary(self) -> None:
        """Show every answer, typed or usual."""
        for section in self.notebook.sections:
            facts = [f for f in shown(section, self.notebook.standing) if f.state in ("answered", "missing", "wrong")]
            terms, _ = usual(section, self.notebook.standing)
            if facts or terms:
                rule(self.prompts, section.title)
            for fact in facts:
                said = "(missing)" if fact.state == "missing" else spoken(fact.value, self.language)
                say(self.prompts, f"{self.name(fact)}: {said}", "    ", "")
            if terms:
                said = "; ".join(f"{self.name(f)}: {spoken(f.value, self.language)}" for f in terms)
                say(self.prompts, f"As usual: {said}", "    ", "")
        say(self.prompts, "")

    def mend(self) -> None:
        """List the problems; choosing one goes to its answer."""
        while problems := self.problems():
            rule(self.prompts, "Problems")
            lines = [Option(f"#{n}", f"{p.field}: {p.message}") for n, p in enumerate(problems, 1)]
            chosen = self.pick([Option(_BACK, "Done"), *lines])
            if not chosen.startswith("#"):
                return
            problem = problems[int(chosen[1:]) - 1]
            self.complain(problem)
            fact = self.about(problem)
            if fact is None:
                say(self.prompts, f"This stands in line {problem.place.line} of the file: mend it there.")
                return
            if fact.state == "idle":
                self.notebook.change(lambda old: old)
                self.show_notes()
            else:
                self.opened(fact)

    def about(self, problem: Problem) -> Fact | None:
        """Return the answer that a problem is about: the nearest one around it."""
        path: Path = tuple(problem.field.split("."))
        facts = self.notebook.standing.facts
        return next(
            (fact for n in range(len(path), 0, -1) for fact in facts if fact.field == ".".join(path[:n])),
            None,
        )

    # -- the text and the documents

    def read_aloud(self) -> None:
        """Show the agreement as text; examples stand where answers are missing."""
        deal = filled(self.notebook)
        if deal is None:
            say(self.prompts, "The agreement cannot be shown yet: mend the problems first.")
            return
        document = drafted(self.notebook, deal)
        rule(self.prompts, "The agreement")
        if self.missing():
            say(self.prompts, "Examples stand where answers are missing.")
        for line in plain_text.write(document).split("\n"):
            indent = line[: len(line) - len(line.lstrip())]
            for part in textwrap.wrap(line, self.prompts.width, subsequent_indent=indent[:12]) or [""]:
                self.prompts.line(part)

    def write(self) -> bool:
        """Write the documents beside the deal file; return whether they are there."""
        formats = ("docx", "pdf") if pdf.available() else ("docx",)
        say(self.prompts, "Writing the documents ...")
        try:
            notebook = self.notebook
            deal = pipeline.read(notebook.data, str(notebook.path), notebook.library, "", notebook.beside)
            built = pipeline.build(deal, self.notebook.library, formats)
            files = {f"{notebook.path.stem}.{kind}": data for kind, data in built.files.items()}
            if built.chart:
                files |= {f"{notebook.path.stem}-raci.{kind}": data for kind, data in built.chart.files.items()}
            try:
                paths = saving.save(self.folder, files)
            except InputError as error:
                if not self.overwrite(error):
                    return False
                paths = saving.save(self.folder, files, force=True)
        except AgreementError as error:
            for problem in error.problems:
                say(self.prompts, f"! {problem.message}", "  ", "")
                say(self.prompts, problem.hint, "  ")
            return False
        rule(self.prompts, "Done")
        for path in paths:
            self.prompts.line(str(path))
        fitted = built.fitted
        pages = "1 page" if fitted.pages == 1 else f"{fitted.pages} pages"
        say(self.prompts, f"The agreement takes {pages} at {fitted.sizes.body:g} pt.")
        for warning in built.warnings:
            say(self.prompts, f"Note: {': '.join(p for p in (warning.field, warning.message) if p)}", "  ", "")
        say(self.prompts, "\nWhat to do next:")
        for number, step in enumerate(_NEXT, 1):
            say(self.prompts, step, "   ", f"{number}. ")
        say(self.prompts, f"To change something: agreementgen new {self.notebook.path}")
        return True

    def overwrite(self, error: InputError) -> bool:
        for problem in error.problems:
            say(self.prompts, f"! {problem.place}: {problem.message}", "  ", "")
        options = [Option("no", "Keep the files that are there"), Option("yes", "Replace them")]
        return self.prompts.choose(options, "no") == "yes"


_NEXT = (
    "Read the agreement from the first word to the last, both of you. What nobody typed is in it, too, as usual terms.",
    "Have a lawyer review it. This program gives no legal advice.",
    "Sign it, each of you, and keep a signed copy.",
)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
