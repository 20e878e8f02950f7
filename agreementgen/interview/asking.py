"""One prompt: the question in plain words, help, the answer read by the deal file's own reader, and read back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agreementgen.deal.answers import read_answer
from agreementgen.deal.characters import collapse
from agreementgen.deal.questions import Question
from agreementgen.deal.regions import region_names
from agreementgen.deal.schema import node_text
from agreementgen.deal.standing import Fact, Path
from agreementgen.deal.values import Unreadable
from agreementgen.errors import InputError, Problem
from agreementgen.interview.conversation import label, section_of, spoken
from agreementgen.interview.notebook import Notebook
from agreementgen.interview.prompting import KEYS, Option, Prompts, Wish, rule, say

# Typed instead of an answer: takes it away again.
NOTHING = "-"
_CHOSEN = ("choice", "yes/no", "party")


class Asking:
    """Asks single questions and saves their answers."""

    def __init__(self, prompts: Prompts, notebook: Notebook) -> None:
        self.prompts = prompts
        self.notebook = notebook

    # -- screens

    def head(self, path: Path) -> None:
        """Show where one is: the topic, its number, and the party or entry of a list."""
        known = self.notebook.sections
        section = section_of(known, path)
        where = f"Topic {known.index(section) + 1} of {len(known)}: {section.title}"
        for index, part in enumerate(path):
            shorts = self.notebook.standing.parties
            if part.isdigit() and path[0] == "parties" and index == 1:
                short = shorts[int(part) - 1] if int(part) <= len(shorts) else ""
                named = short or self.role(int(part))
                where += f", party {part}" + (f" ({named})" if named else "")
            elif part.isdigit():
                where += f", number {part}"
            elif part in shorts:
                where += f", {part}"
        rule(self.prompts, where)

    def role(self, number: int) -> str:
        """Return what a party is to the others ("vendor"), where the kind of agreement has roles."""
        parties = self.notebook.standing.values.get("parties") or ()
        usual = tuple(self.notebook.outline.roles)
        said = parties[number - 1].get("role") if number <= len(parties) else None
        return str(said or (usual[number - 1] if number <= len(usual) else ""))

    def question(self, path: Path, question: Question, fact: Fact | None) -> None:
        prompt = question.prompt or question.key
        around = self.notebook.standing.at(path[:-1])
        if around is not None and around.question.type == "per party" and len(around.path) == len(path) - 1:
            # What one party says is asked in the words of the question to all of them.
            prompt = f"{around.question.prompt} {path[-1]}:"
        whole = self.whole(path)
        if whole:
            say(self.prompts, whole)
        say(self.prompts, prompt if prompt.endswith(("?", ".", ":")) else f"{prompt}:")
        if question.example and question.type not in _CHOSEN:
            say(self.prompts, f"Example: {question.example}")
        if fact and fact.state == "usual" and question.type not in _CHOSEN:
            say(self.prompts, f"Usual: {spoken(fact.value, self.language)}. Enter keeps it.")
        if fact and fact.problem and fact.state == "wrong":
            self.complain(fact.problem)
        say(self.prompts, f"({KEYS})")

    def whole(self, path: Path) -> str:
        """Return the question that a group asks as a whole, or a list before the first part of an entry."""
        standing = self.notebook.standing
        group = standing.at(path[:-1])
        if group is not None and group.question.type == "group" and len(path) > 2:
            return group.question.prompt
        entries = standing.at(path[:-2]) if path[-2:-1] and path[-2].isdigit() else None
        if entries is not None and entries.question.of and entries.question.of[0].key == path[-1]:
            return entries.question.prompt
        return ""

    @property
    def language(self) -> str:
        return str(self.notebook.standing.values.get("language") or "en-US")

    def complain(self, problem: Problem) -> None:
        say(self.prompts, f"! {problem.message}", "  ", "")
        if problem.hint:
            say(self.prompts, f"  {problem.hint}", "  ", "")

    def help(self, path: Path, question: Question) -> None:
        """Say why a question matters, what is usual, what it takes, and what goes wrong."""
        rule(self.prompts, "Help")
        around = self.notebook.standing.at(path[:-1])
        if around is not None and around.question.type == "per party" and around.question.help:
            say(self.prompts, around.question.help)
        say(self.prompts, question.help or question.prompt)
        default = self.notebook.form.defaults.get(".".join(p for p in path if not p.isdigit()), question.default)
        if default is not None:
            say(self.prompts, f"Usual: {node_text(default)}.")
        limits = question.limits
        if limits.least and limits.most:
            say(self.prompts, f"From {limits.least} to {limits.most}.")
        if limits.words:
            say(self.prompts, f"Up to {limits.words} words.")
        if question.example:
            say(self.prompts, f"Example: {question.example}")
        for word, says in (question.choices or {}).items():
            if says != word:
                say(self.prompts, f"{word}: {says}", "    ", "  ")
        section = section_of(self.notebook.sections, path)
        clauses = self.notebook.library.clauses.get(section.id, ())
        clause = next((clause for clause in clauses if clause.position == "balanced"), None)
        if clause and clause.guidance.why:
            say(self.prompts, f"Why it is in the agreement: {clause.guidance.why}")
        if clause and clause.guidance.traps:
            say(self.prompts, f"What goes wrong: {clause.guidance.traps}")
        if not (clause and clause.guidance.why):
            say(self.prompts, f"It belongs to {section.title.lower()}: {section.about.lower()}.")
        say(self.prompts, f'"{NOTHING}" takes an answer away that may be left out.')

    def show_notes(self) -> None:
        for note in self.notebook.notes:
            say(self.prompts, note, "  ", "")
        self.notebook.notes.clear()

    # -- one answer

    def edit(self, path: Path, question: Question) -> bool:
        """Ask for the answer at `path`; return whether there is one now. Subclasses open whole screens."""
        return self.scalar(path, question)

    def scalar(self, path: Path, question: Question) -> bool:
        """Ask until the answer can be saved; return whether there is one.

        Raise Wish where somebody wants to go somewhere else.
        """
        fact = self.notebook.standing.at(path)
        self.head(path)
        self.question(path, question, fact)
        given = self.notebook.said(path)
        said = given if isinstance(given, str) else ""
        while True:
            try:
                text = self.read(question, said, fact)
            except Wish as wish:
                if wish.kind != "help":
                    raise
                self.help(path, question)
                say(self.prompts, "")
                self.question(path, question, fact)
                continue
            if text == NOTHING or not collapse(text):
                if self.may_be_left_out(question, fact):
                    if given is not None:
                        self.notebook.drop(path)
                        self.show_notes()
                    return False
                say(self.prompts, '! This needs an answer. Type ">" to leave it open for now.', "  ", "")
                continue
            problem = self.save(path, question, text, given)
            if problem is None:
                return True
            self.complain(problem)
            said = text if text.isprintable() else ""

    def may_be_left_out(self, question: Question, fact: Fact | None) -> bool:
        if fact is not None and fact.state in ("usual", "open"):
            return True
        return not question.needed or question.default is not None

    def read(self, question: Question, said: str, fact: Fact | None) -> str:
        """Return an answer as text, by a line or by a choice."""
        if question.type not in _CHOSEN:
            return self.prompts.text(said, self.words(question))
        options = self.options(question)
        usual = self.usual_word(question, fact)
        if self.may_be_left_out(question, fact) and not usual:
            options.append(Option(NOTHING, "nothing: leave it out"))
        marked = [Option(o.value, f"{o.label} (usual)") if o.value == usual else o for o in options]
        default = next((o.value for o in options if o.value.lower() == said.lower()), "") or usual
        if not default and self.may_be_left_out(question, fact):
            default = NOTHING
        return self.prompts.choose(marked, default)

    def usual_word(self, question: Question, fact: Fact | None) -> str:
        if fact and fact.state == "usual":
            return spoken(fact.value, self.language) if question.type == "yes/no" else str(fact.value)
        default = question.default
        return node_text(default) if default is not None else ""

    def options(self, question: Question) -> list[Option]:
        match question.type:
            case "yes/no":
                return [Option("yes", "yes"), Option("no", "no")]
            case "party":
                found = [Option(short, short) for short in self.notebook.standing.known.parties]
                return found + [Option(word, says) for word, says in (question.words or {}).items()]
        choices = question.choices or {}
        return [Option(word, word if says == word else f"{word}: {says}") for word, says in choices.items()]

    def words(self, question: Question) -> Sequence[str]:
        """Return what may be completed while one types."""
        match question.type:
            case "region":
                return region_names()
            case "currency":
                return (
                    "USD",
                    "EUR",
                    "GBP",
                    "CAD",
                    "AUD",
                    "NZD",
                    "CHF",
                    "JPY",
                    "MXN",
                    "SEK",
                    "DKK",
                    "NOK",
                    "SGD",
                    "HKD",
                )
        return sorted(question.words or ())

    def save(self, path: Path, question: Question, text: str, given: Any) -> Problem | None:
        """Save `text`, and read it back where it was understood in other words; or return what is wrong."""
        try:
            value = read_answer(question, text, self.notebook.standing.known)
        except Unreadable as error:
            return Problem(error.message, error.hint)
        text = collapse(text)
        if text == given:
            return None
        try:
            problem = self.notebook.put(path, text)
        except InputError as error:
            # Somebody broke the file with an editor meanwhile, or the disk is full: both can be mended.
            problem = error.problems[0]
        if problem is not None:
            return problem
        said = spoken(value, self.language)
        if said and said != text and question.type not in _CHOSEN:
            say(self.prompts, f"  = {said}", "    ", "")
        self.show_notes()
        return None

    def name(self, fact: Fact) -> str:
        return label(fact, self.notebook.standing)
