"""Screens for what each party says, and for shares."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from agreementgen.deal import editing
from agreementgen.deal.answers import read_answer
from agreementgen.deal.questions import Question
from agreementgen.deal.standing import Path
from agreementgen.deal.values import Unreadable
from agreementgen.errors import Problem
from agreementgen.interview.conversation import share
from agreementgen.interview.groups import DONE
from agreementgen.interview.lists import Lists, one_line
from agreementgen.interview.prompting import KEYS, Option, Wish, say


class Screens(Lists):
    """Opens the right screen for any question."""

    def edit(self, path: Path, question: Question) -> bool:
        """Ask for the answer at `path`, or open its screen; return whether there is an answer now."""
        around = self.notebook.standing.at(path[:-1])
        match question.type:
            case "per party":
                return self.parties(path, question)
            case "shares":
                return self.shares(path, question)
            case "percent" if around is not None and around.question.type == "shares":
                return self.share(path, question)
        return super().edit(path, question)

    def parties(self, path: Path, question: Question) -> bool:
        while True:
            self.head(path)
            say(self.prompts, question.prompt)
            said = self.notebook.said(path) or {}
            shorts = tuple(self.notebook.standing.known.parties)
            lines = [Option(short, f"{short}: {one_line(said.get(short)) or '(nothing)'}") for short in shorts]
            chosen = self.pick([Option(DONE, "Done"), *lines])
            if chosen == DONE or chosen not in shorts:
                return bool(self.notebook.said(path))
            self.party((*path, chosen), question.of[0])

    def party(self, path: Path, question: Question) -> None:
        try:
            if question.type == "group":
                self.first_part(path, question)
                self.parts(path, replace(question, prompt=path[-1]))
            else:
                self.edit(path, question)
        except Wish as wish:
            if wish.kind == "menu":
                raise

    def first_part(self, path: Path, question: Question) -> None:
        if self.notebook.said(path) is None:
            first = next((part for part in question.of if part.needed == "yes"), question.of[0])
            self.edit((*path, first.key), first)
            self.needed(path)

    def shares(self, path: Path, question: Question) -> bool:
        for short in self.notebook.standing.known.parties:
            self.share((*path, short), share(question))
        return True

    def share(self, path: Path, question: Question) -> bool:
        """Ask for one party's share; the last one is offered what is left of 100%."""
        self.head(path)
        around = self.notebook.standing.at(path[:-1])
        say(self.prompts, f"{around.question.prompt if around else 'Share'} {path[-1]}:")
        if around and around.problem and around.state == "wrong":
            self.complain(around.problem)
        say(self.prompts, f"({KEYS})")
        known = self.notebook.standing.known
        given = self.notebook.said(path[:-1]) or {}
        said = given.get(path[-1]) or self.rest(given, question)
        while True:
            try:
                text = self.prompts.text(said, ())
                read_answer(question, text, known)
            except Wish as wish:
                if wish.kind != "help":
                    raise
                self.help(path[:-1], question)
                continue
            except Unreadable as error:
                self.complain(Problem(error.message, error.hint))
                continue
            # Until all parties have one, the shares do not add up: that is no mistake yet.
            self.notebook.change(partial(editing.set_answer, path=path, value=text))
            return True

    def rest(self, given: dict[str, Any], question: Question) -> str:
        known = self.notebook.standing.known
        try:
            shares = [read_answer(question, str(said), known).number for said in given.values() if said]
        except Unreadable:
            return ""
        lacking = len(known.parties) - len(shares)
        left = 100 - sum(shares)
        return f"{left.normalize():f}%" if lacking == 1 and left > 0 and shares else ""
