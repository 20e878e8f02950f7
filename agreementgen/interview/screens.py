"""The screens for answers of several parts: groups, lists, what each party says, shares. `ask` opens the right one.

Every change is saved at once. All functions may raise UserRequest where the user wants to go elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from agreementgen.core.problems import Place, Problem
from agreementgen.core.values import Unreadable
from agreementgen.deal.answers import SWITCHED_OFF
from agreementgen.deal.question_types import ChoiceType, DateType, read_answer
from agreementgen.deal.questions import Question, Structure
from agreementgen.deal.reader import FactPath, FactStatus, node_as_data
from agreementgen.interview.chart_screens import ChartScreen
from agreementgen.interview.conversation import DONE, NO_ANSWER, Conversation, staying_here
from agreementgen.interview.notebook import gives_for_parties
from agreementgen.interview.prompts import Option, UserRequest, print_heading, shorten
from agreementgen.interview.shares import ask_for_shares
from agreementgen.yamlfile import editing

# The choice of a party that gives nothing.
_NOTHING = "nothing"


def ask(conversation: Conversation, path: FactPath, question: Question, with_companion: bool = False) -> bool:
    """Ask for the answer at `path`, or open its screen; return whether there is an answer now.

    With `with_companion`, ask at the same prompt for the answer that belongs to it.
    """
    match question.structure:
        case Structure.GROUP:
            _ask_group(conversation, path, question)
            return True
        case Structure.LIST | Structure.GROUPS:
            return ListScreen(conversation, path, question).open()
        case Structure.PER_PARTY:
            return _open_parties(conversation, path, question)
        case Structure.SHARES:
            return ask_for_shares(conversation, path, question)
        case Structure.MATRIX:
            return ChartScreen(conversation, path, question).open()
    if with_companion and _begins_what_parties_give(conversation, path):
        return True
    return conversation.ask_answer(path, question, with_companion)


# -- groups


def _ask_group(conversation: Conversation, path: FactPath, question: Question) -> None:
    """Ask whether there is such a group, where that can be said, and open its parts."""
    fact = conversation.status.find_fact(path)
    if fact is not None and question.asks_usual and _is_as_usual(conversation, path, fact):
        _ask_usual_group(conversation, path, question, fact)
        return
    if fact is not None and question.words is not None:
        conversation.show_heading(path)
        conversation.show_question(path, question, None)
        is_off = fact.state == "open" or fact.value is SWITCHED_OFF
        options = [Option("yes", "yes"), Option("no", "no")]
        default = "no" if is_off else "yes"
        word = conversation.ask_with_help(path, question, lambda: conversation.prompts.ask_choice(options, default))
        if word != default or fact.state == "open":
            conversation.notebook.switch_group(path, word)
        conversation.show_notes()
        if word == "no":
            return
        _ask_pending(conversation, path)
    edit_parts(conversation, path, question)


def _is_as_usual(conversation: Conversation, path: FactPath, fact: FactStatus) -> bool:
    """Return whether a group is as usual or switched on or off, and none of its parts was answered otherwise."""
    return fact.state == "usual" or conversation.notebook.answer_at(path) in ("yes", "no")


def _ask_usual_group(conversation: Conversation, path: FactPath, question: Question, fact: FactStatus) -> None:
    """Ask whether there is such a group as usual, none, or another one, and write down what is chosen."""
    conversation.show_heading(path)
    conversation.show_question(path, question, None)
    now = "no" if fact.value is SWITCHED_OFF else "yes"
    usual = now if fact.state == "usual" else ""
    options = [
        Option("yes", f"Yes: {_describe_usual_parts(conversation, path, question)}"),
        Option("no", "No"),
        Option("other", "Yes, but otherwise: I change what I want"),
    ]
    marked = [Option(o.value, f"{o.label} (usual)") if o.value == usual else o for o in options]
    word = conversation.ask_with_help(path, question, lambda: conversation.prompts.ask_choice(marked, now))
    conversation.notebook.switch_group(path, "no" if word == "no" else "yes")
    conversation.show_notes()
    if word != "no":
        _ask_pending(conversation, path)
    if word == "other":
        edit_parts(conversation, path, question)


def _describe_usual_parts(conversation: Conversation, path: FactPath, question: Question) -> str:
    """Return the usual answers to the parts of a group, each with its name."""
    defaults = conversation.notebook.form.defaults
    said = []
    for part in question.parts:
        default = defaults.get(".".join((*path, part.key)), part.default)
        if default is not None:
            word = str(node_as_data(default))
            said.append(f"{part.key}: {(part.choices or {}).get(word, word)}")
    return "; ".join(said)


def _ask_pending(conversation: Conversation, path: FactPath) -> None:
    """Ask for all that must be answered inside `path`."""
    while True:
        questions = conversation.notebook.each_pending_question()
        pending = next((pending for pending in questions if pending.path[: len(path)] == path), None)
        if pending is None:
            return
        ask(conversation, pending.path, pending.question, True)


def ask_for_another(conversation: Conversation, path: FactPath, question: Question) -> bool:
    """Ask whether the list of groups at `path` has one more entry, and for the first part of it.

    Who goes back from that part is asked again whether there is one.
    """
    count = len(conversation.notebook.answer_at(path) or ())
    there = _count_entries(conversation, path)
    is_party = path == ("parties",)
    options = [
        Option("no", "No, that is all" if count == 1 else f"No, these {count} are all"),
        Option("yes", "Yes, add one"),
    ]
    while True:
        conversation.show_heading(path)
        conversation.say(
            f"Is there another party? So far: {there}." if is_party else f"Is there another one? So far: {there}."
        )
        try:
            if conversation.prompts.ask_choice(options, "no") == "no":
                return False
        except UserRequest as request:
            if request.kind != "help":
                raise
            conversation.show_help(path, question)
            continue
        try:
            _ask_first_part(conversation, (*path, str(count + 1)), question)
            return True
        except UserRequest as request:
            if request.kind == "menu":
                raise


def _begins_what_parties_give(conversation: Conversation, path: FactPath) -> bool:
    """Ask what a party gives, where `path` is that of the party in a list in which each gives something.

    An entry that is there is asked for again: the user has gone back to it.
    """
    notebook = conversation.notebook
    entries = conversation.status.find_fact(path[:-2]) if path[-2:-1] and path[-2].isdigit() else None
    if entries is None or not gives_for_parties(entries.question) or path[-1] != entries.question.parts[0].key:
        return False
    given = notebook.answer_at(path[:-1])
    if isinstance(given, dict) and given.get(path[-1]) in conversation.status.context.parties:
        _ask_what_party_gives(conversation, path[:-1], entries.question, given)
        return True
    short = notebook.find_party_without_entry(entries.path, entries.question)
    short = short or ("" if given else notebook.find_last_with_nothing(entries.path))
    if short:
        _ask_what_party_gives(conversation, path[:-1], entries.question, {path[-1]: short})
    return bool(short)


def _ask_what_party_gives(
    conversation: Conversation, path: FactPath, question: Question, given: Mapping[str, Any]
) -> None:
    """Ask for the kind of thing that the party in the entry at `path` gives; or take down that it gives nothing."""
    party, kind = question.parts[:2]
    notebook, short, before = conversation.notebook, str(given[party.key]), str(given.get(kind.key) or "")
    conversation.show_heading((*path[:-1], short))
    conversation.say(f"{question.prompt} {short}:")
    options = [*conversation.options_of(kind), Option(_NOTHING, f"Nothing: {short} gives none")]
    chosen = conversation.ask_with_help(path, question, lambda: conversation.prompts.ask_choice(options, before))
    if chosen == _NOTHING:
        notebook.note_nothing(path[:-1], short)
        if before:
            notebook.remove_entry(path)
    elif before:
        notebook.save_answer((*path, kind.key), chosen)
    else:
        # The rest of it is asked next: that it is missing is no mistake yet.
        entry = {party.key: short, kind.key: chosen}
        notebook.change(partial(editing.set_answer, path=path, value=entry))
    conversation.show_notes()


def _count_entries(conversation: Conversation, path: FactPath) -> str:
    """Return the names of a list's entries, by the first text of each."""
    if path == ("parties",):
        return ", ".join(short for short in conversation.status.parties if short)
    groups = conversation.notebook.answer_at(path) or []
    firsts = [answer_in_one_line(group).split(", ")[0] for group in groups]
    return shorten(", ".join(firsts), 200)


