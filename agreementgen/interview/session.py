"""The first screens: what this is, which kind of agreement, and what to begin with.

The conversation from the first screen to the documents.

From a terminal to a conversation: which prompts it can show, and what happens when it goes away.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.deal.reader import node_as_data
from agreementgen.interview import review
from agreementgen.interview.notebook import (
    Notebook,
    PendingQuestion,
    Section,
    each_pending_question,
    list_usual_and_left_out,
    lock_deal_file,
    value_in_words,
)
from agreementgen.interview.prompts import (
    DrawnPrompts,
    Option,
    PlainPrompts,
    Prompts,
    UserRequest,
    print_heading,
    print_wrapped,
    shorten,
)
from agreementgen.interview.review import Review
from agreementgen.library.library import Library
from agreementgen.library.snapshot import home_folder
from agreementgen.sources import (
    NO_PACK,
    list_packs,
    list_packs_for,
    open_library,
    open_library_for,
    pack_name_for,
    read_yaml_file,
)
from agreementgen.yamlfile import editing, nodes

if TYPE_CHECKING:
    from filelock import BaseFileLock

INTRODUCTION = (
    "This program asks what two or more businesses have agreed, and puts it into prepared wording on one page.",
    "It gives no legal advice and is no substitute for an attorney. Its wording was not reviewed by a lawyer. "
    "Have a lawyer read the agreement before anybody signs it.",
    "It takes 10 to 20 minutes. Every answer is saved at once. Ctrl-C stops at any time; the same command goes on "
    "where you were.",
    'Instead of an answer you can type "?" for help, "<" to go back, ">" to leave a question open for now, and "/" '
    "for the list of topics, a summary of your answers, and the review.",
)
_BLANK, _SMALL = "blank", "small"


def ask_kind(prompts: Prompts, library: Library) -> str:
    """Return the kind of agreement that somebody chooses."""
    print_heading(prompts, "What kind of agreement is it?")
    outlines = library.offered_outlines.values()
    for outline in outlines:
        print_wrapped(prompts, f"{outline.title}: {outline.about}", "  ", "")
        if outline.example:
            print_wrapped(prompts, f"Example: {outline.example}", "    ", "    ")
    options = [Option(outline.kind, outline.title) for outline in outlines]
    default = "referral" if "referral" in library.offered_outlines else options[0].value
    while True:
        try:
            return prompts.ask_choice(options, default)
        except UserRequest:
            print_wrapped(prompts, "Choose the one whose description fits best. It cannot be changed afterwards.")


def ask_start(prompts: Prompts, library: Library, kind: str) -> str:
    """Return the text of the new file: empty, with the answers of a small start, or a sample's."""
    outline = library.outline_of_kind(kind)
    print_heading(prompts, "How do you want to begin?")
    options = [Option(_BLANK, "With the questions")]
    if outline.small_start:
        options.append(Option(_SMALL, f"Small: {outline.small_start}"))
    samples = _list_samples(kind, library)
    options += [Option(name, f"With a sample: {says}") for name, (says, _) in samples.items()]
    while True:
        try:
            chosen = prompts.ask_choice(options, _BLANK)
            break
        except UserRequest as wish:
            if wish.kind == "back":
                raise
            print_wrapped(prompts, "A sample is a complete deal between invented businesses: you change what differs.")
    if chosen in samples:
        return samples[chosen][1]
    if chosen == _SMALL:
        text = f"agreement: {kind}\n"
        for name, node in outline.small_answers.items():
            text = editing.set_answer(text, tuple(name.split(".")), node_as_data(node))
        return text
    return ""


def find_free_name(kind: str) -> FilePath:
    """Return the first name in this folder that no file has."""
    names = [f"{kind}-deal.yaml", *(f"{kind}-deal-{number}.yaml" for number in range(2, 1000))]
    return FilePath(next(name for name in names if not FilePath(name).exists()))


