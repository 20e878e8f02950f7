"""Screens for groups of answers: what is in them, and any of it changed."""

from __future__ import annotations

from agreementgen.deal.questions import Question
from agreementgen.deal.standing import Fact, Path, plain
from agreementgen.interview.asking import Asking
from agreementgen.interview.conversation import spoken, tasks
from agreementgen.interview.prompting import Option, Wish, cut, rule, say

DONE = "done"


class Groups(Asking):
    """Asks for groups; every change is saved at once."""

    def edit(self, path: Path, question: Question) -> bool:
        return self.group(path, question) if question.type == "group" else super().edit(path, question)

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
        options = [Option(DONE, "Done"), *more, *(Option(f.field, self.line_of(f)) for f in facts)]
        chosen = self.pick(options)
        return next((fact for fact in facts if fact.field == chosen), None)

    def pick(self, options: list[Option]) -> str:
        """Return what was chosen; "back" and "later" mean that one is done."""
        while True:
            try:
                return self.prompts.choose(options, options[0].value)
            except Wish as wish:
                if wish.kind in ("back", "forward"):
                    return DONE
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
            parts = self.notebook.standing.below(fact.path)
            typed = [spoken(part.value, self.language) for part in parts if part.state == "answered"]
            rest = "(usual)" if any(part.state == "usual" for part in parts) else "(nothing)"
            said = ", ".join(filter(None, typed)) or (said if fact.state == "missing" else rest)
        return f"{fact.question.key}: {cut(said, 200)}"
