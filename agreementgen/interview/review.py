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
from agreementgen.core.characters import count_noun
from agreementgen.core.document import Document
from agreementgen.core.problems import AgreementError, InputError, Problem
from agreementgen.deal.deal import Deal
from agreementgen.deal.reader import FactPath, FactStatus
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.examples import EXAMPLE_PARTIES, example_data
from agreementgen.interview.chart_screens import Charts
from agreementgen.interview.notebook import (
    Notebook,
    Section,
    each_pending_question,
    is_unfinished,
    list_usual_and_left_out,
    list_visible_facts,
    value_in_words,
)
from agreementgen.interview.prompts import Option, UserRequest, print_heading, print_wrapped, shorten
from agreementgen.render import estimate, pdf, plain_text
from agreementgen.render.fonts import widths_of_layout
from agreementgen.render.sizes import text_height
from agreementgen.yamlfile import editing

# The type in which most agreements are printed, in points.
_POINTS = 9.0
_ROUNDS = 12
_SHARES_IN_WORDS = (
    (0.3, "about a quarter of a page"),
    (0.45, "less than half a page"),
    (0.55, "about half a page"),
    (0.7, "about two thirds of a page"),
    (0.8, "about three quarters of a page"),
    (0.93, "most of a page"),
    # Smaller type makes room for a little more.
    (1.05, "a full page"),
)


def complete_with_examples(notebook: Notebook) -> Deal | None:
    """Return the deal with examples for what is missing; None where answers contradict each other."""
    data = editing.answers_in_text(notebook.text)
    parties = [dict(party) for party in data.get("parties") or () if isinstance(party, dict)]
    for index in range(max(len(parties), notebook.outline.party_limits[0])):
        sample = {"name": EXAMPLE_PARTIES[index]["name"], "short": EXAMPLE_PARTIES[index]["short"]}
        if index >= len(parties):
            parties.append(sample)
        elif not parties[index].get("name"):
            parties[index] |= sample
    data["parties"] = parties
    for _ in range(_ROUNDS):
        text = json.dumps(data, ensure_ascii=False)
        standing = notebook.read_standing(text)
        if not standing.problems:
            break
        names = [name for name in standing.parties if name]
        for fact in standing.facts:
            if fact.state in ("wrong", "idle"):
                data = editing.answers_in_text(editing.drop_answer(json.dumps(data, ensure_ascii=False), fact.path))
        for task in each_pending_question(standing, notebook.sections):
            data = _set_answer(data, task.path, example_data(task.question, names))
    try:
        return pipeline.read(
            json.dumps(data, ensure_ascii=False).encode(), str(notebook.path), notebook.library, "", notebook.read_table
        )
    except AgreementError:
        return None