def _ask_first_part(conversation: Conversation, path: FactPath, question: Question) -> None:
    """Ask for the first part of a group that must be answered."""
    first = next((part for part in question.parts if part.needed == "yes" and not part.when), question.parts[0])
    ask(conversation, (*path, first.key), first, True)


def edit_parts(conversation: Conversation, path: FactPath, question: Question) -> None:
    """Show the answers of the group at `path`, and change any of them."""
    while True:
        below = conversation.status.facts_below(path)
        facts = tuple(fact for fact in below if fact.state not in ("waiting", "idle"))
        if not facts:
            return
        print_heading(conversation.prompts, question.prompt.rstrip("?:") or question.key)
        chosen = choose_fact(conversation, facts)
        if chosen is None:
            return
        edit_fact(conversation, chosen)


def edit_fact(conversation: Conversation, fact: FactStatus) -> None:
    """Change one answer; a user who goes back leaves it as it is."""
    with staying_here():
        ask(conversation, fact.path, fact.question)


def choose_fact(conversation: Conversation, facts: Sequence[FactStatus]) -> FactStatus | None:
    """Return the answer that the user wants to change, or None."""
    options = [Option(DONE, "Done"), *(Option(fact.field, _describe_fact(conversation, fact)) for fact in facts)]
    chosen = conversation.choose_line(options)
    return next((fact for fact in facts if fact.field == chosen), None)


