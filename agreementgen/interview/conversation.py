"""A conversation: prompts, the notebook that they fill, and how a single question is shown, explained and answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import TypeVar

from agreementgen.core.places import name_of_region
from agreementgen.core.problems import InputError, Problem, collapse_spaces
from agreementgen.core.values import Region, Unreadable
from agreementgen.deal.forms import write_node_inline
from agreementgen.deal.question_types import CompanyHomeType, DateType, YesNoType, read_answer
from agreementgen.deal.questions import AnswerContext, Question, Structure
from agreementgen.deal.reader import DealStatus, FactPath, FactStatus, node_as_data
from agreementgen.deal.signatories import PERSONS
from agreementgen.dealcheck.no_answers import is_open_answer, sounds_like_business
from agreementgen.interview.answer_words import label_of, value_in_words
from agreementgen.interview.doubts import Doubt, find_doubt, find_kind_in_name, find_wish
from agreementgen.interview.example_sentences import find_example_sentence
from agreementgen.interview.notebook import Notebook, Section, section_of
from agreementgen.interview.pairs import join_answers, split_answers, word_for
from agreementgen.interview.prompts import (
    Option,
    Prompts,
    UserRequest,
    print_heading,
    print_wrapped,
    shorten,
    text_width,
)
from agreementgen.yamlfile import editing

# Typed instead of an answer: takes it away again.
NO_ANSWER = "-"
# The option that leaves a screen.
DONE = "done"
NEEDED = Problem("this needs an answer", 'type ">" to leave it open for now', code="missing")
# What somebody is told who does not know the answer.
_WAY_OUT = "? explains it, > leaves it open for now"
# Refused texts longer than this stand in the prompt again.
_LONG_TEXT = 30
# Of lines that were pasted, so many can be chosen.
_MOST_LINES = 8
# The option that asks for the same text once more.
_AGAIN = "again"
Answer = TypeVar("Answer")


class Conversation:
    """What all screens share. Every method that asks may raise UserRequest where the user wants to go elsewhere."""

    def __init__(self, prompts: Prompts, notebook: Notebook) -> None:
        self.prompts = prompts
        self.notebook = notebook
        # Whether the user writes the month or the day first (0 or 1); asked once, where both are possible.
        self._day_order: int | None = None

    @property
    def status(self) -> DealStatus:
        return self.notebook.status

    def in_words(self, value: object) -> str:
        """Return a fact as people say it in the language of the agreement."""
        return value_in_words(value, str(self.status.fact_values.get("language") or "en-US"))

    def label(self, fact: FactStatus) -> str:
        return label_of(fact, self.status)

    # -- what is shown

    def say(self, text: str, indent: str = "", first: str | None = None) -> None:
        print_wrapped(self.prompts, text, indent, first)

    def show_heading(self, path: FactPath) -> None:
        """Show where one is: the topic, the party or entry of a list, and how many topics are left."""
        heading = section_of(self.notebook.sections, path).title
        shorts, say_it = self.status.parties, self.prompts.messages.translate
        for index, part in enumerate(path):
            if part.isdigit() and path[0] == "parties" and index == 1:
                short = shorts[int(part) - 1] if int(part) <= len(shorts) else ""
                name = short or self._role_of_party(int(part))
                heading += f", {say_it(f'party {part}')}" + (f" ({name})" if name else "")
            elif part.isdigit():
                party = self._party_of_entry(path[: index + 1])
                heading += f", {part}: {party}" if party else f", {say_it(f'number {part}')}"
            elif part in shorts:
                heading += f", {part}"
        left = len(self.notebook.list_open_topics())
        if left:
            said = " " + say_it(f"({left} topics left)" if left > 1 else "(the last topic)")
            # In a narrow window what is asked about matters more.
            heading += said if len(heading) + len(said) <= text_width() - 8 else ""
        print_heading(self.prompts, heading)

    def _party_of_entry(self, path: FactPath) -> str:
        """Return the party that an entry of a list is about, as a heading says it."""
        entry = self.notebook.answer_at(path)
        party = next(iter(entry.values()), "") if isinstance(entry, dict) else ""
        return str(party) if party in self.status.context.parties else ""

    def _role_of_party(self, number: int) -> str:
        """Return what a party is to the others ("vendor"), "" where the kind of agreement has no roles."""
        parties = self.status.fact_values.get("parties") or ()
        usual = tuple(self.notebook.outline.roles)
        role = parties[number - 1].get("role") if number <= len(parties) else None
        return str(role or (usual[number - 1] if number <= len(usual) else ""))

    def roles_in_words(self, order: int = 1) -> str:
        """Return who does what in this kind of agreement, "" without roles; with `order` -1, of swapped parties."""
        roles = self.notebook.outline.roles
        parties = self.status.fact_values.get("parties") or ()
        taken = [party.get("role") for party in parties][::order]
        said = [
            f"{party['short']} {roles[role]}"
            for party, role in zip(parties, taken, strict=True)
            if party.get("short") and role in roles
        ]
        return "; ".join(said) + "." if said and len(said) == len(parties) else ""

    def _prompt_for_role(self, path: FactPath) -> str:
        """Return the question for the party that has a role ("Who sells the goods?"), else ""."""
        if path[0] != "parties" or path[2:] != ("name",):
            return ""
        does = self.notebook.outline.roles.get(self._role_of_party(int(path[1])), "")
        return f"Who {does}?" if does else ""

    def show_question(self, path: FactPath, question: Question, fact: FactStatus | None) -> None:
        """Show what is asked; `fact` is the answer as it stands, None where the usual one is not to be shown."""
        prompt = question.prompt or question.key
        parent = self.status.find_fact(path[:-1])
        if parent is not None and parent.question.structure is Structure.PER_PARTY:
            # What one party says is asked in the words of the question to all of them.
            prompt = f"{parent.question.prompt} {path[-1]}:"
        whole = self._prompt_for_role(path) or self._prompt_of_whole(path)
        if whole:
            self.say(whole)
        self.say(prompt if prompt.endswith(("?", ".", ":")) else f"{prompt}:")
        if reminded := self.status.find_fact(tuple(question.reminder.split("."))):
            self.say(f"The {reminded.question.key}: {self.in_words(reminded.value)}.")
        if question.example and not question.type.is_chosen:
            self.say(f"Example: {question.example}")
        if fact and fact.state == "usual" and not question.type.is_chosen:
            self.say(f"Usual: {self.in_words(fact.value)}.")
        if fact and fact.problem and fact.state == "wrong":
            self.show_problem(fact.problem)

    def _prompt_of_whole(self, path: FactPath) -> str:
        """Return the question that a group asks as a whole, or a list before the first part of an entry; else ""."""
        group = self.status.find_fact(path[:-1])
        if group is not None and group.question.is_group and len(path) > 2:
            return group.question.prompt
        entries = self.status.find_fact(path[:-2]) if path[-2:-1] and path[-2].isdigit() else None
        if entries is not None and entries.question.parts and entries.question.parts[0].key == path[-1]:
            return entries.question.prompt
        return ""

    def show_problem(self, problem: Problem) -> None:
        if not problem.message:
            return
        say_it = self.prompts.messages.translate
        self.say(f"! {say_it(problem.message)}", "  ", "")
        if problem.hint:
            self.say(f"  {say_it(problem.hint)}", "  ", "")

    def show_help(self, path: FactPath, question: Question) -> None:
        """Say why a question is asked, what is usual, what goes wrong, and a sentence that its answer makes."""
        print_heading(self.prompts, "Help")
        parent = self.status.find_fact(path[:-1])
        if parent is not None and parent.question.structure in (Structure.PER_PARTY, Structure.SHARES):
            # One party's part of an answer is explained as the whole.
            path, question = path[:-1], replace(parent.question, example=question.example)
        self.say(f"Why: {question.help}" if question.help else question.prompt)
        self.say(f"Usual: {self._usual_in_words(path, question)}")
        if question.limits.words:
            self.say(f"Up to {question.limits.words} words.")
        if question.goes_wrong:
            self.say(f"What goes wrong: {question.goes_wrong}")
        if sentence := find_example_sentence(self.notebook, path, question):
            self.say(f"In the agreement, for example: {sentence}")
        for word, says in (question.choices or {}).items():
            if says != word:
                self.say(f"{word}: {says}", "    ", "  ")
        if not question.needed:
            self.say(f'"{NO_ANSWER}" takes the answer away.')

    def _usual_in_words(self, path: FactPath, question: Question) -> str:
        """Return what most agreements say, or what an answer looks like where there is no such thing."""
        name = ".".join(part for part in path if not part.isdigit())
        default = self.notebook.form.usual_answer(name, question, self.status.fact_values)
        said = []
        if default is not None:
            said.append(f"{write_node_inline(default)}.")
        said += [question.describe_range()] if question.describe_range() else []
        if default is None and question.example:
            said.append(f"It differs from deal to deal; for example {question.example}.")
        elif default is None and not said:
            said.append("it differs from deal to deal." if question.needed else "nothing is said on it.")
        return " ".join(said)

    def show_reason(self, section: Section) -> None:
        """Say why the agreement says something on a topic, and what goes wrong without."""
        print_heading(self.prompts, f"Why: {section.title}")
        self.say(f"{section.description}.")
        clauses = self.notebook.library.clauses.get(section.id, ())
        clause = next((clause for clause in clauses if clause.position == "balanced"), None)
        if clause and clause.guidance.why:
            self.say(clause.guidance.why)
        if clause and clause.guidance.traps:
            self.say(f"What goes wrong: {clause.guidance.traps}")

    def show_notes(self) -> None:
        """Say what else the last answer has changed."""
        for note in self.notebook.notes:
            self.say(note, "  ", "")
        self.notebook.notes.clear()

    # -- what is asked

    def choose_line(self, options: Sequence[Option]) -> str:
        """Return the value of one option of a screen; "back" and "later" mean DONE."""
        while True:
            try:
                return self.prompts.ask_choice(options, options[0].value)
            except UserRequest as request:
                if request.kind in ("back", "forward"):
                    return DONE
                if request.kind == "menu":
                    raise
                self.say("Choose the line you want to change; < leaves this screen.")

    def ask_with_help(self, path: FactPath, question: Question, ask: Callable[[], Answer]) -> Answer:
        """Return what `ask` returns; show help and ask again where the user wants help."""
        while True:
            try:
                return ask()
            except UserRequest as request:
                if request.kind != "help":
                    raise
                self.show_help(path, question)

    def ask_answer(self, path: FactPath, question: Question, with_companion: bool = False) -> bool:
        """Ask for one answer until it can be saved or is left out; return whether there is one.

        With `with_companion`, ask at the same prompt for the answer beside it that belongs to it.
        """
        fact = self.status.find_fact(path)
        if fact and fact.problem and fact.problem.code == "trade-name-alone" and self._name_owner(path):
            return True
        beside = self._find_companion(path, question) if with_companion else None
        asked = question
        if beside is not None and question.companion is not None:
            asked = replace(question, prompt=question.companion.prompt, example=question.companion.example)
        self.show_heading(path)
        self.show_question(path, asked, fact)
        if beside is not None:
            self._say_choices(beside[1])
        given = self.notebook.answer_at(path)
        proposed = given if isinstance(given, str) else self._person_who_signs(path)
        if beside is not None and proposed:
            other = self.notebook.answer_at(beside[0])
            proposed = join_answers(beside[1], proposed, other) if isinstance(other, str) else proposed
        usual = ""
        if fact and fact.state == "usual" and question.asks_usual:
            # Enter writes the usual answer down: it was seen.
            usual = self._usual_text(path, question, fact.value)
            proposed = proposed or usual
        while True:
            try:
                text = self._ask_text_or_choice(question, proposed, fact)
            except UserRequest as request:
                if request.kind != "help":
                    raise
                self.show_help(path, question)
                if beside is not None:
                    self.say("")
                    self.say(beside[1].prompt)
                    self.say(f"Why: {beside[1].help}" if beside[1].help else "")
                self.say("")
                self.show_question(path, asked, fact)
                if beside is not None:
                    self._say_choices(beside[1])
                continue
            if len(text.splitlines()) > 1:
                text = self._choose_of_lines(question, text)
            if text == NO_ANSWER or not collapse_spaces(text):
                if _may_be_left_out(question, fact):
                    if given is not None:
                        self.notebook.drop_answer(path)
                        self.show_notes()
                    return False
                problem: Problem | None = NEEDED
            elif beside is not None:
                problem = self._save_both(path, question, beside, collapse_spaces(text), given)
            else:
                problem = self._save_text(path, question, text, given)
            if problem is None:
                return True
            self.show_heading(path)
            self.show_question(path, asked, fact)
            if beside is not None:
                self._say_choices(beside[1])
            self.show_problem(problem)
            # A short answer is typed again sooner than it is mended; Enter takes the usual one all the same.
            proposed = text if text.isprintable() and len(text) > _LONG_TEXT else usual

    def _name_owner(self, path: FactPath) -> bool:
        """Ask whether the business at `path` is the trade name of the person who signs; return whether it is now."""
        business, signer = self.notebook.answer_at(path), self.notebook.answer_at((*path[:-1], "signatory", "name"))
        if not isinstance(business, str) or not isinstance(signer, str):
            return False
        owner = signer.partition(",")[0].strip()
        self.show_heading(path)
        self.say(f"{business} has no company behind it, so its owner is the party. Does {owner} own it?")
        options = [
            Option("yes", f"Yes: the party is {owner}, doing business as {business}"),
            Option("no", "No: I type who it is"),
        ]
        while True:
            try:
                chosen = self.prompts.ask_choice(options, "yes")
                break
            except UserRequest as request:
                if request.kind != "help":
                    raise
                self.say("A trade name signs nothing and owes nothing: the person behind it does.")
        if chosen == "no":
            return False
        trade_name = (*path[:-1], "trade name")
        self.notebook.change(
            lambda text: editing.set_answer(editing.set_answer(text, path, owner), trade_name, business)
        )
        self.show_notes()
        return True

    def _choose_of_lines(self, question: Question, text: str) -> str:
        """Return the answer in several lines that were pasted: an address whole, else the one that is meant."""
        lines = [line.strip(" ,") for line in text.splitlines() if line.strip(" ,")]
        if len(lines) < 2 or question.key == "address":
            return ", ".join(lines)
        self.say("! Several lines were pasted, and here belongs one answer.", "  ", "")
        options = [Option(line, line) for line in lines[:_MOST_LINES]]
        options.append(Option(" ".join(lines), "All of them in one line"))
        while True:
            try:
                return self.prompts.ask_choice(options, lines[0])
            except UserRequest as request:
                if request.kind != "help":
                    raise
                self.say("Choose the line that answers the question; the others are asked for later.")

    def _say_choices(self, question: Question) -> None:
        """Say what there is to choose from, where the answer is typed with another."""
        if question.type.is_chosen:
            labels = [
                label.rpartition(": ")[2] for _, label in question.type.list_options(question, self.status.context)
            ]
            self.say(f"To choose from: {', '.join(labels[:-1])} or {labels[-1]}.")

    def _person_who_signs(self, path: FactPath) -> str:
        """Return the name of a party that is a person and signs for themselves, else ""."""
        if path[0] != "parties" or path[2:] != ("signatory", "name"):
            return ""
        party = self.notebook.answer_at(path[:2])
        name = str(party.get("name") or "") if isinstance(party, dict) and party.get("entity") in PERSONS else ""
        return "" if sounds_like_business(name) else name

    def _find_companion(self, path: FactPath, question: Question) -> tuple[FactPath, Question] | None:
        """Return what is asked together with a question, and its path."""
        if question.companion is None:
            return None
        here = (*path[:-1], question.companion.key)
        found = self.notebook.find_question(here)
        return (here, found) if found is not None and not found.fixed else None

    def _save_both(
        self, path: FactPath, question: Question, beside: tuple[FactPath, Question], text: str, given: object
    ) -> Problem | None:
        """Save the answer in `text`, and the one beside it if the line has both; what is wrong with that is said."""
        here, other = beside
        one, second = split_answers(question, other, text, self.context_at(path))
        if not second and other.type.name == "email" and "@" in text:
            try:
                read_answer(other, text.split()[-1], self.context_at(here))
            except Unreadable as error:
                return Problem(error.message, error.hint, code="unreadable")
            return Problem("the address itself is missing", "type it before the e-mail address", code="missing")
        problem = self._save_text(path, question, one, given)
        if problem is None and second:
            word = word_for(other, second, self.context_at(here))
            wrong = self._save_text(here, other, word, self.notebook.answer_at(here))
            if wrong is not None:
                self.show_problem(wrong)
        return problem

    def _ask_text_or_choice(self, question: Question, proposed: str, fact: FactStatus | None) -> str:
        if not question.type.is_chosen:
            return self.prompts.ask_text(proposed, question.type.completions(question))
        options = self.options_of(question)
        usual = self._usual_word(question, fact)
        marked = [Option(o.value, f"{o.label} (usual)") if o.value == usual else o for o in options]
        default = next((o.value for o in options if o.value.lower() == proposed.lower()), "") or usual
        if _may_be_left_out(question, fact) and not usual:
            marked.append(Option(NO_ANSWER, "nothing: leave it out"))
            default = default or NO_ANSWER
        return self.prompts.ask_choice(marked, default)

    def _usual_text(self, path: FactPath, question: Question, value: object) -> str:
        """Return the usual answer as somebody would type it: in words where they are read as the same."""
        words = self.in_words(value)
        if self._can_be_read(path, question, words) and read_answer(question, words, self.context_at(path)) == value:
            return words
        name = ".".join(part for part in path if not part.isdigit())
        default = self.notebook.form.usual_answer(name, question, self.status.fact_values)
        return str(node_as_data(default)) if default is not None else ""

    def options_of(self, question: Question) -> list[Option]:
        return [Option(word, label) for word, label in question.type.list_options(question, self.status.context)]

    def _usual_word(self, question: Question, fact: FactStatus | None) -> str:
        """Return the option that is the usual answer, "" where there is none."""
        if fact and fact.state == "usual":
            is_said = isinstance(question.type, YesNoType) or isinstance(fact.value, dict)
            return self.in_words(fact.value) if is_said else str(fact.value)
        path = ".".join(part for part in fact.path if not part.isdigit()) if fact else question.key
        node = self.notebook.form.usual_answer(path, question, self.status.fact_values)
        return write_node_inline(node) if node is not None else ""

    def context_at(self, path: FactPath) -> AnswerContext:
        """Return what an answer at `path` may refer to; here somebody answers today."""
        address = self.notebook.answer_at((*path[:-1], "address"))
        return replace(self.status.context, today=date.today(), address=address if isinstance(address, str) else "")

    def settle_text(self, path: FactPath, question: Question, text: str) -> str | Problem:
        """Return `text` as it may be saved, or what is wrong with it.

        What it may mean is offered, and what is probably no answer is asked again. A user who wants to type it again
        gets an empty Problem: all is said already.
        """
        text = collapse_spaces(text)
        try:
            read_answer(question, text, self.context_at(path))
        except Unreadable as error:
            readings = self._narrow_readings(path, question, text, error.readings)
            if not readings:
                way_out = find_wish(text) or (_WAY_OUT if is_open_answer(text) else "")
                return Problem(error.message, "; ".join(filter(None, (error.hint, way_out))), code="unreadable")
            return self._offer_readings(path, question, text, readings)
        doubt = self._find_doubt(path, question, text)
        if doubt is None or text == self.notebook.answer_at(path):
            return text
        options = [Option(doubt.reading, f"Write it so: {doubt.reading}")] if doubt.reading else []
        options.append(Option(_AGAIN, "Type it again", takes_text=True))
        options += [] if doubt.stops else [Option(text, f"Keep it: {text}")]
        self.say(f"! {self.prompts.messages.translate(doubt.message)}", "  ", "")
        return self._choose_text(path, question, options, options[0].value)

    def _find_doubt(self, path: FactPath, question: Question, text: str) -> Doubt | None:
        law = self.status.fact_values.get("law")
        law = law if isinstance(law, Region) else None
        addresses = [str(party.get("address") or "") for party in self.status.fact_values.get("parties") or ()]
        return find_doubt(path, question, text, self.notebook.library.layout, law, addresses)

    def _narrow_readings(
        self, path: FactPath, question: Question, text: str, readings: Sequence[str]
    ) -> tuple[str, ...]:
        """Leave out the order of day and month that the user does not write, and what is beyond the limits."""
        if _is_numeric_day(question, text, readings) and self._day_order is not None:
            readings = (readings[self._day_order],)
        return tuple(reading for reading in readings if self._can_be_read(path, question, reading))

    def _can_be_read(self, path: FactPath, question: Question, text: str) -> bool:
        try:
            read_answer(question, text, self.context_at(path))
        except Unreadable:
            return False
        return True

    def _offer_readings(self, path: FactPath, question: Question, text: str, readings: Sequence[str]) -> str | Problem:
        """Ask which of the readings is meant."""
        context = self.context_at(path)
        options = []
        # "dayton" is asked once, not in small letters first and then for its state.
        doubts = [self._find_doubt(path, question, reading) for reading in readings]
        readings = [
            doubt.reading or reading if doubt else reading for doubt, reading in zip(doubts, readings, strict=True)
        ]
        for reading in readings:
            words = self.in_words(read_answer(question, reading, context)) or reading
            words += f" a {question.counts_by}" if question.counts_by else ""
            options.append(Option(reading, f"Yes: {words}" if len(readings) == 1 else words))
        again = "No: type it again" if len(readings) == 1 else "None of these: type it again"
        options.append(Option(_AGAIN, again, takes_text=True))
        self.say(
            f'"{shorten(text, 60)}": do you mean this?' if len(readings) == 1 else f'"{shorten(text, 60)}" may mean:'
        )
        chosen = self._choose_text(path, question, options, readings[0] if len(readings) == 1 else "")
        if isinstance(chosen, str) and chosen in readings and _is_numeric_day(question, text, readings):
            self._day_order = list(readings).index(chosen)
        return chosen

    def _choose_text(
        self, path: FactPath, question: Question, options: Sequence[Option], default: str
    ) -> str | Problem:
        """Return the chosen text; a new one, typed instead of a number, is settled like the first."""
        while True:
            try:
                chosen = self.prompts.ask_choice(options, default)
            except UserRequest as request:
                if request.kind == "back":
                    # One step back from here is the prompt, not the question before it.
                    return Problem("", code="unreadable")
                if request.kind != "help":
                    raise
                self.say("Choose what you mean, or type it again in other words.")
                continue
            if chosen not in [option.value for option in options]:
                return self.settle_text(path, question, chosen)
            return Problem("", code="unreadable") if chosen == _AGAIN else chosen

    def _name_place_alone(self, path: FactPath, question: Question, region: Region) -> str:
        """Return the name of a region where it is read as the same region, else ""."""
        name = name_of_region(region.code)
        return name if self._can_be_read(path, question, name) else ""

    def _take_kind_from_name(self, path: FactPath, name: str) -> None:
        """Save the kind of business that a legal name says, and say so: it need not be asked."""
        kind, here = find_kind_in_name(name), (*path[:-1], "entity")
        if kind and self.notebook.answer_at(here) is None and self.notebook.save_answer(here, kind) is None:
            self.say(f'Its kind, as the name says: {kind}. Change it under "Parties" if it is another.', "    ", "  ")

    def _save_text(self, path: FactPath, question: Question, text: str, given: object) -> Problem | None:
        """Save `text`, and show it in other words where it was understood so; or return what is wrong."""
        settled = self.settle_text(path, question, text)
        if isinstance(settled, Problem):
            return settled
        text = settled
        value = read_answer(question, text, self.context_at(path))
        if isinstance(question.type, CompanyHomeType) and "," in text:
            # Beside the place may stand the name of the company or its town, of which nothing is printed.
            text = self._name_place_alone(path, question, value) or text
        if text == given:
            return None
        try:
            problem = self.notebook.save_answer(path, text)
        except InputError as error:
            # Somebody broke the file with an editor meanwhile, or the disk is full: both can be mended.
            problem = error.problems[0]
        if problem is not None:
            return problem
        words = self.in_words(value)
        if words and words != text and not question.type.is_chosen:
            self.say(f"  = {words}", "    ", "")
        if path[0] == "parties" and path[2:] == ("name",):
            self._take_kind_from_name(path, text)
        self.show_notes()
        return None


def _is_numeric_day(question: Question, text: str, readings: Sequence[str]) -> bool:
    """Return whether a text is a day in figures whose month and day can change places."""
    return isinstance(question.type, DateType) and len(readings) == 2 and text[:1].isdigit()


def _may_be_left_out(question: Question, fact: FactStatus | None) -> bool:
    if fact is not None and fact.state in ("usual", "open", "missing"):
        # What is not needed by itself is missing where another answer needs it: a company's signer has a title.
        return fact.state != "missing"
    return not question.needed or question.default is not None


@contextmanager
def staying_here() -> Iterator[None]:
    """Stay on the screen where the user leaves an answer as it is; only the menu leads away from it."""
    try:
        yield
    except UserRequest as request:
        if request.kind == "menu":
            raise
