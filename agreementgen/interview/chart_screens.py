"""Screens for what each party says, and for shares.

The screen for a RACI chart: who does the work, who approves it, who is consulted, who is informed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from agreementgen import pipeline
from agreementgen.core.problems import InputError, Problem
from agreementgen.core.values import Unreadable
from agreementgen.deal.question_types import read_answer
from agreementgen.deal.questions import Question, Structure
from agreementgen.deal.reader import FactPath
from agreementgen.draft.chart import propose_matrix
from agreementgen.interview.notebook import share_question
from agreementgen.interview.prompts import SIGNS_LEGEND, Option, UserRequest, print_wrapped
from agreementgen.interview.screens import DONE, Lists, answer_in_one_line
from agreementgen.yamlfile import editing


class Screens(Lists):
    """Opens the right screen for any question."""

    def edit(self, path: FactPath, question: Question) -> bool:
        """Ask for the answer at `path`, or open its screen; return whether there is an answer now."""
        around = self.notebook.standing.find_fact(path[:-1])
        match question.structure:
            case Structure.PER_PARTY:
                return self.parties(path, question)
            case Structure.SHARES:
                return self.shares(path, question)
            case Structure.SCALAR if around is not None and around.question.structure is Structure.SHARES:
                return self.share(path, question)
        return super().edit(path, question)

    def parties(self, path: FactPath, question: Question) -> bool:
        while True:
            self.head(path)
            print_wrapped(self.prompts, question.prompt)
            said = self.notebook.answer_at(path) or {}
            shorts = tuple(self.notebook.standing.context.parties)
            lines = [
                Option(short, f"{short}: {answer_in_one_line(said.get(short)) or '(nothing)'}") for short in shorts
            ]
            chosen = self.pick([Option(DONE, "Done"), *lines])
            if chosen == DONE or chosen not in shorts:
                return bool(self.notebook.answer_at(path))
            self.party((*path, chosen), question.parts[0])

    def party(self, path: FactPath, question: Question) -> None:
        try:
            if question.is_group:
                self.first_part(path, question)
                self.parts(path, replace(question, prompt=path[-1]))
            else:
                self.edit(path, question)
        except UserRequest as wish:
            if wish.kind == "menu":
                raise

    def first_part(self, path: FactPath, question: Question) -> None:
        if self.notebook.answer_at(path) is None:
            first = next((part for part in question.parts if part.needed == "yes"), question.parts[0])
            self.edit((*path, first.key), first)
            self.needed(path)

    def shares(self, path: FactPath, question: Question) -> bool:
        for short in self.notebook.standing.context.parties:
            self.share((*path, short), share_question(question))
        return True

    def share(self, path: FactPath, question: Question) -> bool:
        """Ask for one party's share; the last one is offered what is left of 100%."""
        self.head(path)
        around = self.notebook.standing.find_fact(path[:-1])
        print_wrapped(self.prompts, f"{around.question.prompt if around else 'Share'} {path[-1]}:")
        if around and around.problem and around.state == "wrong":
            self.complain(around.problem)
        print_wrapped(self.prompts, f"({SIGNS_LEGEND})")
        known = self.notebook.standing.context
        given = self.notebook.answer_at(path[:-1]) or {}
        said = given.get(path[-1]) or self.rest(given, question)
        while True:
            try:
                text = self.prompts.ask_text(said, ())
                read_answer(question, text, known)
            except UserRequest as wish:
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
        known = self.notebook.standing.context
        try:
            shares = [read_answer(question, str(said), known).number for said in given.values() if said]
        except Unreadable:
            return ""
        lacking = len(known.parties) - len(shares)
        left = 100 - sum(shares)
        return f"{left.normalize():f}%" if lacking == 1 and left > 0 and shares else ""


_ROLE, _TASK, _ROLES, _TASKS, _PROPOSE = "add role", "add task", "roles", "tasks", "propose"
_OUTSIDE = "outside"
# Other names than roles that a task's line may have.
_BESIDE = ("phase", "due", "carries out")