def _list_samples(kind: str, library: Library) -> dict[str, tuple[str, str]]:
    """Return the samples of a kind of agreement by name: their first sentence, and their text; those of packs first."""
    texts: dict[str, str] = {}
    for pack in library.packs:
        for name, source in pack.files_below("samples").items():
            if "/" not in name and name.endswith(".yaml"):
                texts[f"{pack.id}/{name}"] = source.text
    for path in sorted((home_folder() / "samples").glob("*.yaml")):
        texts[path.stem] = path.read_text(encoding="utf-8")
    found = {}
    for name, text in texts.items():
        try:
            root = nodes.read_yaml(text, name).root
        except InputError:
            continue  # "agreementgen pack check" says what is wrong with a pack's sample
        node = root.get("agreement")
        if isinstance(node, nodes.ScalarNode) and node.text == kind:
            # A sample lies in its pack; the new file names the pack from where it stands itself.
            whole = editing.drop_answer(text, ("pack",)) if root.get("pack") else text
            found[name] = (text.split("\n")[0].lstrip("# ").rstrip("."), whole)
    return found


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
        self.lock: BaseFileLock | None = None
        self.later: set[tuple[str, ...]] = set()
        self.accepted = False

    def close(self) -> None:
        if self.lock is not None:
            self.lock.release()

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
            print_wrapped(self.prompts, f"Everything is saved in {notebook.path}.")
            self.prompts.print_line(f"To go on: agreementgen new {notebook.path}")
        return 0

    def screens(self, notebook: Notebook) -> Review:
        screens = Review(self.prompts, notebook)
        screens.folder = self.folder or notebook.path.parent
        return screens

    def open(self, path: FilePath) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = lock_deal_file(path)

    def resumed(self, kind: str | None) -> Notebook:
        assert self.path is not None
        notebook = self.notebook = Notebook.open(self.path, self.library)
        if kind is not None and kind != notebook.outline.kind:
            hint = f"leave --type out, or choose another file; this one says: agreement: {notebook.outline.kind}"
            raise InputError(
                Problem("the file is of another kind of agreement", hint, "agreement", Place(str(self.path)))
            )
        answered = sum(fact.state == "answered" for fact in notebook.standing.facts if not fact.question.parts)
        print_heading(self.prompts, notebook.outline.title)
        there = "1 answer is" if answered == 1 else f"{answered} answers are"
        print_wrapped(self.prompts, f"Going on with {self.path}: {there} there.")
        self.name_packs(notebook)
        print_wrapped(self.prompts, INTRODUCTION[1])
        return notebook

    def begin(self, kind: str | None) -> Notebook:
        print_heading(self.prompts, "Write a partnership agreement")
        for text in INTRODUCTION:
            print_wrapped(self.prompts, text)
            print_wrapped(self.prompts, "")
        while True:
            kind = kind or ask_kind(self.prompts, self.library)
            try:
                text = ask_start(self.prompts, self.library, kind)
                break
            except UserRequest:
                kind = None
        path = self.path or find_free_name(kind)
        self.open(path)
        self.notebook = Notebook.create(path, self.library, kind, text)
        if not text.startswith("agreement:") and text:
            self.accepted = True
        print_wrapped(self.prompts, f"Your answers are saved in {path}.")
        self.name_packs(self.notebook)
        return self.notebook

    def name_packs(self, notebook: Notebook) -> None:
        """Write the packs of the command line into the deal file: all later commands use them too."""
        said = notebook.answer_at(("pack",)) or []
        before = [said] if isinstance(said, str) else [name for name in said if name != NO_PACK]
        if self.packs:
            notebook.save_answer(("pack",), [*before, *self.packs])
        for pack in self.library.packs:
            by = f"; questions about it: {pack.contact}" if pack.contact else ""
            print_wrapped(self.prompts, f"With the wording of {pack.name}{by}.")

    # -- the questions

    def converse(self, screens: Review) -> None:
        """Ask all that is open, then offer the usual terms; return when the review should be shown."""
        notebook = screens.notebook
        trail: list[PendingQuestion] = []
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
            if at < len(trail) - 1 and not _still_applies(notebook, task):
                del trail[at]
                continue
            if topic and _number_of_topic(notebook, topic) < _number_of_topic(notebook, task.topic):
                self.fit(notebook, topic)
            topic = task.topic
            try:
                screens.edit(task.path, task.question)
                at += 1
            except UserRequest as wish:
                front = at == len(trail) - 1
                if wish.kind == "back" and at:
                    if front:
                        trail.pop()
                    at -= 1
                elif wish.kind == "back":
                    print_wrapped(self.prompts, "This is the first question.")
                elif wish.kind == "forward":
                    if any(
                        task.path == other.path for other in each_pending_question(notebook.standing, notebook.sections)
                    ):
                        self.later.add(task.path)
                        print_wrapped(self.prompts, "Left open for now; the review reminds you.")
                        trail.pop(at)
                    else:
                        at += 1
                elif self.menu(screens):
                    return

    def next(self, notebook: Notebook) -> PendingQuestion | None:
        found = each_pending_question(notebook.standing, notebook.sections)
        return next((task for task in found if not self.left_open(task)), None)

    def left_open(self, task: PendingQuestion) -> bool:
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
            print_heading(self.prompts, "Menu")
            try:
                chosen = self.prompts.ask_choice(options, _ON)
            except UserRequest:
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
            chosen = self.prompts.ask_choice(options, options[0].value)
            screens.topic(next(section for section in known if section.id == chosen))
        except UserRequest:
            return

    def fit(self, notebook: Notebook, topic: str) -> None:
        """Say how full the page is, with usual terms and examples for all that was not said."""
        if not topic:
            return
        share = review.estimate_page_share(notebook)
        done = _number_of_topic(notebook, topic)
        said = f"Topic {done} of {len(notebook.sections)} is done."
        if share is not None:
            said += f" With usual terms for the rest, the agreement takes {review.page_share_in_words(share)}."
        print_wrapped(self.prompts, "")
        print_wrapped(self.prompts, said)

    def usual_terms(self, screens: Review) -> bool:
        """Show what nobody was asked; return False where somebody goes back to the questions."""
        notebook = screens.notebook
        while True:
            print_heading(self.prompts, "We suggest these usual terms")
            sections = [
                section for section in notebook.sections if any(list_usual_and_left_out(section, notebook.standing))
            ]
            for section in sections:
                self.show_terms(notebook, section)
            print_wrapped(self.prompts, "")
            print_wrapped(self.prompts, "Enter accepts them all. Or open a topic to change something or say more.")
            options = [Option(_ACCEPT, "Accept these terms"), Option(_TOPICS, "Open a topic")]
            try:
                chosen = self.prompts.ask_choice(options, _ACCEPT)
                if chosen == _ACCEPT:
                    self.accepted = True
                    return True
                self.topics(screens)
            except UserRequest as wish:
                if wish.kind == "back":
                    return False
                if wish.kind == "forward":
                    return True
                if wish.kind == "menu" and self.menu(screens):
                    return True

    def show_terms(self, notebook: Notebook, section: Section) -> None:
        terms, open_ = list_usual_and_left_out(section, notebook.standing)
        language = str(notebook.standing.fact_values.get("language") or "en-US")
        name = Review(self.prompts, notebook).name
        parts = [f"{name(fact)}: {shorten(value_in_words(fact.value, language), 90)}" for fact in terms]
        if open_:
            parts.append(f"nothing said on {', '.join(name(fact) for fact in open_)}")
        print_wrapped(self.prompts, f"{section.title}: {'; '.join(parts)}", "    ", "")


