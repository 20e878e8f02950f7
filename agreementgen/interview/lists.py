"""Screens for lists: of texts, of choices, of groups; with suggestions from the library."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agreementgen.deal.answers import read_answer
from agreementgen.deal.questions import Question
from agreementgen.deal.standing import Path, plain
from agreementgen.deal.values import Unreadable
from agreementgen.errors import Problem
from agreementgen.interview.asking import NOTHING
from agreementgen.interview.conversation import spoken
from agreementgen.interview.groups import DONE, Groups
from agreementgen.interview.prompting import Option, Wish, say

_ADD, _PICK, _OWN = "add", "pick", "own"


class Lists(Groups):
    """Adds, changes, moves and removes entries of lists."""

    def edit(self, path: Path, question: Question) -> bool:
        match question.type:
            case "list":
                return self.texts(path, question)
            case "list of groups":
                return self.entries(path, question)
        return super().edit(path, question)

    def texts(self, path: Path, question: Question) -> bool:
        item = question.of[0]
        items = self.items(path)
        if item.type == "choice":
            return self.ticked(path, question, item)
        if not items:
            self.head(path)
            self.question(path, question, None)
            if self.suggestions(path):
                self.suggested(path, question)
            else:
                self.add_texts(path, item)
            return bool(self.items(path))
        while True:
            self.head(path)
            items = self.items(path)
            say(self.prompts, question.prompt)
            more = [Option(_PICK, "Choose from suggestions")] if self.left(path) else []
            options = [Option(DONE, "Done"), Option(_ADD, "Add one"), *more]
            chosen = self.pick(options + [Option(f"#{n}", text) for n, text in enumerate(items, 1)])
            if chosen == DONE:
                return bool(self.items(path))
            try:
                if chosen == _ADD:
                    self.add_texts(path, item)
                elif chosen == _PICK:
                    self.suggested(path, question)
                else:
                    self.change_entry(path, int(chosen[1:]), len(items), item)
            except Wish as wish:
                if wish.kind == "menu":
                    raise
            if not self.items(path):
                return False

    def items(self, path: Path) -> list[Any]:
        said = self.notebook.said(path)
        if said in (None, NOTHING):
            fact = self.notebook.standing.at(path)
            return [spoken(item, self.language) for item in fact.value] if fact and fact.state == "usual" else []
        return said if isinstance(said, list) else [said]

    def typed(self, path: Path) -> None:
        """Write down a list that is the usual one, or one text, so that its entries can be changed."""
        if not isinstance(self.notebook.said(path), list) and self.items(path):
            self.notebook.put(path, self.items(path))

    def add_texts(self, path: Path, item: Question) -> None:
        """Add entries until an empty line."""
        self.typed(path)
        say(self.prompts, "One entry a line; an empty line ends the list.")
        while True:
            try:
                text = self.prompts.text("", self.words(item))
            except Wish as wish:
                if wish.kind != "help":
                    raise
                self.help(path, item)
                continue
            if not text.strip():
                return
            problem = self.entry(path, len(self.items(path)) + 1, item, text)
            if problem:
                self.complain(problem)

    def entry(self, path: Path, number: int, item: Question, text: str) -> Problem | None:
        try:
            read_answer(item, text, self.notebook.standing.known)
        except Unreadable as error:
            return Problem(error.message, error.hint)
        problem = self.notebook.put((*path, str(number)), " ".join(text.split()))
        self.show_notes()
        return problem

    def change_entry(self, path: Path, number: int, count: int, item: Question | None) -> None:
        """Change, move or remove one entry of a list; `item` is None for an entry that is a group."""
        what = [Option("change", "Change it")]
        what += [Option("up", "Move it up")] if number > 1 else []
        what += [Option("down", "Move it down")] if number < count else []
        chosen = self.pick([*what, Option("remove", "Remove it"), Option(DONE, "Leave it as it is")])
        self.typed(path)
        match chosen:
            case "up" | "down":
                self.notebook.move(path, number, number + (1 if chosen == "down" else -1))
            case "remove":
                self.notebook.drop_entry((*path, str(number)))
            case "change" if item is not None:
                old = str(self.notebook.said((*path, str(number))))
                while problem := self.entry(path, number, item, self.prompts.text(old, self.words(item)) or old):
                    self.complain(problem)
            case "change":
                around = self.notebook.standing.at(path)
                if around:
                    self.parts((*path, str(number)), replace(around.question, prompt=self.entry_name(path, number)))
        self.show_notes()

    def entry_name(self, path: Path, number: int) -> str:
        said = self.notebook.said((*path, str(number)))
        first = next((value for value in said.values() if isinstance(value, str)), "") if isinstance(said, dict) else ""
        return first or f"Number {number}"

    def ticked(self, path: Path, question: Question, item: Question) -> bool:
        """Ask for any of the choices there are."""
        self.head(path)
        self.question(path, question, None)
        given = self.items(path)
        options = [replace(option, ticked=option.value in given) for option in self.options(item)]
        chosen = self.tick(path, question, options)
        if chosen:
            self.notebook.put(path, chosen)
        else:
            self.notebook.drop(path)
        self.show_notes()
        return bool(chosen)

    def tick(self, path: Path, question: Question, options: list[Option]) -> list[str]:
        while True:
            try:
                return self.prompts.tick(options)
            except Wish as wish:
                if wish.kind != "help":
                    raise
                self.help(path, question)

    # -- suggestions

    def suggestions(self, path: Path) -> list[Any]:
        """Return what the library suggests for the list at `path`; names of parties and numbers do not matter."""
        shorts = self.notebook.standing.known.parties
        name = ".".join(part for part in path if not part.isdigit() and part not in shorts)
        return [plain(node) for node in self.notebook.outline.suggestions.get(name, ())]

    def left(self, path: Path) -> list[Any]:
        items = self.items(path)
        return [said for said in self.suggestions(path) if said not in items]

    def suggested(self, path: Path, question: Question) -> None:
        """Offer the suggestions as a checklist; the last line adds one's own."""
        left = self.left(path)
        say(self.prompts, "Tick what suits; you can change the words of each afterwards.")
        options = [Option(str(index), one_line(said)) for index, said in enumerate(left)]
        chosen = self.tick(path, question, [*options, Option(_OWN, "Something else, in my own words")])
        picked = [left[int(value)] for value in chosen if value != _OWN]
        if picked:
            self.typed(path)
            problem = self.notebook.put(path, [*self.items(path), *picked] if self.items(path) else picked)
            if problem:
                self.complain(problem)
        if _OWN in chosen or (not chosen and not self.items(path) and question.needed):
            if question.type == "list":
                self.add_texts(path, question.of[0])
            else:
                self.add_group(path, question)
        self.show_notes()

    def entries(self, path: Path, question: Question) -> bool:
        asked = False
        while True:
            self.head(path)
            items = self.notebook.said(path) or []
            if not items and asked:
                return False
            if not items and self.suggestions(path):
                asked = True
                self.question(path, question, None)
                self.suggested(path, question)
                continue
            say(self.prompts, question.prompt)
            more = [Option(_PICK, "Choose from suggestions")] if self.left(path) else []
            lines = [Option(f"#{n}", one_line(said)) for n, said in enumerate(items, 1)]
            chosen = self.pick([Option(DONE, "Done"), Option(_ADD, "Add one"), *more, *lines])
            if chosen == DONE:
                return bool(items)
            try:
                if chosen == _ADD:
                    self.add_group(path, question)
                elif chosen == _PICK:
                    self.suggested(path, question)
                else:
                    self.change_entry(path, int(chosen[1:]), len(items), None)
            except Wish as wish:
                if wish.kind == "menu":
                    raise

    def add_group(self, path: Path, question: Question) -> None:
        """Add an entry: what must be answered first, then the rest by choice."""
        number = len(self.notebook.said(path) or []) + 1
        here = (*path, str(number))
        first = next((part for part in question.of if part.needed == "yes" and not part.when), question.of[0])
        self.edit((*here, first.key), first)
        if self.notebook.said(here) is None:
            return
        self.needed(here)
        self.parts(here, replace(question, prompt=self.entry_name(path, number)))


def one_line(said: Any) -> str:
    """Return an answer as it was typed, in one line."""
    if isinstance(said, dict):
        return ", ".join(one_line(value) for value in said.values() if value)
    if isinstance(said, list):
        return "; ".join(one_line(value) for value in said)
    return str(said or "")