def _set_answer(data: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    return editing.answers_in_text(editing.set_answer(json.dumps(data, ensure_ascii=False), path, value))


def draft_complete_deal(notebook: Notebook, deal: Deal) -> Document:
    """Return the agreement as one page says it, in its usual wording."""
    outline = notebook.library.outline_of_deal(deal)
    apart = pipeline.choose_layout(deal, outline) == "one-plus-one"
    selection = select_clauses(deal, notebook.library, outline, False)
    return draft_agreement(deal, notebook.library, outline, selection, False, apart)


def estimate_page_share(notebook: Notebook) -> float | None:
    """Return the share of a page that the agreement takes at 9 pt (of its fuller page, if it has two), 0 to 1."""
    deal = complete_with_examples(notebook)
    if deal is None:
        return None
    try:
        document = draft_complete_deal(notebook, deal)
        letters = widths_of_layout(notebook.library.layout)
    except AgreementError:
        return None
    return estimate.estimate_height(document, estimate.sizes_at(document, _POINTS, letters), letters) / text_height(
        document.paper
    )


def page_share_in_words(share: float) -> str:
    """Return a share of a page as people say it."""
    return next((said for most, said in _SHARES_IN_WORDS if share < most), "more than a page")


_WRITE, _ON, _PROBLEMS, _READ, _SUMMARY, _STOP, _BACK = "write", "on", "problems", "read", "summary", "stop", "back"


class Review(Charts):
    """Screens about the whole deal. `stopped` is True where somebody chose to stop."""

    folder: FilePath
    stopped = False

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong; what is only missing is asked for by the questions."""
        standing = self.notebook.standing
        missing = {fact.problem for fact in standing.facts if is_unfinished(fact)}
        return tuple(problem for problem in standing.problems if problem not in missing)

    def missing(self) -> int:
        return sum(1 for _ in each_pending_question(self.notebook.standing, self.notebook.sections))

    def review(self, going_on: bool) -> str:
        """Show all topics until somebody goes on ("on"), has the documents ("done") or stops ("stop").

        `going_on`: questions are open, and the first choice is to answer them.
        """
        while True:
            print_heading(self.prompts, "Review: all answers by topic")
            missing, problems = self.missing(), self.problems()
            options = []
            if missing:
                print_wrapped(self.prompts, f"Still open: {self.open_topics()}.")
                options.append(Option(_ON, "Go on with the questions"))
            elif problems:
                count = count_noun(len(problems), "problem")
                print_wrapped(self.prompts, f"{count} must be mended before documents can be written.")
            else:
                print_wrapped(self.prompts, "All questions are answered. Choose a topic to change anything in it.")
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
                chosen = self.prompts.ask_choice(options, options[0].value)
            except UserRequest as wish:
                if wish.kind == "help":
                    print_wrapped(
                        self.prompts, "Choose a topic to see its answers and change them, or the first line to go on."
                    )
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
            except UserRequest:
                continue

    def open_topics(self) -> str:
        found = each_pending_question(self.notebook.standing, self.notebook.sections)
        names = {section.id: section.title for section in self.notebook.sections}
        return ", ".join(dict.fromkeys(names[task.topic] for task in found))

    def topic_line(self, section: Section) -> str:
        """Return one line for a topic: what was said, what is missing, or that it is as usual."""
        facts = list_visible_facts(section, self.notebook.standing)
        lacking = [self.name(fact) for fact in facts if is_unfinished(fact)]
        wrong = [self.name(fact) for fact in facts if fact.state == "wrong" and not is_unfinished(fact)]
        said = [self.short(fact) for fact in facts if fact.state == "answered"]
        parts = [f"missing: {', '.join(lacking)}"] if lacking else []
        parts += [f"to mend: {', '.join(wrong)}"] if wrong else []
        if not parts and section.keys == ("parties",):
            said = [name for name in self.notebook.standing.parties if name]
        parts += said
        if not parts:
            parts = ["usual terms" if any(fact.state == "usual" for fact in facts) else "nothing"]
        return f"{section.title}: {shorten('; '.join(parts), 120)}"

    def short(self, fact: FactStatus) -> str:
        """Return an answer in a few words; its name only where the topic does not say it already."""
        said = shorten(value_in_words(fact.value, self.language), 60)
        return said if len(fact.path) == 1 and fact.question.parts else f"{self.name(fact)} {said}"

    def topic(self, section: Section) -> None:
        """Show a topic's answers, and change any of them."""
        while True:
            facts = tuple(
                fact
                for key in section.keys
                if (fact := self.notebook.standing.find_fact((key,))) is not None
                and fact.state not in ("waiting", "idle")
                and key != "agreement"
            )
            if len(facts) == 1 and len(section.keys) == 1:
                if facts[0].question.is_group:
                    self.parts(facts[0].path, facts[0].question)
                else:
                    self.opened(facts[0])
                return
            print_heading(self.prompts, section.title)
            chosen = self.pick_fact(facts)
            if chosen is None:
                return
            self.opened(chosen)

    def summary(self) -> None:
        """Show every answer, typed or usual."""
        for section in self.notebook.sections:
            facts = [
                f
                for f in list_visible_facts(section, self.notebook.standing)
                if f.state in ("answered", "missing", "wrong")
            ]
            terms, _ = list_usual_and_left_out(section, self.notebook.standing)
            if facts or terms:
                print_heading(self.prompts, section.title)
            for fact in facts:
                said = "(missing)" if fact.state == "missing" else value_in_words(fact.value, self.language)
                print_wrapped(self.prompts, f"{self.name(fact)}: {said}", "    ", "")
            if terms:
                said = "; ".join(f"{self.name(f)}: {value_in_words(f.value, self.language)}" for f in terms)
                print_wrapped(self.prompts, f"As usual: {said}", "    ", "")
        print_wrapped(self.prompts, "")

    def mend(self) -> None:
        """List the problems; choosing one goes to its answer."""
        while problems := self.problems():
            print_heading(self.prompts, "Problems")
            lines = [Option(f"#{n}", f"{p.field}: {p.message}") for n, p in enumerate(problems, 1)]
            chosen = self.pick([Option(_BACK, "Done"), *lines])
            if not chosen.startswith("#"):
                return
            problem = problems[int(chosen[1:]) - 1]
            self.complain(problem)
            fact = self.about(problem)
            if fact is None:
                print_wrapped(self.prompts, f"This stands in line {problem.place.line} of the file: mend it there.")
                return
            if fact.state == "idle":
                self.notebook.change(lambda old: old)
                self.show_notes()
            else:
                self.opened(fact)

    def about(self, problem: Problem) -> FactStatus | None:
        """Return the answer that a problem is about: the nearest one around it."""
        path: FactPath = tuple(problem.field.split("."))
        facts = self.notebook.standing.facts
        return next(
            (fact for n in range(len(path), 0, -1) for fact in facts if fact.field == ".".join(path[:n])),
            None,
        )

    # -- the text and the documents

    def read_aloud(self) -> None:
        """Show the agreement as text; examples stand where answers are missing."""
        deal = complete_with_examples(self.notebook)
        if deal is None:
            print_wrapped(self.prompts, "The agreement cannot be shown yet: mend the problems first.")
            return
        document = draft_complete_deal(self.notebook, deal)
        print_heading(self.prompts, "The agreement")
        if self.missing():
            print_wrapped(self.prompts, "Examples stand where answers are missing.")
        for line in plain_text.write_text(document).split("\n"):
            indent = line[: len(line) - len(line.lstrip())]
            for part in textwrap.wrap(line, self.prompts.width, subsequent_indent=indent[:12]) or [""]:
                self.prompts.print_line(part)

    def write(self) -> bool:
        """Write the documents beside the deal file; return whether they are there."""
        formats = ("docx", "pdf") if pdf.is_available() else ("docx",)
        print_wrapped(self.prompts, "Writing the documents ...")
        try:
            notebook = self.notebook
            deal = pipeline.read(notebook.data, str(notebook.path), notebook.library, "", notebook.read_table)
            built = pipeline.build(deal, self.notebook.library, formats)
            files = {f"{notebook.path.stem}.{kind}": data for kind, data in built.files.items()}
            if built.chart:
                files |= {f"{notebook.path.stem}-raci.{kind}": data for kind, data in built.chart.files.items()}
            try:
                paths = saving.save_files(self.folder, files)
            except InputError as error:
                if not self.overwrite(error):
                    return False
                paths = saving.save_files(self.folder, files, force=True)
        except AgreementError as error:
            for problem in error.problems:
                print_wrapped(self.prompts, f"! {problem.message}", "  ", "")
                print_wrapped(self.prompts, problem.hint, "  ")
            return False
        print_heading(self.prompts, "Done")
        for path in paths:
            self.prompts.print_line(str(path))
        fitted = built.fitted
        pages = "1 page" if fitted.pages == 1 else f"{fitted.pages} pages"
        print_wrapped(self.prompts, f"The agreement takes {pages} at {fitted.sizes.body:g} pt.")
        for warning in built.warnings:
            print_wrapped(
                self.prompts, f"Note: {': '.join(p for p in (warning.field, warning.message) if p)}", "  ", ""
            )
        print_wrapped(self.prompts, "\nWhat to do next:")
        for number, step in enumerate(_NEXT_STEPS, 1):
            print_wrapped(self.prompts, step, "   ", f"{number}. ")
        print_wrapped(self.prompts, f"To change something: agreementgen new {self.notebook.path}")
        return True

    def overwrite(self, error: InputError) -> bool:
        for problem in error.problems:
            print_wrapped(self.prompts, f"! {problem.place}: {problem.message}", "  ", "")
        options = [Option("no", "Keep the files that are there"), Option("yes", "Replace them")]
        return self.prompts.ask_choice(options, "no") == "yes"


_NEXT_STEPS = (
    "Read the agreement from the first word to the last, both of you. What nobody typed is in it, too, as usual terms.",
    "Have a lawyer review it. This program gives no legal advice.",
    "Sign it, each of you, and keep a signed copy.",
)
