"""The review: how far the deal is, all its answers by topic, the text as it reads, and the documents at the end."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Literal

from agreementgen import pipeline
from agreementgen.core import saving
from agreementgen.core.document import Document
from agreementgen.core.problems import AgreementError, InputError, Problem
from agreementgen.deal.reader import FactPath, FactStatus
from agreementgen.dealcheck.judging import DealReport, check_deal, explain_stops
from agreementgen.dealcheck.reports import count_in_words
from agreementgen.interview.chart_screens import ask_for_chart
from agreementgen.interview.conversation import DONE, Conversation
from agreementgen.interview.notebook import (
    Section,
    is_unfinished,
    list_usual_and_left_out,
    list_visible_facts,
)
from agreementgen.interview.preview import preview_agreement
from agreementgen.interview.prompts import Option, UserRequest, print_heading, shorten, text_width
from agreementgen.interview.screens import choose_fact, edit_fact, edit_parts
from agreementgen.interview.words_shown import WordsShown
from agreementgen.render import plain_text

# -- the review


_STOP = "Stop here; everything is saved"
# What the review says of a topic that has no answers.
_AS_USUAL, _EMPTY = "usual terms", "nothing"
_CHART = ("raci",)
# How a review ends: the user goes on with the questions, has the documents, or stops.
ReviewEnd = Literal["on", "done", "stop"]


@dataclass(frozen=True)
class Viewer:
    """What shows a finished PDF: `open` says why it cannot, "" where it did; `is_there` where it may be offered.

    `opens_at_once`: the user wants to see it as soon as it is written.
    """

    open: Callable[[FilePath], str]
    is_there: bool
    opens_at_once: bool


class Review:
    """The screens about the whole deal; documents are written into `folder`, and shown by `viewer`."""

    def __init__(self, conversation: Conversation, folder: FilePath, viewer: Viewer | None = None) -> None:
        self.conversation = conversation
        self.notebook = conversation.notebook
        self.folder = folder
        self.viewer = viewer
        self.words = WordsShown(conversation)
        self._checked: tuple[str, DealReport] | None = None

    def count_pending(self) -> int:
        """Return how many questions must still be answered."""
        return sum(1 for _ in self.notebook.each_pending_question())

    def _list_problems(self) -> tuple[Problem, ...]:
        """Return what is wrong; what is only missing is asked for by the questions."""
        status = self.notebook.status
        unfinished = {fact.problem for fact in status.facts if is_unfinished(fact)}
        problems = tuple(problem for problem in status.problems if problem not in unfinished)
        if problems or self.count_pending():
            return problems
        return explain_stops(self._check_deal())

    def _check_deal(self) -> DealReport:
        """Return what the deal check finds, once all is answered; it is done anew only where answers changed."""
        if self._checked is None or self._checked[0] != self.notebook.text:
            deal = self.notebook.read_deal(self.notebook.data)
            self._checked = self.notebook.text, check_deal(deal, self.notebook.library)
        return self._checked[1]

    def _list_advice(self) -> tuple[Problem, ...]:
        """Return what the deal check would have somebody look at, once all is answered and nothing is wrong."""
        if self.count_pending() or self._list_problems():
            return ()
        return tuple(finding.problem for finding in self._check_deal().findings if not finding.override)

    def open(self) -> ReviewEnd:
        """Show all topics until the user goes on with the questions, has the documents or stops."""
        while True:
            if not self.count_pending():
                self.words.show_changes()
            print_heading(self.conversation.prompts, "Review: all answers by topic")
            options = self._list_options()
            try:
                chosen = self.conversation.prompts.ask_choice(options, options[0].value)
            except UserRequest as request:
                if request.kind == "help":
                    hint = "Choose a topic to see its answers and change them, or the first line to go on."
                    self.conversation.say(hint)
                continue
            try:
                match chosen:
                    case "on" | "stop":
                        return chosen
                    case "write":
                        if self._write_documents():
                            return "done"
                    case "chart":
                        ask_for_chart(self.conversation, _CHART)
                    case "problems":
                        self._mend_problems(self._list_problems, "Problems")
                    case "advice":
                        self._mend_problems(self._list_advice, "What the deal check found")
                    case "read":
                        self._show_agreement()
                    case "summary":
                        self.show_summary()
                    case _:
                        self.edit_topic(next(section for section in self.notebook.sections if section.id == chosen))
            except UserRequest:
                continue

    def _list_options(self) -> list[Option]:
        """Say how far the deal is, and return what can be done next; what to do now stands first."""
        self._say_roles()
        self.conversation.say(self.progress_in_words())
        problems = self._list_problems()
        options = []
        if open_questions := self.notebook.list_open_questions():
            options.append(Option("on", f"Go on: {self._title_of(open_questions[0].topic)}"))
        if problems:
            options.append(Option("problems", f"See what must be mended ({_count_problems(len(problems))})"))
        if not open_questions and not problems:
            options += self._list_endings()
        if advice := self._list_advice():
            counted = count_in_words(self._check_deal())
            self.conversation.say(f"The deal check has found something to look at: {counted}. It is no legal advice.")
            options.append(Option("advice", f"What the deal check found: {len(advice)}"))
        return [
            *options,
            Option("read", "Read the agreement"),
            Option("summary", "Show all answers"),
            *(self._offer_topic(section) for section in self.notebook.sections),
            *(() if options and options[0].value == "stop" else (Option("stop", _STOP),)),
        ]

    def progress_in_words(self) -> str:
        """Return what is left to do."""
        if topics := self.notebook.list_open_topics():
            return f"Still open: {', '.join(map(self._title_of, topics))}."
        if problems := self._list_problems():
            return f"{_count_problems(len(problems))} must be mended before documents can be written."
        return "All questions are answered. Choose a topic to change anything in it."

    def _title_of(self, topic: str) -> str:
        return next(section.title for section in self.notebook.sections if section.id == topic)

    def _list_endings(self) -> list[Option]:
        """Return what ends the conversation where nothing is open, and offer a chart where there is none."""
        if self._is_written():
            self.conversation.say("The documents are written, and nothing was changed since.")
            return [Option("stop", _STOP), Option("write", "Write the documents again")]
        if self._offers_chart():
            self.conversation.say(
                "Who does what: shall we propose a chart? It says for each task who does it, who answers for it, who "
                "is asked before and who is told afterwards."
            )
            return [Option("write", "Write the documents, without a chart"), Option("chart", "Propose a chart first")]
        return [Option("write", "Write the documents")]

    def _offers_chart(self) -> bool:
        return any(section.id == "raci" for section in self.notebook.sections) and not self.notebook.answer_at(_CHART)

    def _is_written(self) -> bool:
        """Whether the documents beside the deal file are newer than its last change."""
        deal = self.notebook.path
        try:
            return (self.folder / f"{deal.stem}.docx").stat().st_mtime >= deal.stat().st_mtime
        except OSError:
            return False

    def _say_roles(self) -> None:
        """Read back who has which role: parties in the wrong order would sign the opposite of what they agreed."""
        if said := self.conversation.roles_in_words():
            self.conversation.say(said)

    # -- topics

    def _offer_topic(self, section: Section) -> Option:
        told = self.describe_topic(section)
        return Option(section.id, told, is_minor=told.endswith((f": {_AS_USUAL}", f": {_EMPTY}")))

    def describe_topic(self, section: Section) -> str:
        """Return one line for a topic: what was said, what is missing, or that it is as usual."""
        label = self.conversation.label
        facts = list_visible_facts(section, self.notebook.status)
        missing = [label(fact) for fact in facts if is_unfinished(fact)]
        wrong = [label(fact) for fact in facts if fact.state == "wrong" and not is_unfinished(fact)]
        answered = [self._describe_answer(fact) for fact in facts if fact.state == "answered"]
        parts = [f"missing: {', '.join(missing)}"] if missing else []
        parts += [f"to mend: {', '.join(wrong)}"] if wrong else []
        if not parts and section.keys == ("parties",):
            answered = [name for name in self.notebook.status.parties if name]
        parts += answered
        if not parts:
            parts = [_AS_USUAL if any(fact.state == "usual" for fact in facts) else _EMPTY]
        return f"{section.title}: {shorten('; '.join(parts), 120)}"

    def _describe_answer(self, fact: FactStatus) -> str:
        """Return an answer in a few words; its name only where the topic does not say it already."""
        words = shorten(self.conversation.in_words(fact.value), 60)
        return words if len(fact.path) == 1 and fact.question.parts else f"{self.conversation.label(fact)} {words}"

    def edit_topic(self, section: Section) -> None:
        """Show a topic's answers, and change any of them."""
        while True:
            found = [self.notebook.status.find_fact((key,)) for key in section.keys if key != "agreement"]
            facts = [fact for fact in found if fact is not None and fact.state not in ("waiting", "idle")]
            if len(facts) == 1 and len(section.keys) == 1:
                if facts[0].question.is_group:
                    edit_parts(self.conversation, facts[0].path, facts[0].question)
                else:
                    edit_fact(self.conversation, facts[0])
                return
            print_heading(self.conversation.prompts, section.title)
            chosen = choose_fact(self.conversation, facts)
            if chosen is None:
                return
            edit_fact(self.conversation, chosen)

    def show_summary(self) -> None:
        """Show every answer, typed or usual."""
        conversation, status = self.conversation, self.notebook.status
        for section in self.notebook.sections:
            visible = list_visible_facts(section, status)
            facts = [fact for fact in visible if fact.state in ("answered", "missing", "wrong")]
            usual, _ = list_usual_and_left_out(section, status)
            if facts or usual:
                print_heading(conversation.prompts, section.title)
            for fact in facts:
                words = "(missing)" if fact.state == "missing" else conversation.in_words(fact.value)
                conversation.say(f"{conversation.label(fact)}: {words}", "    ", "")
            if usual:
                terms = "; ".join(f"{conversation.label(fact)}: {conversation.in_words(fact.value)}" for fact in usual)
                conversation.say(f"As usual: {terms}", "    ", "")
        conversation.say("")

    # -- problems

    def _mend_problems(self, list_problems: Callable[[], tuple[Problem, ...]], title: str) -> None:
        """List the problems; choosing one goes to its answer."""
        while (problems := list_problems()) and self._mend_one(problems, title):
            pass

    def _mend_one(self, problems: Sequence[Problem], title: str) -> bool:
        """List problems and go to the answer of one that is chosen; return whether one was and has an answer."""
        conversation = self.conversation
        print_heading(conversation.prompts, title)
        conversation.say("Choose one to see what to do, and to go to its answer.")
        said = [": ".join(filter(None, (problem.field, problem.message))) for problem in problems]
        lines = [Option(f"#{number}", words) for number, words in enumerate(said, 1)]
        # Where all of it must be mended, the first is the next step.
        chosen = conversation.choose_line([*lines, Option(DONE, "Back to the review")])
        if chosen == DONE:
            return False
        problem = problems[int(chosen.removeprefix("#")) - 1]
        conversation.show_problem(problem)
        fact = self._find_fact_of(problem)
        if fact is None:
            line = problem.place.line
            conversation.say(
                f"This stands in line {line} of the file: mend it there." if line else "No one answer decides this."
            )
            return False
        if fact.state == "idle":
            # Any change sets idle answers aside.
            self.notebook.change(lambda text: text)
            conversation.show_notes()
        else:
            edit_fact(conversation, fact)
        return True

    def _find_fact_of(self, problem: Problem) -> FactStatus | None:
        """Return the answer that a problem is about: the nearest one around it."""
        path: FactPath = tuple(problem.field.split("."))
        facts = {fact.field: fact for fact in reversed(self.notebook.status.facts)}
        fields = (".".join(path[:depth]) for depth in range(len(path), 0, -1))
        return next((facts[field] for field in fields if field in facts), None)

    # -- the text and the documents

    def _show_agreement(self) -> None:
        """Show the agreement as text; examples stand where answers are missing."""
        preview = preview_agreement(self.notebook)
        if preview is None:
            self.conversation.say("The agreement cannot be shown yet: mend the problems first.")
            return
        print_heading(self.conversation.prompts, "The agreement")
        if self.count_pending():
            self.conversation.say("Examples stand where answers are missing.")
        self._show_text(preview.document)

    def _show_text(self, document: Document) -> None:
        text = plain_text.write_text(document)
        for line in text.split("\n"):
            indent = line[: len(line) - len(line.lstrip())]
            for part in textwrap.wrap(line, text_width(), subsequent_indent=indent[:12]) or [""]:
                self.conversation.prompts.print_line(part)

    def _write_documents(self) -> bool:
        """Write the documents beside the deal file; return whether they are there."""
        conversation, notebook = self.conversation, self.notebook
        conversation.say("Writing the documents ...")
        conversation.prompts.show_lines()
        try:
            deal = notebook.read_deal(notebook.data)
            built = pipeline.build_what_can_be_made(deal, notebook.library, ("docx", "pdf"))
            files = built.name_files(notebook.path.stem)
            try:
                paths = saving.save_files(self.folder, files)
            except InputError as error:
                if not self._may_overwrite(error):
                    return False
                paths = saving.save_files(self.folder, files, force=True)
        except AgreementError as error:
            self._mend_one(error.problems, "The documents were not written")
            return False
        print_heading(conversation.prompts, "Done")
        for path in paths:
            conversation.prompts.print_line(str(path))
        pdf = next((path for path in paths if path.suffix == ".pdf"), None)
        if pdf is not None and self.viewer is not None and self.viewer.opens_at_once:
            self._open_pdf(pdf)
        fitted = built.fitted
        conversation.say(f"The agreement takes {_count_pages(fitted.pages)} at {fitted.sizes.body:g} pt.")
        for warning in built.warnings:
            note = ": ".join(part for part in (warning.field, warning.message) if part)
            conversation.say(f"Note: {note}", "  ", "")
        conversation.say("\nWhat to do next:")
        readers = "both of you" if len(notebook.status.parties) == 2 else "all of you"
        for number, step in enumerate(_NEXT_STEPS, 1):
            conversation.say(step.format(readers=readers), "   ", f"{number}. ")
        conversation.say(f"To change something: agreementgen new {notebook.path}")
        self._offer_to_read(built.fitted.document, pdf)
        return True

    def _offer_to_read(self, document: Document, pdf: FilePath | None) -> None:
        """Let the user read what was written, as text or in the viewer, before the program ends."""
        conversation = self.conversation
        options = [Option(DONE, "Finish"), Option("read", "Read the agreement here, as text")]
        if pdf is not None and self.viewer is not None and self.viewer.is_there:
            options.append(Option("open", "Open the PDF"))
        while True:
            print_heading(conversation.prompts, "Read it now?")
            chosen = conversation.choose_line(options)
            if chosen == DONE:
                return
            if chosen == "open" and pdf is not None:
                self._open_pdf(pdf)
            else:
                print_heading(conversation.prompts, "The agreement")
                self._show_text(document)

    def _open_pdf(self, pdf: FilePath) -> None:
        said = self.viewer.open(pdf) if self.viewer is not None else ""
        self.conversation.say(said or f"{pdf.name} opens in its viewer.")

    def _may_overwrite(self, error: InputError) -> bool:
        for problem in error.problems:
            self.conversation.say(f"! {problem.place}: {problem.message}", "  ", "")
        options = [Option("no", "Keep the files that are there"), Option("yes", "Replace them")]
        return self.conversation.prompts.ask_choice(options, "no") == "yes"


_NEXT_STEPS = (
    "Read the agreement from the first word to the last, {readers}. What nobody typed is in it, too, as usual terms.",
    "Have a lawyer review it. This program gives no legal advice.",
    "Sign it, each of you, and keep a signed copy.",
)


# Written out for one and for more, because languages form plurals each in its own way: both are messages of their own.
def _count_problems(count: int) -> str:
    return f"{count:,} problem" if count == 1 else f"{count:,} problems"


def _count_pages(count: int) -> str:
    return f"{count:,} page" if count == 1 else f"{count:,} pages"
