"""The conversation from the first screen to the documents."""

from __future__ import annotations

from pathlib import Path as FilePath

from agreementgen.errors import InputError, Place, Problem
from agreementgen.inputs import NO_PACK
from agreementgen.interview import gauge
from agreementgen.interview.beginning import OPENING, ask_kind, ask_start, free_name
from agreementgen.interview.conversation import Section, Task, spoken, tasks, usual
from agreementgen.interview.notebook import Lock, Notebook
from agreementgen.interview.prompting import Option, Prompts, Wish, cut, rule, say
from agreementgen.interview.review import Review
from agreementgen.library.library import Library

_ACCEPT, _REVIEW, _TOPICS, _SUMMARY, _STOP, _ON = "accept", "review", "topics", "summary", "stop", "on"


class Session:
    """One run of the questionnaire."""

    def __init__(
        self,
        prompts: Prompts,
        library: Library,
        path: FilePath | None,
        folder: FilePath | None,
        packs: tuple[str, ...] = (),
    ) -> None:
        """`packs` are those that the deal file does not name yet, as it should."""
        self.prompts = prompts
        self.library = library
        self.path = path
        self.folder = folder
        self.packs = packs
        self.notebook: Notebook | None = None
        self.lock: Lock | None = None
        self.later: set[tuple[str, ...]] = set()
        self.accepted = False

    def close(self) -> None:
        if self.lock is not None:
            self.lock.__exit__(None, None, None)

    # -- beginning

    def hold(self, kind: str | None) -> int:
        if self.path is not None and self.path.exists() and self.path.read_bytes().strip():
            self.open(self.path)
            notebook = self.resumed(kind)
            screens = self.screens(notebook)
            # Who stopped before the usual terms were shown gets to see them.
            self.accepted = not screens.missing()
            status = screens.review(True)
        else:
            notebook = self.begin(kind)
            screens = self.screens(notebook)
            status = "review" if self.accepted else "on"
        while status not in ("done", "stop"):
            if status == "on":
                self.converse(screens)
            status = screens.review(False)
        if status == "stop":
            say(self.prompts, f"Everything is saved in {notebook.path}.")
            self.prompts.line(f"To go on: agreementgen new {notebook.path}")
        return 0

    def screens(self, notebook: Notebook) -> Review:
        screens = Review(self.prompts, notebook)
        screens.folder = self.folder or notebook.path.parent
        return screens

    def open(self, path: FilePath) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = Lock(path)
        self.lock.__enter__()

    def resumed(self, kind: str | None) -> Notebook:
        assert self.path is not None
        notebook = self.notebook = Notebook.opened(self.path, self.library)
        if kind is not None and kind != notebook.outline.kind:
            hint = f"leave --type out, or choose another file; this one says: agreement: {notebook.outline.kind}"
            raise InputError(
                Problem("the file is of another kind of agreement", hint, "agreement", Place(str(self.path)))
            )
        answered = sum(fact.state == "answered" for fact in notebook.standing.facts if not fact.question.of)
        rule(self.prompts, notebook.outline.title)
        there = "1 answer is" if answered == 1 else f"{answered} answers are"
        say(self.prompts, f"Going on with {self.path}: {there} there.")
        self.name_packs(notebook)
        say(self.prompts, OPENING[1])
        return notebook

    def begin(self, kind: str | None) -> Notebook:
        rule(self.prompts, "Write a partnership agreement")
        for text in OPENING:
            say(self.prompts, text)
            say(self.prompts, "")
        while True:
            kind = kind or ask_kind(self.prompts, self.library)
            try:
                text = ask_start(self.prompts, self.library, kind)
                break
            except Wish:
                kind = None
        path = self.path or free_name(kind)
        self.open(path)
        self.notebook = Notebook.begun(path, self.library, kind, text)
        if not text.startswith("agreement:") and text:
            self.accepted = True
        say(self.prompts, f"Your answers are saved in {path}.")
        self.name_packs(self.notebook)
        return self.notebook

    def name_packs(self, notebook: Notebook) -> None:
        """Write the packs of the command line into the deal file: all later commands use them too."""
        said = notebook.said(("pack",)) or []
        before = [said] if isinstance(said, str) else [name for name in said if name != NO_PACK]
        if self.packs:
            notebook.put(("pack",), [*before, *self.packs])
        for pack in self.library.packs:
            by = f"; questions about it: {pack.contact}" if pack.contact else ""
            say(self.prompts, f"With the wording of {pack.name}{by}.")

    # -- the questions

    def converse(self, screens: Review) -> None:
        """Ask all that is open, then offer the usual terms; return when the review should be shown."""
        notebook = screens.notebook
        trail: list[Task] = []
        at = 0
        self.later.clear()
        topic = ""
        while True:
            if at == len(trail):
                task = self.next(notebook)
                if task is None:
                    self.fit(notebook, topic)
                    if self.accepted or self.usual_terms(screens):
                        return
                    at = max(0, at - 1)
                    continue
                trail.append(task)
            task = trail[at]
            if at < len(trail) - 1 and not _applies(notebook, task):
                del trail[at]
                continue
            if topic and _number(notebook, topic) < _number(notebook, task.topic):
                self.fit(notebook, topic)
            topic = task.topic
            try:
                screens.edit(task.path, task.question)
                at += 1
            except Wish as wish:
                front = at == len(trail) - 1
                if wish.kind == "back" and at:
                    if front:
                        trail.pop()
                    at -= 1
                elif wish.kind == "back":
                    say(self.prompts, "This is the first question.")
                elif wish.kind == "forward":
                    if any(task.path == other.path for other in tasks(notebook.standing, notebook.sections)):
                        self.later.add(task.path)
                        say(self.prompts, "Left open for now; the review reminds you.")
                        trail.pop(at)
                    else:
                        at += 1
                elif self.menu(screens):
                    return

    def next(self, notebook: Notebook) -> Task | None:
        found = tasks(notebook.standing, notebook.sections)
        return next((task for task in found if not self.left_open(task)), None)

    def left_open(self, task: Task) -> bool:
        return any(task.path[: len(path)] == path for path in self.later)

    def menu(self, screens: Review) -> bool:
        """Offer the places to go; return whether it is the review."""
        options = [
            Option(_ON, "Go on with the questions"),
            Option(_TOPICS, "Go to a topic"),
            Option(_SUMMARY, "Show my answers"),
            Option(_REVIEW, "Review everything"),
            Option(_STOP, "Stop here; everything is saved"),
        ]
        while True:
            rule(self.prompts, "Menu")
            try:
                chosen = self.prompts.choose(options, _ON)
            except Wish:
                return False
            if chosen == _STOP:
                raise KeyboardInterrupt
            if chosen == _REVIEW:
                return True
            if chosen == _SUMMARY:
                screens.summary()
            elif chosen == _TOPICS:
                self.topics(screens)
            else:
                return False

    def topics(self, screens: Review) -> None:
        known = screens.notebook.sections
        options = [Option(section.id, f"{n}. {screens.topic_line(section)}") for n, section in enumerate(known, 1)]
        try:
            chosen = self.prompts.choose(options, options[0].value)
            screens.topic(next(section for section in known if section.id == chosen))
        except Wish:
            return

    def fit(self, notebook: Notebook, topic: str) -> None:
        """Say how full the page is, with usual terms and examples for all that was not said."""
        if not topic:
            return
        share = gauge.used(notebook)
        done = _number(notebook, topic)
        said = f"Topic {done} of {len(notebook.sections)} is done."
        if share is not None:
            said += f" With usual terms for the rest, the agreement takes {gauge.in_words(share)}."
        say(self.prompts, "")
        say(self.prompts, said)

    def usual_terms(self, screens: Review) -> bool:
        """Show what nobody was asked; return False where somebody goes back to the questions."""
        notebook = screens.notebook
        while True:
            rule(self.prompts, "We suggest these usual terms")
            sections = [section for section in notebook.sections if any(usual(section, notebook.standing))]
            for section in sections:
                self.show_terms(notebook, section)
            say(self.prompts, "")
            say(self.prompts, "Enter accepts them all. Or open a topic to change something or say more.")
            options = [Option(_ACCEPT, "Accept these terms"), Option(_TOPICS, "Open a topic")]
            try:
                chosen = self.prompts.choose(options, _ACCEPT)
                if chosen == _ACCEPT:
                    self.accepted = True
                    return True
                self.topics(screens)
            except Wish as wish:
                if wish.kind == "back":
                    return False
                if wish.kind == "forward":
                    return True
                if wish.kind == "menu" and self.menu(screens):
                    return True

    def show_terms(self, notebook: Notebook, section: Section) -> None:
        terms, open_ = usual(section, notebook.standing)
        language = str(notebook.standing.values.get("language") or "en-US")
        name = Review(self.prompts, notebook).name
        parts = [f"{name(fact)}: {cut(spoken(fact.value, language), 90)}" for fact in terms]
        if open_:
            parts.append(f"nothing said on {', '.join(name(fact) for fact in open_)}")
        say(self.prompts, f"{section.title}: {'; '.join(parts)}", "    ", "")


def _number(notebook: Notebook, topic: str) -> int:
    """Return the place of a topic among all, from 1."""
    return next(number for number, section in enumerate(notebook.sections, 1) if section.id == topic)


def _applies(notebook: Notebook, task: Task) -> bool:
    """Return whether a question that was asked before still makes sense."""
    for depth in range(len(task.path), 0, -1):
        fact = notebook.standing.at(task.path[:depth])
        if fact is not None:
            return fact.state not in ("idle", "waiting")
    return False
