"""Screens that change answers of any shape: groups, lists, lists of groups, answers of each party, shares."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agreementgen.deal.answers import read_answer
from agreementgen.deal.questions import Question
from agreementgen.deal.standing import Fact, Path, plain
from agreementgen.deal.values import Unreadable
from agreementgen.errors import Problem
from agreementgen.interview.asking import NOTHING, Asking
from agreementgen.interview.conversation import share, spoken, tasks
from agreementgen.interview.prompting import KEYS, Option, Wish, cut, rule, say

_DONE, _ADD, _PICK, _OWN = "done", "add", "pick", "own"


class Screens(Asking):
    """Opens the right screen for a question; every change is saved at once."""

    def edit(self, path: Path, question: Question, only: bool = False) -> bool:
        """Ask for the answer at `path`, or open its screen; return whether there is an answer now."""
        match question.type:
            case "group":
                return self.group(path, question)
            case "list of groups":
                return self.entries(path, question)
            case "list":
                return self.texts(path, question)
            case "per party":
                return self.parties(path, question)
            case "shares":
                return self.shares(path, question)
        if path[-2:-1] and self.sharing(path):
            return self.share(path, question)
        return self.scalar(path, question, only)

    def sharing(self, path: Path) -> bool:
        around = self.notebook.standing.at(path[:-1])
        return around is not None and around.question.type == "shares"

    # -- groups

    def group(self, path: Path, question: Question) -> bool:
        """Ask whether there is one, where that can be said, and open its parts."""
        fact = self.notebook.standing.at(path)
        if fact is not None and question.words is not None:
            self.head(path)
            self.question(path, question, None)
            off = fact.value is not None and spoken(fact.value, self.language) == "no"
            options = [Option(word, word) for word in ("yes", "no")]
            while True:
                try:
                    chosen = self.prompts.choose(options, "no" if off or fact.state == "open" else "yes")
                    break
                except Wish as wish:
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

    def save_word(self, path: Path, fact: Fact, word: str) -> None:
        if spoken(fact.value, self.language) != word or fact.state == "open":
            self.notebook.switch(path, word)
        self.show_notes()

    def needed(self, path: Path) -> None:
        """Ask for what must be answered inside `path`."""
        while True:
            found = next(
                (t for t in tasks(self.notebook.standing, self.notebook.sections) if t.path[: len(path)] == path), None
            )
            if found is None:
                return
            self.edit(found.path, found.question)

    def parts(self, path: Path, question: Question) -> None:
        """Show the answers of a group and change any of them."""
        while True:
            facts = self.direct(path)
            if not facts:
                return
            rule(self.prompts, question.prompt.rstrip("?:") or question.key)
            chosen = self.pick_fact(facts)
            if chosen is None:
                return
            self.opened(chosen)

    def direct(self, path: Path) -> tuple[Fact, ...]:
        found = self.notebook.standing.below(path)
        return tuple(fact for fact in found if fact.state not in ("waiting", "idle"))

    def opened(self, fact: Fact) -> None:
        """Change one answer; somebody who goes back leaves it as it is."""
        try:
            self.edit(fact.path, fact.question)
        except Wish as wish:
            if wish.kind == "menu":
                raise

    def pick_fact(self, facts: tuple[Fact, ...], more: tuple[Option, ...] = ()) -> Fact | None:
        """Return the answer somebody wants to change, or None."""
        options = [Option(_DONE, "Done"), *more, *(Option(f.field, self.line_of(f)) for f in facts)]
        chosen = self.pick(options)
        return next((fact for fact in facts if fact.field == chosen), None)

    def pick(self, options: list[Option]) -> str:
        """Return what was chosen; "back" and "later" mean that one is done."""
        while True:
            try:
                return self.prompts.choose(options, options[0].value)
            except Wish as wish:
                if wish.kind in ("back", "forward"):
                    return _DONE
                if wish.kind == "menu":
                    raise
                say(self.prompts, "Choose the line you want to change, or the first one to go on.")

    def line_of(self, fact: Fact) -> str:
        said = spoken(fact.value, self.language) if fact.state != "wrong" else str(plain(fact.node))
        match fact.state:
            case "missing":
                said = "(missing)"
            case "wrong":
                said += " (!)"
            case "open":
                said = said if fact.question.type == "group" and not fact.question.words else "(nothing)"
            case "usual":
                said += " (usual)"
        if fact.question.type == "group" and fact.question.words is None:
            parts = [p for p in self.notebook.standing.below(fact.path) if p.state == "answered"]
            said = ", ".join(filter(None, (spoken(p.value, self.language) for p in parts))) or said
        return f"{fact.question.key}: {cut(said, 200)}"

    # -- lists of texts

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
            options = [Option(_DONE, "Done"), Option(_ADD, "Add one"), *more]
            chosen = self.pick(options + [Option(f"#{n}", text) for n, text in enumerate(items, 1)])
            if chosen == _DONE:
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
        chosen = self.pick([*what, Option("remove", "Remove it"), Option(_DONE, "Leave it as it is")])
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
        options = [Option(str(index), _one_line(said)) for index, said in enumerate(left)]
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

    # -- lists of groups

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
            lines = [Option(f"#{n}", _one_line(said)) for n, said in enumerate(items, 1)]
            chosen = self.pick([Option(_DONE, "Done"), Option(_ADD, "Add one"), *more, *lines])
            if chosen == _DONE:
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

    # -- answers of each party

    def parties(self, path: Path, question: Question) -> bool:
        while True:
            self.head(path)
            say(self.prompts, question.prompt)
            said = self.notebook.said(path) or {}
            shorts = tuple(self.notebook.standing.known.parties)
            lines = [Option(short, f"{short}: {_one_line(said.get(short)) or '(nothing)'}") for short in shorts]
            chosen = self.pick([Option(_DONE, "Done"), *lines])
            if chosen == _DONE or chosen not in shorts:
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
            self.notebook.change(lambda old: _put(old, path, text))
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


def _put(text: str, path: Path, value: str) -> str:
    from agreementgen.deal import editing

    return editing.put(text, path, value)


def _one_line(said: Any) -> str:
    if isinstance(said, dict):
        return ", ".join(_one_line(value) for value in said.values() if value)
    if isinstance(said, list):
        return "; ".join(_one_line(value) for value in said)
    return str(said or "")
