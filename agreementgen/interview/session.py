"""A session: the whole way from the first screen to the documents.

It chooses the prompts that the terminal can show, begins or goes on with a deal file, asks what is pending, shows the
usual terms, and leaves the rest to the review.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.core.saving import report_unwritable
from agreementgen.deal.questions import Question, Structure
from agreementgen.deal.reader import FactPath, node_as_data
from agreementgen.interview.conversation import Conversation
from agreementgen.interview.notebook import (
    Notebook,
    PendingQuestion,
    lock_deal_file,
)
from agreementgen.interview.prompts import (
    DrawnPrompts,
    Option,
    PlainPrompts,
    Prompts,
    UserRequest,
    print_heading,
    print_wrapped,
)
from agreementgen.interview.review import Review, ReviewEnd, Viewer
from agreementgen.interview.sample_start import begin_from_sample
from agreementgen.interview.screens import (
    ask,
    ask_for_another,
)
from agreementgen.interview.usual_terms import show_usual_terms
from agreementgen.library.files import home_folder
from agreementgen.library.library import Library
from agreementgen.library.messages import MESSAGES_FILE, NO_MESSAGES, Messages, read_messages
from agreementgen.sources import (
    NO_PACK,
    list_packs,
    list_packs_for,
    open_library,
    open_library_for,
    pack_name_for,
    read_deal_bytes,
    read_yaml_file,
)
from agreementgen.terminal import print_text
from agreementgen.yamlfile import editing, nodes

if TYPE_CHECKING:
    from agreementgen.core.saving import BaseFileLock

NOTICE = (
    "It gives no legal advice and is no substitute for an attorney. Its wording was not reviewed by a lawyer. "
    "Have a lawyer read the agreement before anybody signs it."
)
INTRODUCTION = (
    "This program asks what businesses have agreed, and puts it into prepared wording on one page. " + NOTICE,
    "It takes 10 to 20 minutes. Every answer is saved at once; the same command goes on where you stopped. At every "
    "prompt: ? helps, < goes back, > leaves a question open for now, / shows topics, answers and review.",
)
# The line that leads to samples and small starts.
_OTHER_START = "start"


# -- the first screens


def ask_kind(prompts: Prompts, library: Library, can_start_otherwise: bool) -> str:
    """Return the kind of agreement that somebody chooses, or that they want to begin with more than questions."""
    outlines = library.offered_outlines.values()
    options = [Option(outline.kind, outline.title) for outline in outlines]
    default = "referral" if "referral" in library.offered_outlines else options[0].value
    if can_start_otherwise:
        options.append(Option(_OTHER_START, "With a sample, or a small one: choose the kind next"))
    print_heading(prompts, "What kind of agreement is it?")
    while True:
        try:
            return prompts.ask_choice(options, default)
        except UserRequest as request:
            if request.kind != "help":
                print_wrapped(prompts, "Nothing is asked before the kind is chosen; Ctrl-C stops.")
                continue
            print_heading(prompts, "The kinds of agreement")
            for outline in outlines:
                print_wrapped(prompts, f"{outline.title}: {outline.about}", "  ", "")
                if outline.example:
                    print_wrapped(prompts, f"Example: {outline.example}", "    ", "    ")
            print_wrapped(prompts, "Choose the one that fits best. It cannot be changed afterwards.")
            print_heading(prompts, "What kind of agreement is it?")


def _ask_start(prompts: Prompts, library: Library, kind: str) -> tuple[str, bool]:
    """Return the text of the new file, and whether it is a sample's; else "" or the answers of a small start.

    Raise UserRequest where the user goes back to choose another kind.
    """
    outline = library.outline_of_kind(kind)
    print_heading(prompts, "How do you want to begin?")
    samples = _list_samples(kind, library)
    options = [Option("blank", "With the questions")]
    if outline.small_start:
        options.append(Option("small", f"Small: {outline.small_start}"))
    options += [Option(name, f"With a sample: {summary}") for name, (summary, _) in samples.items()]
    while True:
        try:
            chosen = prompts.ask_choice(options, "blank")
            break
        except UserRequest as request:
            if request.kind == "back":
                raise
            print_wrapped(prompts, "A sample is a complete deal between invented businesses: you change what differs.")
    if chosen in samples:
        data = begin_from_sample(editing.answers_in_text(samples[chosen][1]))
        text = f"agreement: {kind}\n"
        for key, value in data.items():
            text = editing.set_answer(text, (key,), value)
        print_wrapped(prompts, "Its terms are yours now; who and where the parties are is asked anew.")
        return text, True
    text = ""
    if chosen == "small":
        text = f"agreement: {kind}\n"
        for name, node in outline.small_answers.items():
            text = editing.set_answer(text, tuple(name.split(".")), node_as_data(node))
    return text, False


def _find_free_name(kind: str) -> FilePath:
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


# -- the session


class Session:
    """One run of the questionnaire. `packs` are those that the deal file does not name yet, as it should."""

    def __init__(
        self,
        prompts: Prompts,
        library: Library,
        folder: FilePath | None,
        packs: tuple[str, ...],
        viewer: Viewer | None = None,
    ) -> None:
        self.prompts = prompts
        self.library = library
        self.folder = folder
        self.packs = packs
        self.viewer = viewer
        self.notebook: Notebook | None = None
        self.lock: BaseFileLock | None = None

    def hold(self, path: FilePath | None, kind: str | None) -> None:
        """Go on with the deal file `path`, or begin one; return when its documents are there or the user stops."""
        if path is not None and path.exists() and read_deal_bytes(str(path)).strip():
            notebook = self._resume(path, kind)
            # Whoever stopped before the usual terms were shown gets to see them.
            is_resumed, is_accepted = True, not notebook.list_open_questions()
        else:
            notebook, is_accepted = self._begin(path, kind)
            is_resumed = False
        self.prompts.begin_screen()
        conversation = Conversation(self.prompts, notebook)
        review = Review(conversation, self.folder or notebook.path.parent, self.viewer)
        if is_resumed:
            review.words.note_answered_topics()
        interview = Interview(conversation, review, is_accepted)
        end: ReviewEnd = review.open() if is_resumed else "on"
        while end == "on":
            interview.ask_all()
            end = review.open()
        if end == "stop":
            conversation.say(f"Everything is saved in {notebook.path}.")
            self.prompts.print_line(f"To go on: agreementgen new {notebook.path}")

    def close(self) -> None:
        """Let other runs have the file."""
        if self.lock is not None:
            self.lock.release()

    def _resume(self, path: FilePath, kind: str | None) -> Notebook:
        self._lock(path)
        notebook = self.notebook = Notebook.open(path, self.library)
        if kind is not None and kind != notebook.outline.kind:
            message = "the file is of another kind of agreement"
            hint = f"leave --type out, or choose another file; this one says: agreement: {notebook.outline.kind}"
            raise InputError(Problem(message, hint, "agreement", Place(str(path)), code="contradiction"))
        answered = sum(fact.state == "answered" for fact in notebook.status.facts if not fact.question.parts)
        print_heading(self.prompts, notebook.outline.title)
        there = "1 answer is" if answered == 1 else f"{answered} answers are"
        print_wrapped(self.prompts, f"Going on with {path}: {there} there.")
        self._name_packs(notebook)
        print_wrapped(self.prompts, NOTICE)
        return notebook

    def _begin(self, path: FilePath | None, kind: str | None) -> tuple[Notebook, bool]:
        """Return the notebook of a new file, and whether it begins with a sample: a complete deal."""
        print_heading(self.prompts, "Write a partnership agreement")
        for text in INTRODUCTION:
            print_wrapped(self.prompts, text)
        text, is_sample, asks_start = "", False, kind is not None
        while True:
            kind = kind or ask_kind(self.prompts, self.library, not asks_start)
            if kind == _OTHER_START:
                kind, asks_start = None, True
                continue
            if not asks_start:
                break
            try:
                text, is_sample = _ask_start(self.prompts, self.library, kind)
                break
            except UserRequest:
                kind = None
        path = path or _find_free_name(kind)
        self._lock(path)
        notebook = self.notebook = Notebook.create(path, self.library, kind, text)
        print_wrapped(self.prompts, f"Your answers are saved in {path}.")
        self._name_packs(notebook)
        return notebook, is_sample

    def _lock(self, path: FilePath) -> None:
        with report_unwritable(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = lock_deal_file(path)

    def _name_packs(self, notebook: Notebook) -> None:
        """Write the packs of the command line into the deal file: all later commands use them too."""
        named = notebook.answer_at(("pack",)) or []
        before = [named] if isinstance(named, str) else [name for name in named if name != NO_PACK]
        if self.packs:
            notebook.save_answer(("pack",), [*before, *self.packs])
        for pack in self.library.packs:
            said = f"With the wording of {pack.name}; questions about it: {pack.contact}."
            print_wrapped(self.prompts, said if pack.contact else f"With the wording of {pack.name}.")


# -- the questions


class Interview:
    """Asks one question after the other. `trail` are those asked so far: the user may go back and forth on it.

    `is_accepted`: the usual terms need not be shown any more. `left_open` are answers that the user gives later.
    """

    def __init__(self, conversation: Conversation, review: Review, is_accepted: bool) -> None:
        self.conversation = conversation
        self.notebook = conversation.notebook
        self.review = review
        self.is_accepted = is_accepted
        self.trail: list[PendingQuestion] = []
        self.position = 0
        self.left_open: set[FactPath] = set()
        # Lists of which the user said that they have no further entry.
        self.complete_lists: set[FactPath] = set()

    def ask_all(self) -> None:
        """Ask all that is open, then show the usual terms; return when the review should be opened."""
        self.trail, self.position, self.left_open = [], 0, set()
        topic = ""
        while True:
            current = self._find_current()
            if current is None:
                self._show_settled_topic(topic)
                if self.is_accepted or self._show_usual_terms():
                    return
                self.position = max(0, self.position - 1)
                topic = ""
                continue
            if topic and self._number_of_topic(topic) < self._number_of_topic(current.topic):
                self._show_settled_topic(topic)
            topic = current.topic
            try:
                ask(self.conversation, current.path, current.question, with_companion=True)
                self.position += 1
                self._offer_another(current)
            except UserRequest as request:
                if self._follow(request, current):
                    return

    def _offer_another(self, current: PendingQuestion) -> None:
        """Ask for one more entry of a list whose entries were asked for one by one, once all of them are complete."""
        path = next((current.path[:at] for at, part in enumerate(current.path) if part.isdigit()), ())
        fact = self.notebook.status.find_fact(path) if path else None
        if fact is None or fact.question.structure is not Structure.GROUPS or path in self.complete_lists:
            return
        if any(pending.path[: len(path)] == path for pending in self.notebook.list_open_questions()):
            return
        count = len(self.notebook.answer_at(path) or ())
        most = self.notebook.outline.party_limits[1] if path == ("parties",) else int(fact.question.limits.most or 100)
        if count >= most or not self._ask_for_another(path, fact.question):
            self.complete_lists.add(path)

    def _ask_for_another(self, path: FactPath, question: Question) -> bool:
        """Return whether the list has one more entry, or the user goes back to what was asked before it."""
        try:
            return ask_for_another(self.conversation, path, question)
        except UserRequest as request:
            if request.kind == "forward":
                return False
            if request.kind == "menu":
                raise
            self.position -= 1
            return True

    def _find_current(self) -> PendingQuestion | None:
        """Return the question at this position of the trail, a new one at its end; None where none is pending."""
        while True:
            if self.position == len(self.trail):
                pending = self.notebook.list_open_questions()
                new = next((question for question in pending if not self._is_left_open(question.path)), None)
                if new is None:
                    return None
                self.trail.append(new)
            current = self.trail[self.position]
            if self.position == len(self.trail) - 1 or _still_applies(self.notebook, current):
                return current
            del self.trail[self.position]

    def _is_left_open(self, path: FactPath) -> bool:
        return any(path[: len(left)] == left for left in self.left_open)

    def _follow(self, request: UserRequest, current: PendingQuestion) -> bool:
        """Do what the user asks for instead of answering; return whether it is the review."""
        match request.kind:
            case "back" if self.position == 0:
                self.conversation.say("This is the first question.")
            case "back":
                if self.position == len(self.trail) - 1:
                    self.trail.pop()
                self.position -= 1
            case "forward":
                if any(current.path == pending.path for pending in self.notebook.list_open_questions()):
                    self.left_open.add(current.path)
                    self.conversation.say("Left open for now; the review reminds you.")
                    self.trail.pop(self.position)
                else:
                    self.position = min(self.position + 1, len(self.trail))
            case _:
                return self._open_menu()
        return False

    def _open_menu(self) -> bool:
        """Offer the places to go; return whether it is the review. Raise KeyboardInterrupt where the user stops."""
        options = (
            Option("on", "Go on with the questions"),
            Option("topics", "Go to a topic"),
            Option("summary", "Show my answers"),
            Option("review", "Review everything"),
            Option("stop", "Stop here; everything is saved"),
        )
        while True:
            print_heading(self.conversation.prompts, "Menu")
            self.conversation.say(self.review.progress_in_words())
            try:
                chosen = self.conversation.prompts.ask_choice(options, "on")
            except UserRequest:
                return False
            match chosen:
                case "on":
                    return False
                case "topics":
                    self._edit_topic()
                case "summary":
                    self.review.show_summary()
                case "review":
                    return True
                case "stop":
                    raise KeyboardInterrupt

    def _edit_topic(self) -> None:
        sections = self.notebook.sections
        options = [Option(section.id, self.review.describe_topic(section)) for section in sections]
        try:
            chosen = self.conversation.prompts.ask_choice(options, options[0].value)
            self.review.edit_topic(next(section for section in sections if section.id == chosen))
        except UserRequest:
            return

    def _show_settled_topic(self, topic: str) -> None:
        """Say what the agreement says on a topic now, and how full the page is with usual terms for the rest."""
        if topic:
            self.review.words.show_topic(topic)

    def _number_of_topic(self, topic: str) -> int:
        """Return the place of a topic among all, from 1."""
        return next(number for number, section in enumerate(self.notebook.sections, 1) if section.id == topic)

    def _show_usual_terms(self) -> bool:
        """Show what nobody was asked; return False where the user goes back to the questions."""
        while True:
            try:
                show_usual_terms(self.conversation, self.review)
                self.is_accepted = True
                return True
            except UserRequest as request:
                if request.kind == "back":
                    return False
                if self._open_menu():
                    return True


def _still_applies(notebook: Notebook, question: PendingQuestion) -> bool:
    """Return whether a question that was asked before still makes sense."""
    for depth in range(len(question.path), 0, -1):
        fact = notebook.status.find_fact(question.path[:depth])
        if fact is not None:
            return fact.state not in ("idle", "waiting")
    return False


# -- from a terminal to a session


def run_questionnaire(
    name: str | None,
    kind: str | None,
    is_plain: bool,
    folder: FilePath | None,
    packs: tuple[FilePath, ...] = (),
    viewer: Viewer | None = None,
) -> int:
    """Ask for the facts of the deal file `name`; return the exit status, 130 where the user stopped it.

    `folder` is where documents go, None for that of the deal file; `viewer` shows the finished PDF. Raise InputError
    where there is no terminal, or the file cannot be used.
    """
    refuse_without_terminal(name)
    path = FilePath(name) if name else None
    if path is not None and path.suffix.lower() not in (".yaml", ".yml"):
        hint = f"for example {path.name}.yaml"
        place = Place(str(path))
        raise InputError(Problem("a deal file's name ends with .yaml", hint, "", place, code="file-unreadable"))
    # It takes a second or two, in which nobody should wonder whether anything happens.
    print_text("One moment: reading the clauses ...\n")
    library, new_packs = _open_library(path, packs)
    if kind is not None:
        library.outline_of_kind(kind)
    prompts: Prompts = PlainPrompts() if is_plain or not _can_draw() else DrawnPrompts()
    prompts.messages = _messages_of(library)
    session = Session(prompts, library, folder, new_packs, viewer)
    try:
        session.hold(path, kind)
        prompts.show_lines()
        return 0
    except (KeyboardInterrupt, EOFError):
        _say_goodbye(prompts, session)
        return 130
    finally:
        session.close()


def _messages_of(library: Library) -> Messages:
    """Return what the questionnaire says in the language of the packs: the file of the topmost that has one."""
    files = [pack.files[MESSAGES_FILE] for pack in library.packs if MESSAGES_FILE in pack.files]
    words = {word: says for word, says in (("yes", library.words.yes), ("no", library.words.no)) if word != says}
    found = read_messages(files[-1]) if files else NO_MESSAGES
    return replace(found, whole={**found.whole, **words})


def _open_library(path: FilePath | None, packs: tuple[FilePath, ...]) -> tuple[Library, tuple[str, ...]]:
    """Return the library for a deal file, and the packs of the command line as the file should name them."""
    folder = path.parent if path else FilePath(".")
    if path is not None and path.exists() and read_deal_bytes(str(path)).strip():
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
    message = "agreementgen new asks questions, and there is no terminal to ask them in"
    hint = (
        f'write the deal as a file instead: "agreementgen show starter referral > {file}", fill it in, and run '
        f'"agreementgen build {file}"'
    )
    raise InputError(Problem(message, hint, code="no-terminal"))


def _can_draw() -> bool:
    """Return whether the terminal can move its cursor and show letters beyond ASCII."""
    return os.environ.get("TERM", "dumb") != "dumb" and (sys.stdout.encoding or "").lower().startswith("utf")


def _say_goodbye(prompts: Prompts, session: Session) -> None:
    try:
        prompts.print_line("")
        if session.notebook is not None:
            print_wrapped(prompts, f"Stopped. Your answers are saved in {session.notebook.path}.")
            prompts.print_line(f"To go on: agreementgen new {session.notebook.path}")
        else:
            prompts.print_line("Stopped. Nothing was written.")
        prompts.show_lines()
    except (OSError, ValueError):
        return  # the terminal is gone; the answers are not