def _describe_fact(conversation: Conversation, fact: FactStatus) -> str:
    is_plain_group = fact.question.is_group and not fact.question.words
    text = conversation.in_words(fact.value) if fact.state != "wrong" else str(node_as_data(fact.node))
    match fact.state:
        case "missing":
            text = "(missing)"
        case "wrong":
            text += " (!)"
        case "open" if not is_plain_group:
            text = "(nothing)"
        case "usual":
            text += " (usual)"
    if fact.question.is_group and fact.question.words is None:
        parts = conversation.status.facts_below(fact.path)
        typed = [conversation.in_words(part.value) for part in parts if part.state == "answered"]
        rest = "(usual)" if any(part.state == "usual" for part in parts) else "(nothing)"
        text = ", ".join(filter(None, typed)) or (text if fact.state == "missing" else rest)
    return f"{fact.question.key}: {shorten(text, 200)}"


# -- lists


# The list whose entries are duties: each may have a day, and somebody who does it.
_DUTIES = "responsibilities"
_ADD, _SUGGESTED, _OWN, _BACK, _SWAP = "add", "pick", "own", "bring back", "swap"


@dataclass(frozen=True)
class ListScreen:
    """The screen of a list of texts or of groups: adds, changes, moves and removes its entries."""

    conversation: Conversation
    path: FactPath
    question: Question

    def open(self) -> bool:
        """Show the list until the user is done with it; return whether there is anything in it."""
        if self.question.structure is Structure.GROUPS:
            return self._edit_groups()
        if isinstance(self.question.item.type, ChoiceType):
            return self._tick_choices()
        return self._edit_texts()

    def _edit_texts(self) -> bool:
        self.conversation.show_heading(self.path)
        if not self._entries():
            self.conversation.show_question(self.path, self.question, None)
            if self._suggestions():
                self._offer_suggestions()
                while not self._entries() and self._must_be_answered():
                    self.conversation.show_heading(self.path)
                    self.conversation.say("! Nothing is ticked yet, and this needs an answer.", "  ", "")
                    self._offer_suggestions()
            else:
                self._add()
            return bool(self._entries())
        while self._change_one([str(text) for text in self._entries()]) and self._entries():
            self.conversation.show_heading(self.path)
        return bool(self._entries())

    def _must_be_answered(self) -> bool:
        pending = self.conversation.notebook.each_pending_question()
        return any(question.path[: len(self.path)] == self.path for question in pending)

    def _edit_groups(self) -> bool:
        were_suggested = False
        while True:
            self.conversation.show_heading(self.path)
            groups = self.conversation.notebook.answer_at(self.path) or []
            if not groups and were_suggested:
                return False
            if not groups and self._suggestions():
                were_suggested = True
                self.conversation.show_question(self.path, self.question, None)
                self._offer_suggestions()
            elif not self._change_one([answer_in_one_line(group) for group in groups]):
                return bool(groups)

    def _tick_choices(self) -> bool:
        """Ask for any of the choices there are."""
        conversation, notebook = self.conversation, self.conversation.notebook
        conversation.show_heading(self.path)
        conversation.show_question(self.path, self.question, None)
        given = self._entries()
        options = [replace(o, ticked=o.value in given) for o in conversation.options_of(self.question.item)]
        chosen = self._tick(options)
        if chosen:
            notebook.save_answer(self.path, chosen)
        else:
            notebook.drop_answer(self.path)
        conversation.show_notes()
        return bool(chosen)

    def _tick(self, options: Sequence[Option]) -> list[str]:
        conversation = self.conversation
        return conversation.ask_with_help(self.path, self.question, lambda: conversation.prompts.ask_choices(options))

    def _entries(self) -> list[Any]:
        """Return the entries as they were typed, or else the usual ones in words."""
        answer = self.conversation.notebook.answer_at(self.path)
        if answer in (None, NO_ANSWER):
            fact = self.conversation.status.find_fact(self.path)
            usual = fact.value if fact and fact.state == "usual" else ()
            return [self.conversation.in_words(entry) for entry in usual]
        return answer if isinstance(answer, list) else [answer]

    def _save_usual_entries(self) -> None:
        """Write down a list that is the usual one, or one text, so that its entries can be changed."""
        notebook = self.conversation.notebook
        if not isinstance(notebook.answer_at(self.path), list) and self._entries():
            notebook.save_answer(self.path, self._entries())

    # -- changing entries

    def _change_one(self, lines: Sequence[str]) -> bool:
        """Offer to change one of the entries or to add one; return False where the user is done."""
        self.conversation.say(self.question.prompt)
        options = [Option(DONE, "Done"), Option(_ADD, "Add one")]
        if self._unused_suggestions():
            options.append(Option(_SUGGESTED, "Choose from suggestions"))
        options += [Option(f"#{number}", line) for number, line in enumerate(lines, 1)]
        swapped = self.conversation.roles_in_words(-1) if self.path == ("parties",) and len(lines) == 2 else ""
        if swapped and not any(party.get("role") for party in self._entries()):
            options.append(Option(_SWAP, f"Swap: {swapped}"))
        removed = self.conversation.notebook.last_removed(self.path)
        if removed is not None:
            options.append(Option(_BACK, f"Bring back: {shorten(answer_in_one_line(removed.entry), 60)}"))
        chosen = self.conversation.choose_line(options)
        if chosen == DONE:
            return False
        if chosen == _SWAP:
            self.conversation.notebook.move_entry(self.path, 1, 2)
            self.conversation.show_notes()
            return True
        if chosen == _BACK and removed is not None:
            problem = self.conversation.notebook.bring_back(removed)
            if problem:
                self.conversation.show_problem(problem)
            self.conversation.show_notes()
            return True
        with staying_here():
            if chosen == _ADD:
                self._add()
            elif chosen == _SUGGESTED:
                self._offer_suggestions()
            else:
                self._change_entry(int(chosen.removeprefix("#")), len(lines))
        return True

    def _change_entry(self, number: int, count: int) -> None:
        """Change, move or remove the entry `number` (from 1) of `count`."""
        conversation, notebook = self.conversation, self.conversation.notebook
        here = (*self.path, str(number))
        options = [Option("change", "Change it")]
        options += [Option("up", "Move it up")] if number > 1 else []
        options += [Option("down", "Move it down")] if number < count else []
        options += [Option("detail", "Say by when, or who does it")] if self.path[0] == _DUTIES else []
        options += [Option("remove", "Remove it"), Option(DONE, "Leave it as it is")]
        chosen = conversation.choose_line(options)
        self._save_usual_entries()
        match chosen:
            case "up" | "down":
                notebook.move_entry(self.path, number, number + (1 if chosen == "down" else -1))
            case "remove":
                self._remove(number)
            case "detail":
                self._ask_details(number)
            case "change" if self.question.structure is Structure.GROUPS:
                edit_parts(conversation, here, replace(self.question, prompt=self._name_of_group(number)))
            case "change":
                old = str(notebook.answer_at(here))
                while problem := self._save_text(number, self._ask_text(old) or old):
                    conversation.show_problem(problem)
        conversation.show_notes()

    def _ask_details(self, number: int) -> None:
        """Ask by when a duty is done, and by whom, and put it into its words."""
        conversation = self.conversation
        duty = str(conversation.notebook.answer_at((*self.path, str(number))))
        conversation.say('By when? A day, or words such as "every Friday"; an empty line says nothing on it.')
        when = _day_in_words(conversation, conversation.prompts.ask_text("", ()))
        conversation.say("Who does it? A name or a role; an empty line says nothing on it.")
        who = conversation.prompts.ask_text("", ())
        words = " ".join(filter(None, (duty.rstrip(" ."), f"through {who}" if who else "", when)))
        if words != duty and (problem := self._save_text(number, words)):
            conversation.show_problem(problem)
        conversation.say(f"It says now: {conversation.notebook.answer_at((*self.path, str(number)))}.")

    def _remove(self, number: int) -> None:
        """Ask whether the entry `number` goes, say what goes with it, and keep it for bringing it back."""
        conversation, notebook = self.conversation, self.conversation.notebook
        here = (*self.path, str(number))
        name = shorten(answer_in_one_line(notebook.answer_at(here)), 60)
        conversation.say(f"Remove this? {name}")
        if self.path == ("parties",):
            others = [path[0] for path in notebook.list_answers_of_party(here)]
            if others:
                conversation.say(f"What it says goes with it: {', '.join(dict.fromkeys(others))}.", "  ", "")
            least = notebook.outline.party_limits[0]
            if len(notebook.answer_at(self.path) or ()) <= least:
                conversation.say(f"The agreement needs {least} parties: another one will be asked for.", "  ", "")
        if conversation.choose_line([Option(DONE, "No, keep it"), Option("remove", "Yes, remove it")]) == "remove":
            notebook.remove_entry(here)
            conversation.say('It is kept aside in the deal file: "Bring back" puts it in again.')

    def _name_of_group(self, number: int) -> str:
        group = self.conversation.notebook.answer_at((*self.path, str(number)))
        texts = (value for value in group.values() if isinstance(value, str)) if isinstance(group, dict) else ()
        return next(iter(texts), "") or f"Number {number}"

    def _add(self) -> None:
        if self.question.structure is Structure.GROUPS:
            self._add_group()
        else:
            self._add_texts()

    def _add_group(self) -> None:
        """Add an entry: what must be answered first, then the rest by choice."""
        notebook = self.conversation.notebook
        number = len(notebook.answer_at(self.path) or []) + 1
        here = (*self.path, str(number))
        _ask_first_part(self.conversation, here, self.question)
        if notebook.answer_at(here) is not None:
            _ask_pending(self.conversation, here)
            edit_parts(self.conversation, here, replace(self.question, prompt=self._name_of_group(number)))

    def _add_texts(self) -> None:
        """Add entries until an empty line."""
        self._save_usual_entries()
        self.conversation.say("One entry a line; an empty line ends the list.")
        item = self.question.item
        while (text := self.conversation.ask_with_help(self.path, item, lambda: self._ask_text(""))).strip():
            # Lines that were pasted are entries of their own.
            for line in filter(str.strip, text.splitlines()):
                if problem := self._save_text(len(self._entries()) + 1, line):
                    self.conversation.show_problem(problem)

    def _ask_text(self, proposed: str) -> str:
        item = self.question.item
        return self.conversation.prompts.ask_text(proposed, item.type.completions(item))

    def _save_text(self, number: int, text: str) -> Problem | None:
        """Save `text` as the entry `number`, or return what is wrong with it."""
        here = (*self.path, str(number))
        settled = self.conversation.settle_text(here, self.question.item, text)
        if isinstance(settled, Problem):
            return settled
        problem = self.conversation.notebook.save_answer(here, settled)
        self.conversation.show_notes()
        return problem

    # -- suggestions

    def _suggestions(self) -> list[Any]:
        """Return what the library suggests for this list; names of parties and numbers do not matter."""
        shorts = self.conversation.status.context.parties
        name = ".".join(part for part in self.path if not part.isdigit() and part not in shorts)
        return [node_as_data(node) for node in self.conversation.notebook.outline.suggestions.get(name, ())]

    def _unused_suggestions(self) -> list[Any]:
        entries = self._entries()
        return [entry for entry in self._suggestions() if entry not in entries]

    def _offer_suggestions(self) -> None:
        """Offer the suggestions as a checklist; its last line adds an entry in the user's own words."""
        conversation = self.conversation
        unused = self._unused_suggestions()
        conversation.say("Tick what suits; you can change the words of each afterwards.")
        options = [Option(str(index), answer_in_one_line(entry)) for index, entry in enumerate(unused)]
        chosen = self._tick([*options, Option(_OWN, "Something else, in my own words")])
        ticked = [unused[int(value)] for value in chosen if value != _OWN]
        if ticked:
            self._save_usual_entries()
            problem = conversation.notebook.save_answer(self.path, [*self._entries(), *ticked])
            if problem:
                conversation.show_problem(problem)
        if _OWN in chosen or (not chosen and not self._entries() and self.question.needed):
            self._add()
        conversation.show_notes()