def _number_of_topic(notebook: Notebook, topic: str) -> int:
    """Return the place of a topic among all, from 1."""
    return next(number for number, section in enumerate(notebook.sections, 1) if section.id == topic)


def _still_applies(notebook: Notebook, task: PendingQuestion) -> bool:
    """Return whether a question that was asked before still makes sense."""
    for depth in range(len(task.path), 0, -1):
        fact = notebook.standing.find_fact(task.path[:depth])
        if fact is not None:
            return fact.state not in ("idle", "waiting")
    return False


def run_questionnaire(
    name: str | None, kind: str | None, plain_mode: bool, folder: FilePath | None, packs: tuple[FilePath, ...] = ()
) -> int:
    """Hold the conversation about the deal file `name`; return the exit status, 130 where it was stopped."""
    refuse_without_terminal(name)
    path = FilePath(name) if name else None
    if path is not None and path.suffix.lower() not in (".yaml", ".yml"):
        hint = f"for example {path.name}.yaml"
        raise InputError(Problem("a deal file's name ends with .yaml", hint, "", Place(str(path))))
    library, named = _open_library(path, packs)
    if kind is not None:
        library.outline_of_kind(kind)
    prompts: Prompts = PlainPrompts() if plain_mode or not _can_draw() else DrawnPrompts()
    session: Session | None = None
    try:
        session = Session(prompts, library, path, folder, named)
        return session.hold(kind)
    except (KeyboardInterrupt, EOFError):
        _say_goodbye(prompts, session)
        return 130
    finally:
        if session is not None:
            session.close()


def _open_library(path: FilePath | None, packs: tuple[FilePath, ...]) -> tuple[Library, tuple[str, ...]]:
    """Return the library for a deal file, and the packs of the command line as the file should name them."""
    folder = path.parent if path else FilePath(".")
    if path is not None and path.is_file() and path.read_bytes().strip():
        yaml = read_yaml_file(str(path))
        there = {pack.resolve() for pack in list_packs_for(yaml, folder)}
        library = open_library_for(yaml, folder, packs)
    else:
        there = set()
        library = open_library(packs)
    if NO_PACK in map(str, packs):
        return library, ()
    return library, tuple(
        pack_name_for(pack, folder) for pack in list_packs(packs, False) if pack.resolve() not in there
    )


def refuse_without_terminal(name: str | None) -> None:
    """Raise InputError where nobody can be asked."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        return
    file = name or "deal.yaml"
    raise InputError(
        Problem(
            "agreementgen new asks questions, and there is no terminal to ask them in",
            f'write the deal as a file instead: "agreementgen show starter referral > {file}", fill it in, and run '
            f'"agreementgen build {file}"',
        )
    )


def _can_draw() -> bool:
    """Return whether the terminal can move its cursor and show letters beyond ASCII."""
    return os.environ.get("TERM", "dumb") != "dumb" and (sys.stdout.encoding or "").lower().startswith("utf")


def _say_goodbye(prompts: Prompts, session: Session | None) -> None:
    try:
        prompts.print_line("")
        if session is not None and session.notebook is not None:
            print_wrapped(prompts, f"Stopped. Your answers are saved in {session.notebook.path}.")
            prompts.print_line(f"To go on: agreementgen new {session.notebook.path}")
        else:
            prompts.print_line("Stopped. Nothing was written.")
    except (OSError, ValueError):
        return  # the terminal is gone; the answers are not