class Charts(Screens):
    """Adds, changes and removes roles and tasks; the letters are asked as four questions on each task."""

    def edit(self, path: FactPath, question: Question) -> bool:
        return self.chart(path, question) if question.structure is Structure.MATRIX else super().edit(path, question)

    def chart(self, path: FactPath, question: Question) -> bool:
        while True:
            self.head(path)
            data = self.notebook.answer_at(path)
            if isinstance(data, str):
                print_wrapped(self.prompts, f'The chart is in the table "{data}": change it there.')
                return True
            roles, tasks = self.names(path, _ROLES), self.names(path, _TASKS)
            print_wrapped(self.prompts, question.prompt)
            problem = self.notebook.standing.find_problem(path)
            if problem:
                self.complain(problem)
            options = [Option(DONE, "Done"), Option(_ROLE, "Add a role")]
            options += [Option(_TASK, "Add a task")] if roles else []
            options += (
                [Option(_PROPOSE, "Propose a chart from the responsibilities and what is usual")] if not data else []
            )
            options += [Option(f"role {name}", f"Role {name}: {_party_of_role(said)}") for name, said in roles.items()]
            options += [
                Option(f"task {name}", f"Task {name}: {_letters_in_words(said)}") for name, said in tasks.items()
            ]
            options += [Option(part.key, part.prompt) for part in question.parts if data]
            chosen = self.pick(options)
            if chosen == DONE:
                return bool(self.notebook.answer_at(path))
            try:
                self.open_line(path, question, chosen)
            except UserRequest as wish:
                if wish.kind == "menu":
                    raise

    def open_line(self, path: FactPath, question: Question, chosen: str) -> None:
        kind, _, name = chosen.partition(" ")
        part = question.find_part(chosen)
        if part is not None:
            self.scalar((*path, part.key), part)
        elif chosen == _PROPOSE:
            self.propose(path)
        elif chosen in (_ROLE, _TASK):
            print_wrapped(
                self.prompts, "The role, such as Account lead:" if chosen == _ROLE else "The task, a verb first:"
            )
            name = " ".join(self.prompts.ask_text("", ()).split())
            if name and chosen == _ROLE:
                self.party_of((*path, _ROLES, name))
            elif name:
                self.letters(path, name)
        elif kind == "role":
            self.change_role(path, name)
        else:
            self.change_task(path, name)
        self.show_notes()

    def propose(self, path: FactPath) -> None:
        """Save a first chart: a task for each responsibility, and those that every such partnership has."""
        notebook = self.notebook
        try:
            deal = pipeline.read(notebook.data, str(notebook.path), notebook.library, "", notebook.read_table)
        except InputError:
            print_wrapped(
                self.prompts, "For that, answer first what is still missing: the chart follows the responsibilities."
            )
            return
        data = editing.answers_in_text(propose_matrix(deal, notebook.library, notebook.outline))["raci"]
        tasks = {
            name: {**said["letters"], **{key: said[key] for key in _BESIDE if key in said}}
            for name, said in data[_TASKS].items()
        }
        self.save_at(path, {**data, _TASKS: tasks})

    def move(self, path: FactPath, name: str, step: int) -> None:
        """Move a task up (-1) or down (1) among the others."""
        tasks = list(self.names(path, _TASKS).items())
        here = next(index for index, (key, _) in enumerate(tasks) if key == name)
        tasks.insert(here + step, tasks.pop(here))
        self.save_at((*path, _TASKS), dict(tasks))

    def names(self, path: FactPath, kind: str) -> dict[str, Any]:
        """Return the roles or tasks by name, as they were typed."""
        said = self.notebook.answer_at((*path, kind))
        return said if isinstance(said, dict) else {}

    def save_at(self, path: FactPath, value: Any) -> None:
        """Save without a check: a chart is complete only when each task has its letters."""
        self.notebook.change(partial(editing.set_answer, path=path, value=value))

    def party_of(self, path: FactPath) -> None:
        print_wrapped(self.prompts, f"Which party does {path[-1]} belong to?")
        options = [Option(short, short) for short in self.notebook.standing.context.parties]
        said = self.notebook.answer_at(path)
        party = self.pick([*options, Option(_OUTSIDE, "nobody of the parties")])
        if party != DONE:
            self.save_at((*path, "party") if isinstance(said, dict) else path, party)

    def change_role(self, path: FactPath, name: str) -> None:
        here = (*path, _ROLES, name)
        options = [Option("party", "Another party"), Option("person", "Name the person"), Option("name", "Rename it")]
        chosen = self.pick([*options, Option("remove", "Remove it"), Option(DONE, "Leave it as it is")])
        if chosen == "party":
            self.party_of(here)
        elif chosen == "person":
            print_wrapped(self.prompts, "The person's name:")
            said = self.notebook.answer_at(here)
            person = self.prompts.ask_text(str(said.get("person", "")) if isinstance(said, dict) else "", ())
            self.save_at(here, {"party": _party_of_role(said), "person": person} if person else _party_of_role(said))
        elif chosen in ("name", "remove"):
            print_wrapped(self.prompts, f"The new name of {name}:" if chosen == "name" else "")
            new = " ".join(self.prompts.ask_text(name, ()).split()) if chosen == "name" else ""
            held = [task for task, said in self.names(path, _TASKS).items() if isinstance(said, dict) and name in said]

            def edit(text: str) -> str:
                for at in (*((*path, _TASKS, task, name) for task in held), here):
                    text = editing.rename_entry(text, at, new) if new else editing.drop_answer(text, at)
                return text

            self.notebook.change(edit)

    def change_task(self, path: FactPath, name: str) -> None:
        options = [
            Option("letters", "Change who does what"),
            Option("name", "Rename it"),
            Option("remove", "Remove it"),
        ]
        names = list(self.names(path, _TASKS))
        options += [Option("up", "Move it up")] if name != names[0] else []
        options += [Option("down", "Move it down")] if name != names[-1] else []
        chosen = self.pick([*options, Option(DONE, "Leave it as it is")])
        here = (*path, _TASKS, name)
        if chosen == "letters":
            self.letters(path, name)
        elif chosen in ("up", "down"):
            self.move(path, name, -1 if chosen == "up" else 1)
        elif chosen == "remove":
            self.notebook.change(partial(editing.drop_answer, path=here))
        elif chosen == "name":
            new = " ".join(self.prompts.ask_text(name, ()).split())
            if new:
                self.notebook.change(partial(editing.rename_entry, path=here, name=new))

    def letters(self, path: FactPath, name: str) -> None:
        """Ask who does the work, who approves it, who is consulted and who is informed."""
        here = (*path, _TASKS, name)
        said = self.notebook.answer_at(here)
        line: dict[str, Any] = dict(said) if isinstance(said, dict) else {}
        roles = list(self.names(path, _ROLES))
        held = {letter: [r for r in roles if letter in str(line.get(r, "")).split("/")] for letter in "RACI"}
        options = [Option(role, role) for role in roles]
        print_wrapped(self.prompts, f"{name}: who does the work?")
        held["R"] = self.prompts.ask_choices([replace(option, ticked=option.value in held["R"]) for option in options])
        print_wrapped(self.prompts, f"{name}: who approves the outcome? Exactly one.")
        first = (held["A"] or held["R"] or roles)[0]
        held["A"] = [self.prompts.ask_choice(options, first)]
        for letter, what in (("C", "who is asked before?"), ("I", "who is told afterwards?")):
            free = [option for option in options if not any(option.value in held[other] for other in "RA")]
            free = [option for option in free if letter == "C" or option.value not in held["C"]]
            if not free:
                held[letter] = []
                continue
            print_wrapped(self.prompts, f"{name}: {what}")
            held[letter] = self.prompts.ask_choices([replace(o, ticked=o.value in held[letter]) for o in free])
        found = {role: "/".join(letter for letter in "ARCI" if role in held[letter]) for role in roles}
        line = {key: value for key, value in line.items() if key not in roles}
        self.save_at(here, {role: letters for role, letters in found.items() if letters} | line)


def _party_of_role(said: Any) -> str:
    return str(said.get("party", "")) if isinstance(said, dict) else str(said or "")


def _letters_in_words(said: Any) -> str:
    if not isinstance(said, dict):
        return str(said or "")
    return ", ".join(f"{role} {letters}" for role, letters in said.items() if role not in _BESIDE)
