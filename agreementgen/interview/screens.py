"""One prompt: the question in plain words, help, the answer read by the deal file's own reader, and read back.

Screens for groups of answers: what is in them, and any of it changed.

Screens for lists: of texts, of choices, of groups; with suggestions from the library.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agreementgen.core.characters import collapse_spaces
from agreementgen.core.problems import InputError, Problem
from agreementgen.core.values import Unreadable
from agreementgen.deal.forms import write_node_inline
from agreementgen.deal.question_types import ChoiceType, YesNoType, read_answer
from agreementgen.deal.questions import Question, Structure
from agreementgen.deal.reader import FactPath, FactStatus, node_as_data
from agreementgen.interview.notebook import Notebook, each_pending_question, label_of, section_of, value_in_words
from agreementgen.interview.prompts import (
    SIGNS_LEGEND,
    Option,
    Prompts,
    UserRequest,
    print_heading,
    print_wrapped,
    shorten,
)

# Typed instead of an answer: takes it away again.
NO_ANSWER = "-"


class Asking:
    """Asks single questions and saves their answers."""

    def __init__(self, prompts: Prompts, notebook: Notebook) -> None:
        self.prompts = prompts
        self.notebook = notebook

    # -- screens

    def head(self, path: FactPath) -> None:
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
        print_heading(self.prompts, where)

    def role(self, number: int) -> str:
        """Return what a party is to the others ("vendor"), where the kind of agreement has roles."""
        parties = self.notebook.standing.fact_values.get("parties") or ()
        usual = tuple(self.notebook.outline.roles)
        said = parties[number - 1].get("role") if number <= len(parties) else None
        return str(said or (usual[number - 1] if number <= len(usual) else ""))

    def question(self, path: FactPath, question: Question, fact: FactStatus | None) -> None:
        prompt = question.prompt or question.key
        around = self.notebook.standing.find_fact(path[:-1])
        if (
            around is not None
            and around.question.structure is Structure.PER_PARTY
            and len(around.path) == len(path) - 1
        ):
            # What one party says is asked in the words of the question to all of them.
            prompt = f"{around.question.prompt} {path[-1]}:"
        whole = self.whole(path)
        if whole:
            print_wrapped(self.prompts, whole)
        print_wrapped(self.prompts, prompt if prompt.endswith(("?", ".", ":")) else f"{prompt}:")
        if question.example and not question.type.is_chosen:
            print_wrapped(self.prompts, f"Example: {question.example}")
        if fact and fact.state == "usual" and not question.type.is_chosen:
            print_wrapped(self.prompts, f"Usual: {value_in_words(fact.value, self.language)}. Enter keeps it.")
        if fact and fact.problem and fact.state == "wrong":
            self.complain(fact.problem)
        print_wrapped(self.prompts, f"({SIGNS_LEGEND})")

    def whole(self, path: FactPath) -> str:
        """Return the question that a group asks as a whole, or a list before the first part of an entry."""
        standing = self.notebook.standing
        group = standing.find_fact(path[:-1])
        if group is not None and group.question.is_group and len(path) > 2:
            return group.question.prompt
        entries = standing.find_fact(path[:-2]) if path[-2:-1] and path[-2].isdigit() else None
        if entries is not None and entries.question.parts and entries.question.parts[0].key == path[-1]:
            return entries.question.prompt
        return ""

    @property
    def language(self) -> str:
        return str(self.notebook.standing.fact_values.get("language") or "en-US")

    def complain(self, problem: Problem) -> None:
        print_wrapped(self.prompts, f"! {problem.message}", "  ", "")
        if problem.hint:
            print_wrapped(self.prompts, f"  {problem.hint}", "  ", "")

    def help(self, path: FactPath, question: Question) -> None:
        """Say why a question matters, what is usual, what it takes, and what goes wrong."""
        print_heading(self.prompts, "Help")
        around = self.notebook.standing.find_fact(path[:-1])
        if around is not None and around.question.structure is Structure.PER_PARTY and around.question.help:
            print_wrapped(self.prompts, around.question.help)
        print_wrapped(self.prompts, question.help or question.prompt)
        default = self.notebook.form.defaults.get(".".join(p for p in path if not p.isdigit()), question.default)
        if default is not None:
            print_wrapped(self.prompts, f"Usual: {write_node_inline(default)}.")
        limits = question.limits
        if limits.least and limits.most:
            print_wrapped(self.prompts, f"From {limits.least} to {limits.most}.")
        if limits.words:
            print_wrapped(self.prompts, f"Up to {limits.words} words.")
        if question.example:
            print_wrapped(self.prompts, f"Example: {question.example}")
        for word, says in (question.choices or {}).items():
            if says != word:
                print_wrapped(self.prompts, f"{word}: {says}", "    ", "  ")
        section = section_of(self.notebook.sections, path)
        clauses = self.notebook.library.clauses.get(section.id, ())
        clause = next((clause for clause in clauses if clause.position == "balanced"), None)
        if clause and clause.guidance.why:
            print_wrapped(self.prompts, f"Why it is in the agreement: {clause.guidance.why}")
        if clause and clause.guidance.traps:
            print_wrapped(self.prompts, f"What goes wrong: {clause.guidance.traps}")
        if not (clause and clause.guidance.why):
            print_wrapped(self.prompts, f"It belongs to {section.title.lower()}: {section.description.lower()}.")
        print_wrapped(self.prompts, f'"{NO_ANSWER}" takes an answer away that may be left out.')

    def show_notes(self) -> None:
        for note in self.notebook.notes:
            print_wrapped(self.prompts, note, "  ", "")
        self.notebook.notes.clear()

    # -- one answer

    def edit(self, path: FactPath, question: Question) -> bool:
        """Ask for the answer at `path`; return whether there is one now. Subclasses open whole screens."""
        return self.scalar(path, question)

    def scalar(self, path: FactPath, question: Question) -> bool:
        """Ask until the answer can be saved; return whether there is one.

        Raise Wish where somebody wants to go somewhere else.
        """
        fact = self.notebook.standing.find_fact(path)
        self.head(path)
        self.question(path, question, fact)
        given = self.notebook.answer_at(path)
        said = given if isinstance(given, str) else ""
        while True:
            try:
                text = self.read(question, said, fact)
            except UserRequest as wish:
                if wish.kind != "help":
                    raise
                self.help(path, question)
                print_wrapped(self.prompts, "")
                self.question(path, question, fact)
                continue
            if text == NO_ANSWER or not collapse_spaces(text):
                if self.may_be_left_out(question, fact):
                    if given is not None:
                        self.notebook.drop_answer(path)
                        self.show_notes()
                    return False
                print_wrapped(self.prompts, '! This needs an answer. Type ">" to leave it open for now.', "  ", "")
                continue
            problem = self.save(path, question, text, given)
            if problem is None:
                return True
            self.complain(problem)
            said = text if text.isprintable() else ""

    def may_be_left_out(self, question: Question, fact: FactStatus | None) -> bool:
        if fact is not None and fact.state in ("usual", "open"):
            return True
        return not question.needed or question.default is not None

    def read(self, question: Question, said: str, fact: FactStatus | None) -> str:
        """Return an answer as text, by a line or by a choice."""
        if not question.type.is_chosen:
            return self.prompts.ask_text(said, question.type.completions(question))
        options = self.options(question)
        usual = self.usual_word(question, fact)
        if self.may_be_left_out(question, fact) and not usual:
            options.append(Option(NO_ANSWER, "nothing: leave it out"))
        marked = [Option(o.value, f"{o.label} (usual)") if o.value == usual else o for o in options]
        default = next((o.value for o in options if o.value.lower() == said.lower()), "") or usual
        if not default and self.may_be_left_out(question, fact):
            default = NO_ANSWER
        return self.prompts.ask_choice(marked, default)

    def usual_word(self, question: Question, fact: FactStatus | None) -> str:
        if fact and fact.state == "usual":
            return (
                value_in_words(fact.value, self.language) if isinstance(question.type, YesNoType) else str(fact.value)
            )
        default = question.default
        return write_node_inline(default) if default is not None else ""

    def options(self, question: Question) -> list[Option]:
        known = self.notebook.standing.context
        return [Option(word, label) for word, label in question.type.list_options(question, known)]

    def save(self, path: FactPath, question: Question, text: str, given: Any) -> Problem | None:
        """Save `text`, and read it back where it was understood in other words; or return what is wrong."""
        try:
            value = read_answer(question, text, self.notebook.standing.context)
        except Unreadable as error:
            return Problem(error.message, error.hint)
        text = collapse_spaces(text)
        if text == given:
            return None
        try:
            problem = self.notebook.save_answer(path, text)
        except InputError as error:
            # Somebody broke the file with an editor meanwhile, or the disk is full: both can be mended.
            problem = error.problems[0]
        if problem is not None:
            return problem
        said = value_in_words(value, self.language)
        if said and said != text and not question.type.is_chosen:
            print_wrapped(self.prompts, f"  = {said}", "    ", "")
        self.show_notes()
        return None

    def name(self, fact: FactStatus) -> str:
        return label_of(fact, self.notebook.standing)


DONE = "done"


class Groups(Asking):
    """Asks for groups; every change is saved at once."""

    def edit(self, path: FactPath, question: Question) -> bool:
        return self.group(path, question) if question.is_group else super().edit(path, question)

    def group(self, path: FactPath, question: Question) -> bool:
        """Ask whether there is one, where that can be said, and open its parts."""
        fact = self.notebook.standing.find_fact(path)
        if fact is not None and question.words is not None:
            self.head(path)
            self.question(path, question, None)
            off = fact.value is not None and value_in_words(fact.value, self.language) == "no"
            options = [Option(word, word) for word in ("yes", "no")]
            while True:
                try:
                    chosen = self.prompts.ask_choice(options, "no" if off or fact.state == "open" else "yes")
                    break
                except UserRequest as wish:
                    if wish.kind != "help":
                        raise
                    self.help(path, question)
            if chosen == "no":
                self.save_word(path, fact, "no")
                return True
            if off or fact.state == "open":
                self.save_word(path, fact, "yes")
            self.needed(path)
        self.parts(path, question)
        return True

    def save_word(self, path: FactPath, fact: FactStatus, word: str) -> None:
        if value_in_words(fact.value, self.language) != word or fact.state == "open":
            self.notebook.switch_group(path, word)
        self.show_notes()

    def needed(self, path: FactPath) -> None:
        """Ask for what must be answered inside `path`."""
        while True:
            found = next(
                (
                    t
                    for t in each_pending_question(self.notebook.standing, self.notebook.sections)
                    if t.path[: len(path)] == path
                ),
                None,
            )
            if found is None:
                return
            self.edit(found.path, found.question)

    def parts(self, path: FactPath, question: Question) -> None:
        """Show the answers of a group and change any of them."""
        while True:
            facts = self.direct(path)
            if not facts:
                return
            print_heading(self.prompts, question.prompt.rstrip("?:") or question.key)
            chosen = self.pick_fact(facts)
            if chosen is None:
                return
            self.opened(chosen)

    def direct(self, path: FactPath) -> tuple[FactStatus, ...]:
        found = self.notebook.standing.facts_below(path)
        return tuple(fact for fact in found if fact.state not in ("waiting", "idle"))

    def opened(self, fact: FactStatus) -> None:
        """Change one answer; somebody who goes back leaves it as it is."""
        try:
            self.edit(fact.path, fact.question)
        except UserRequest as wish:
            if wish.kind == "menu":
                raise

    def pick_fact(self, facts: tuple[FactStatus, ...], more: tuple[Option, ...] = ()) -> FactStatus | None:
        """Return the answer somebody wants to change, or None."""
        options = [Option(DONE, "Done"), *more, *(Option(f.field, self.line_of(f)) for f in facts)]
        chosen = self.pick(options)
        return next((fact for fact in facts if fact.field == chosen), None)

    def pick(self, options: list[Option]) -> str:
        """Return what was chosen; "back" and "later" mean that one is done."""
        while True:
            try:
                return self.prompts.ask_choice(options, options[0].value)
            except UserRequest as wish:
                if wish.kind in ("back", "forward"):
                    return DONE
                if wish.kind == "menu":
                    raise
                print_wrapped(self.prompts, "Choose the line you want to change, or the first one to go on.")

    def line_of(self, fact: FactStatus) -> str:
        said = value_in_words(fact.value, self.language) if fact.state != "wrong" else str(node_as_data(fact.node))
        match fact.state:
            case "missing":
                said = "(missing)"
            case "wrong":
                said += " (!)"
            case "open":
                said = said if fact.question.is_group and not fact.question.words else "(nothing)"
            case "usual":
                said += " (usual)"
        if fact.question.is_group and fact.question.words is None:
            parts = self.notebook.standing.facts_below(fact.path)
            typed = [value_in_words(part.value, self.language) for part in parts if part.state == "answered"]
            rest = "(usual)" if any(part.state == "usual" for part in parts) else "(nothing)"
            said = ", ".join(filter(None, typed)) or (said if fact.state == "missing" else rest)
        return f"{fact.question.key}: {shorten(said, 200)}"


_ADD, _PICK, _OWN = "add", "pick", "own"


class Lists(Groups):
    """Adds, changes, moves and removes entries of lists."""

    def edit(self, path: FactPath, question: Question) -> bool:
        match question.structure:
            case Structure.LIST:
                return self.texts(path, question)
            case Structure.GROUPS:
                return self.entries(path, question)
        return super().edit(path, question)

    def texts(self, path: FactPath, question: Question) -> bool:
        item = question.parts[0]
        items = self.items(path)
        if isinstance(item.type, ChoiceType):
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
            print_wrapped(self.prompts, question.prompt)
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
            except UserRequest as wish:
                if wish.kind == "menu":
                    raise
            if not self.items(path):
                return False

    def items(self, path: FactPath) -> list[Any]:
        said = self.notebook.answer_at(path)
        if said in (None, NO_ANSWER):
            fact = self.notebook.standing.find_fact(path)
            return (
                [value_in_words(item, self.language) for item in fact.value] if fact and fact.state == "usual" else []
            )
        return said if isinstance(said, list) else [said]

    def typed(self, path: FactPath) -> None:
        """Write down a list that is the usual one, or one text, so that its entries can be changed."""
        if not isinstance(self.notebook.answer_at(path), list) and self.items(path):
            self.notebook.save_answer(path, self.items(path))

    def add_texts(self, path: FactPath, item: Question) -> None:
        """Add entries until an empty line."""
        self.typed(path)
        print_wrapped(self.prompts, "One entry a line; an empty line ends the list.")
        while True:
            try:
                text = self.prompts.ask_text("", item.type.completions(item))
            except UserRequest as wish:
                if wish.kind != "help":
                    raise
                self.help(path, item)
                continue
            if not text.strip():
                return
            problem = self.entry(path, len(self.items(path)) + 1, item, text)
            if problem:
                self.complain(problem)

    def entry(self, path: FactPath, number: int, item: Question, text: str) -> Problem | None:
        try:
            read_answer(item, text, self.notebook.standing.context)
        except Unreadable as error:
            return Problem(error.message, error.hint)
        problem = self.notebook.save_answer((*path, str(number)), " ".join(text.split()))
        self.show_notes()
        return problem

    def change_entry(self, path: FactPath, number: int, count: int, item: Question | None) -> None:
        """Change, move or remove one entry of a list; `item` is None for an entry that is a group."""
        what = [Option("change", "Change it")]
        what += [Option("up", "Move it up")] if number > 1 else []
        what += [Option("down", "Move it down")] if number < count else []
        chosen = self.pick([*what, Option("remove", "Remove it"), Option(DONE, "Leave it as it is")])
        self.typed(path)
        match chosen:
            case "up" | "down":
                self.notebook.move_entry(path, number, number + (1 if chosen == "down" else -1))
            case "remove":
                self.notebook.drop_entry((*path, str(number)))
            case "change" if item is not None:
                old = str(self.notebook.answer_at((*path, str(number))))
                while problem := self.entry(
                    path, number, item, self.prompts.ask_text(old, item.type.completions(item)) or old
                ):
                    self.complain(problem)
            case "change":
                around = self.notebook.standing.find_fact(path)
                if around:
                    self.parts((*path, str(number)), replace(around.question, prompt=self.entry_name(path, number)))
        self.show_notes()

    def entry_name(self, path: FactPath, number: int) -> str:
        said = self.notebook.answer_at((*path, str(number)))
        first = next((value for value in said.values() if isinstance(value, str)), "") if isinstance(said, dict) else ""
        return first or f"Number {number}"

    def ticked(self, path: FactPath, question: Question, item: Question) -> bool:
        """Ask for any of the choices there are."""
        self.head(path)
        self.question(path, question, None)
        given = self.items(path)
        options = [replace(option, ticked=option.value in given) for option in self.options(item)]
        chosen = self.tick(path, question, options)
        if chosen:
            self.notebook.save_answer(path, chosen)
        else:
            self.notebook.drop_answer(path)
        self.show_notes()
        return bool(chosen)

    def tick(self, path: FactPath, question: Question, options: list[Option]) -> list[str]:
        while True:
            try:
                return self.prompts.ask_choices(options)
            except UserRequest as wish:
                if wish.kind != "help":
                    raise
                self.help(path, question)

    # -- suggestions

    def suggestions(self, path: FactPath) -> list[Any]:
        """Return what the library suggests for the list at `path`; names of parties and numbers do not matter."""
        shorts = self.notebook.standing.context.parties
        name = ".".join(part for part in path if not part.isdigit() and part not in shorts)
        return [node_as_data(node) for node in self.notebook.outline.suggestions.get(name, ())]

    def left(self, path: FactPath) -> list[Any]:
        items = self.items(path)
        return [said for said in self.suggestions(path) if said not in items]

    def suggested(self, path: FactPath, question: Question) -> None:
        """Offer the suggestions as a checklist; the last line adds one's own."""
        left = self.left(path)
        print_wrapped(self.prompts, "Tick what suits; you can change the words of each afterwards.")
        options = [Option(str(index), answer_in_one_line(said)) for index, said in enumerate(left)]
        chosen = self.tick(path, question, [*options, Option(_OWN, "Something else, in my own words")])
        picked = [left[int(value)] for value in chosen if value != _OWN]
        if picked:
            self.typed(path)
            problem = self.notebook.save_answer(path, [*self.items(path), *picked] if self.items(path) else picked)
            if problem:
                self.complain(problem)
        if _OWN in chosen or (not chosen and not self.items(path) and question.needed):
            if question.structure is Structure.LIST:
                self.add_texts(path, question.parts[0])
            else:
                self.add_group(path, question)
        self.show_notes()

    def entries(self, path: FactPath, question: Question) -> bool:
        asked = False
        while True:
            self.head(path)
            items = self.notebook.answer_at(path) or []
            if not items and asked:
                return False
            if not items and self.suggestions(path):
                asked = True
                self.question(path, question, None)
                self.suggested(path, question)
                continue
            print_wrapped(self.prompts, question.prompt)
            more = [Option(_PICK, "Choose from suggestions")] if self.left(path) else []
            lines = [Option(f"#{n}", answer_in_one_line(said)) for n, said in enumerate(items, 1)]
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
            except UserRequest as wish:
                if wish.kind == "menu":
                    raise

    def add_group(self, path: FactPath, question: Question) -> None:
        """Add an entry: what must be answered first, then the rest by choice."""
        number = len(self.notebook.answer_at(path) or []) + 1
        here = (*path, str(number))
        first = next((part for part in question.parts if part.needed == "yes" and not part.when), question.parts[0])
        self.edit((*here, first.key), first)
        if self.notebook.answer_at(here) is None:
            return
        self.needed(here)
        self.parts(here, replace(question, prompt=self.entry_name(path, number)))


def answer_in_one_line(said: Any) -> str:
    """Return an answer as it was typed, in one line."""
    if isinstance(said, dict):
        return ", ".join(answer_in_one_line(value) for value in said.values() if value)
    if isinstance(said, list):
        return "; ".join(answer_in_one_line(value) for value in said)
    return str(said or "")
