"""The screen for a RACI chart: who does the work, who approves it, who is consulted, who is informed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from agreementgen.core.problems import InputError
from agreementgen.deal.deal import OPEN
from agreementgen.deal.matrix_builder import DUE_KEY, LETTERS_KEY, PHASE_KEY, RESPONSIBILITIES_KEY, ROLES_KEY, TASKS_KEY
from agreementgen.deal.questions import Question
from agreementgen.deal.reader import FactPath
from agreementgen.draft.chart_proposal import propose_matrix
from agreementgen.interview.conversation import DONE, Conversation, staying_here
from agreementgen.interview.prompts import Option, UserRequest, print_heading
from agreementgen.yamlfile import editing

_ADD_ROLE, _ADD_TASK, _PROPOSE, _BACK = "add role", "add task", "propose", "bring back"
_OUTSIDE = "outside"
_HELP = (
    "Several may do the work of a task, one answers for its outcome. Who is asked before has a say, who is told "
    "afterwards has none. Nobody needs more than one of these parts."
)
# Other names than roles that a task may have in its line.
_OTHER_KEYS = (PHASE_KEY, DUE_KEY, RESPONSIBILITIES_KEY)


@dataclass(frozen=True)
class ChartScreen:
    """Adds, changes and removes roles and tasks; the letters are asked as four questions on each task.

    Answers are saved without a check: a chart is complete only when each task has its letters.
    """

    conversation: Conversation
    path: FactPath
    question: Question

    def open(self) -> bool:
        """Show the chart until the user is done with it; return whether there is one."""
        conversation, notebook = self.conversation, self.conversation.notebook
        while True:
            conversation.show_heading(self.path)
            chart = notebook.answer_at(self.path)
            if isinstance(chart, str):
                conversation.say(f'The chart is in the table "{chart}": change it there.')
                return True
            conversation.say(self.question.prompt)
            problem = conversation.status.find_problem(self.path)
            if problem:
                conversation.show_problem(problem)
            chosen = conversation.choose_line(self._list_options(bool(chart)))
            if chosen == DONE:
                return bool(notebook.answer_at(self.path))
            with staying_here():
                self._follow(chosen)

    def _list_options(self, has_chart: bool) -> list[Option]:
        roles, tasks = self._roles(), self._tasks()
        options = [Option(DONE, "Done"), Option(_ADD_ROLE, "Add a role")]
        options += [Option(_ADD_TASK, "Add a task")] if roles else []
        if not has_chart:
            options.append(Option(_PROPOSE, "Propose a chart from the responsibilities and what is usual"))
        options += [Option(f"role {name}", f"Role {name}: {_party_of_role(role)}") for name, role in roles.items()]
        options += [Option(f"task {name}", f"Task {name}: {_letters_in_words(task)}") for name, task in tasks.items()]
        if self.conversation.notebook.last_removed(self.path) is not None:
            options.append(Option(_BACK, "Bring back the chart as it was before the last removal"))
        return options + [Option(part.key, part.prompt) for part in self.question.parts if has_chart]

    def _follow(self, chosen: str) -> None:
        """Do what the chosen line of the screen says."""
        kind, _, name = chosen.partition(" ")
        part = self.question.find_part(chosen)
        if part is not None:
            self.conversation.ask_answer((*self.path, part.key), part)
        elif chosen == _PROPOSE:
            self._propose()
        elif chosen == _BACK:
            removed = self.conversation.notebook.last_removed(self.path)
            if removed is not None:
                self.conversation.notebook.bring_chart_back(removed)
        elif chosen == _ADD_ROLE:
            name = self._ask_name("The role, such as Account lead:")
            if name:
                self._ask_party(name)
        elif chosen == _ADD_TASK:
            name = self._ask_name("The task, a verb first:")
            if name:
                self._ask_letters(name)
        elif kind == "role":
            self._change_role(name)
        else:
            self._change_task(name)
        self.conversation.show_notes()

    def _ask_name(self, prompt: str, proposed: str = "") -> str:
        if prompt:
            self.conversation.say(prompt)
        return " ".join(self.conversation.prompts.ask_text(proposed, ()).split())

    def _propose(self) -> bool:
        """Save a first chart: a task for each responsibility, and those that follow from the other answers."""
        notebook = self.conversation.notebook
        try:
            deal = notebook.read_deal(notebook.data)
        except InputError:
            self.conversation.say(
                "For that, answer first what is still missing: the chart follows the responsibilities."
            )
            return False
        chart = editing.answers_in_text(propose_matrix(deal, notebook.library, notebook.outline))["raci"]
        tasks = {
            name: {**task[LETTERS_KEY], **{key: task[key] for key in _OTHER_KEYS if key in task}}
            for name, task in chart[TASKS_KEY].items()
        }
        self._save(self.path, {**chart, TASKS_KEY: tasks})
        return True

    def propose(self) -> None:
        """Propose a chart, ask for each task that has no owner yet, and show the whole."""
        if not self._propose():
            return
        open_tasks = [name for name, task in self._tasks().items() if _lacks_owner(task)]
        with staying_here():
            for number, name in enumerate(open_tasks, 1):
                self._ask_letters(name, f"Who does what: task {number} of {len(open_tasks)} without an owner")
        with staying_here():
            self.open()

    # -- the chart as it was typed

    def _roles(self) -> dict[str, Any]:
        """Return by role what was typed for it: its party, or its party and its person."""
        return self._group_at((*self.path, ROLES_KEY))

    def _tasks(self) -> dict[str, Any]:
        """Return by task what was typed for it: letters by role, and what else its line says."""
        return self._group_at((*self.path, TASKS_KEY))

    def _group_at(self, path: FactPath) -> dict[str, Any]:
        answer = self.conversation.notebook.answer_at(path)
        return dict(answer) if isinstance(answer, dict) else {}

    def _save(self, path: FactPath, answer: editing.Value) -> None:
        self.conversation.notebook.change(partial(editing.set_answer, path=path, value=answer))

    # -- roles

    def _ask_party(self, role: str) -> None:
        conversation, path = self.conversation, (*self.path, ROLES_KEY, role)
        conversation.say(f"Which party does {role} belong to?")
        options = [Option(short, short) for short in conversation.status.context.parties]
        party = conversation.choose_line([*options, Option(_OUTSIDE, "nobody of the parties")])
        if party != DONE:
            has_person = isinstance(conversation.notebook.answer_at(path), dict)
            self._save((*path, "party") if has_person else path, party)

    def _change_role(self, role: str) -> None:
        options = (
            Option("party", "Another party"),
            Option("person", "Name the person"),
            Option("name", "Rename it"),
            Option("remove", "Remove it"),
            Option(DONE, "Leave it as it is"),
        )
        match self.conversation.choose_line(options):
            case "party":
                self._ask_party(role)
            case "person":
                self._ask_person(role)
            case "name":
                self._rename_role(role, self._ask_name(f"The new name of {role}:", role))
            case "remove":
                tasks = [task for task, line in self._tasks().items() if isinstance(line, dict) and role in line]
                if self._may_remove(role, tasks):
                    self._rename_role(role, "")

    def _ask_person(self, role: str) -> None:
        self.conversation.say("The person's name:")
        answer = self._roles().get(role)
        proposed = str(answer.get("person", "")) if isinstance(answer, dict) else ""
        person = self.conversation.prompts.ask_text(proposed, ())
        party = _party_of_role(answer)
        self._save((*self.path, ROLES_KEY, role), {"party": party, "person": person} if person else party)

    def _rename_role(self, role: str, name: str) -> None:
        """Rename a role wherever it stands; without a name, take it out everywhere."""
        tasks = [task for task, line in self._tasks().items() if isinstance(line, dict) and role in line]
        paths = [*((*self.path, TASKS_KEY, task, role) for task in tasks), (*self.path, ROLES_KEY, role)]

        def edit(text: str) -> str:
            for path in paths:
                text = editing.rename_entry(text, path, name) if name else editing.drop_answer(text, path)
            return text

        self.conversation.notebook.change(edit)

    def _may_remove(self, name: str, tasks: Sequence[str]) -> bool:
        """Ask whether a role or task goes, say in which `tasks` its letters go, and keep the chart as it is now."""
        conversation = self.conversation
        conversation.say(f"Remove this? {name}")
        if tasks:
            conversation.say(f"Its letters go with it, in: {', '.join(tasks)}.", "  ", "")
        if conversation.choose_line([Option(DONE, "No, keep it"), Option("remove", "Yes, remove it")]) == DONE:
            return False
        conversation.notebook.keep_removed(self.path, conversation.notebook.answer_at(self.path), {})
        return True

    # -- tasks

    def _change_task(self, task: str) -> None:
        path = (*self.path, TASKS_KEY, task)
        names = list(self._tasks())
        options = [
            Option("letters", "Change who does what"),
            Option("name", "Rename it"),
            Option("remove", "Remove it"),
        ]
        options += [Option("up", "Move it up")] if task != names[0] else []
        options += [Option("down", "Move it down")] if task != names[-1] else []
        options.append(Option(DONE, "Leave it as it is"))
        match self.conversation.choose_line(options):
            case "letters":
                self._ask_letters(task)
            case "up":
                self._move_task(task, -1)
            case "down":
                self._move_task(task, 1)
            case "remove":
                if self._may_remove(task, ()):
                    self.conversation.notebook.change(partial(editing.drop_answer, path=path))
            case "name":
                name = self._ask_name("", task)
                if name:
                    self.conversation.notebook.change(partial(editing.rename_entry, path=path, name=name))

    def _move_task(self, task: str, step: int) -> None:
        """Move a task up (-1) or down (1) among the others."""
        tasks = list(self._tasks().items())
        index = [name for name, _ in tasks].index(task)
        tasks.insert(index + step, tasks.pop(index))
        self._save((*self.path, TASKS_KEY), dict(tasks))

    def _ask_letters(self, task: str, title: str = "Who does what") -> None:
        """Ask who does the work, who approves it, who is consulted and who is informed, each below `title`."""
        conversation, prompts = self.conversation, self.conversation.prompts
        line = self._group_at((*self.path, TASKS_KEY, task))
        roles = list(self._roles())
        held = {letter: [r for r in roles if letter in str(line.get(r, "")).split("/")] for letter in "RACI"}
        options = [Option(role, role) for role in roles]

        def tick(letter: str, free: list[Option]) -> list[str]:
            return prompts.ask_choices([replace(option, ticked=option.value in held[letter]) for option in free])

        def approve() -> list[str]:
            return [prompts.ask_choice(options, (held["A"] or held["R"] or roles)[0])]

        def say_and_ask(question: str, choose: Callable[[], list[str]]) -> list[str]:
            while True:
                print_heading(prompts, title)
                conversation.say(f"{task}: {question}")
                try:
                    return choose()
                except UserRequest as request:
                    # Help is no way out of the tasks that are still open.
                    if request.kind != "help":
                        raise
                    conversation.say(_HELP)

        held["R"] = say_and_ask("who does the work?", partial(tick, "R", options))
        held["A"] = say_and_ask("who approves the outcome? Exactly one.", approve)
        for letter, question, taken in (("C", "who is asked before?", "RA"), ("I", "who is told afterwards?", "RAC")):
            free = [option for option in options if not any(option.value in held[other] for other in taken)]
            held[letter] = say_and_ask(question, partial(tick, letter, free)) if free else []
        letters = {role: "/".join(letter for letter in "ARCI" if role in held[letter]) for role in roles}
        others = {key: value for key, value in line.items() if key not in roles}
        self._save((*self.path, TASKS_KEY, task), {role: text for role, text in letters.items() if text} | others)


def ask_for_chart(conversation: Conversation, path: FactPath) -> None:
    """Propose a chart for a deal that has none, and ask what it leaves open."""
    fact = conversation.status.find_fact(path)
    if fact is not None:
        ChartScreen(conversation, path, fact.question).propose()


def _lacks_owner(task: object) -> bool:
    letters = [str(said) for role, said in task.items() if role not in _OTHER_KEYS] if isinstance(task, Mapping) else []
    return OPEN in "".join(letters) or not any("A" in said for said in letters)


def _party_of_role(role: object) -> str:
    return str(role.get("party", "")) if isinstance(role, Mapping) else str(role or "")


def _letters_in_words(task: object) -> str:
    if not isinstance(task, Mapping):
        return str(task or "")
    return ", ".join(f"{role} {letters}" for role, letters in task.items() if role not in _OTHER_KEYS)