def _day_in_words(conversation: Conversation, text: str) -> str:
    """Return "by March 1, 2027" of a day that can be read, other words as they are."""
    day = Question("", DateType(), "", Place())
    context = replace(conversation.status.context, today=date.today())
    try:
        found = read_answer(day, text, context)
    except Unreadable as error:
        if len(error.readings) != 1:
            return text
        found = read_answer(day, error.readings[0], context)
    return f"by {conversation.in_words(found)}"


# -- parties


def _open_parties(conversation: Conversation, path: FactPath, question: Question) -> bool:
    """Show what each party says, and change any of it; return whether anybody says anything."""
    while True:
        conversation.show_heading(path)
        conversation.say(question.prompt)
        answers = conversation.notebook.answer_at(path) or {}
        options = [Option(DONE, "Done")]
        for short in conversation.status.context.parties:
            options.append(Option(short, f"{short}: {answer_in_one_line(answers.get(short)) or '(nothing)'}"))
        chosen = conversation.choose_line(options)
        if chosen == DONE:
            return bool(conversation.notebook.answer_at(path))
        with staying_here():
            _edit_party(conversation, (*path, chosen), question.parts[0])


def _edit_party(conversation: Conversation, path: FactPath, question: Question) -> None:
    if not question.is_group:
        ask(conversation, path, question)
        return
    if conversation.notebook.answer_at(path) is None:
        _ask_first_part(conversation, path, question)
        _ask_pending(conversation, path)
    edit_parts(conversation, path, replace(question, prompt=path[-1]))


def answer_in_one_line(answer: object) -> str:
    """Return an answer as it was typed, in one line."""
    if isinstance(answer, dict):
        return ", ".join(answer_in_one_line(value) for value in answer.values() if value)
    if isinstance(answer, list):
        return "; ".join(answer_in_one_line(value) for value in answer)
    return str(answer or "")
