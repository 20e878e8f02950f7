"""Makes roles and tasks of texts, wherever they stand: in a deal file or in a table. Every mistake has its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from agreementgen.core.problems import (
    InputError,
    Place,
    Problem,
    Severity,
    collapse_spaces,
    count_noun,
    find_forbidden_character,
    quote_text,
)
from agreementgen.core.values import Unreadable, read_date
from agreementgen.deal.chart_marks import LETTERS_HINT, Mark, MarkReader, explain_marks
from agreementgen.deal.deal import (
    LETTERS,
    MAX_PERSON_CHARACTERS,
    MAX_PHASE_CHARACTERS,
    MAX_ROLE_CHARACTERS,
    MAX_ROLES,
    MAX_TASK_CHARACTERS,
    MAX_TASKS,
    OUTSIDE,
    RaciRole,
    Responsibility,
    Task,
)
from agreementgen.deal.party_names import NamedParty
from agreementgen.deal.questions import suggest_choice

# Returns the bytes of a file beside the deal file, by its name; raises InputError.
TableLoader = Callable[[str], bytes]
# What an answer says besides the parts of its question, and a task besides the letters of the roles.
ROLES_KEY, TASKS_KEY, TABLE_KEY, LETTERS_KEY = MATRIX_KEYS = ("roles", "tasks", "table", "letters")
TASK_KEYS = (LETTERS_KEY, "due", "phase", "carries out")
_, DUE_KEY, PHASE_KEY, RESPONSIBILITIES_KEY = TASK_KEYS
# Heads of columns and labels of rows in tables: no role can have one of these names.
TASK_HEADS = ("task", "tasks", "activity", "activities", "deliverable", "task / activity", "task or activity")
PHASE_HEADS = ("phase", "stage", "workstream", "section/column", "bucket name", "epic link", "epic", "list name")
DUE_HEADS = ("due", "due date", "deadline", "by when")
RESPONSIBILITY_HEADS = ("responsibility", "responsibilities", RESPONSIBILITIES_KEY)
NUMBER_HEADS = ("#", "no", "no.", "nr", "nr.", "number")
PARTY_LABELS = ("party", "parties", "company", "organization", "organisation")
PERSON_LABELS = ("person", "name", "who", "contact")
HEADS_OF_COLUMNS = (*TASK_HEADS, *PHASE_HEADS, *DUE_HEADS, *RESPONSIBILITY_HEADS, *NUMBER_HEADS)
RESERVED_NAMES = frozenset((*HEADS_OF_COLUMNS, *PARTY_LABELS, *PERSON_LABELS, LETTERS_KEY))
# The longest text of a cell that is only looked up, such as a party or a responsibility.
_MAX_CHARACTERS = 1000


def refuse_tables(name: str) -> bytes:
    """A TableLoader for deals that are not files on a disk."""
    message, hint = f'the table "{name}" cannot be read from here', "put it beside a deal file on disk"
    raise InputError(Problem(message, hint, code="file-missing"))


@dataclass(frozen=True)
class MatrixContext:
    """What a matrix may refer to: parties by short name, and the responsibilities of the agreement.

    The two flags are False where parties or responsibilities have problems of their own: a name that nobody knows may
    then be the one they should have.
    """

    parties: tuple[NamedParty, ...]
    parties_are_known: bool
    responsibilities: tuple[Responsibility, ...]
    responsibilities_are_known: bool
    load_table: TableLoader

    @property
    def short_names(self) -> tuple[str, ...]:
        return tuple(party.short for party in self.parties)

    @property
    def example_party(self) -> str:
        return next(iter(self.short_names), "Short Name")


@dataclass(frozen=True)
class _ToldMark:
    """A cell of which something is to be said."""

    line: str
    mark: Mark | None
    path: str
    place: Place


def _in_cells(cells: list[_ToldMark]) -> str:
    """Return where a mark stands, " (in 3 cells: B3, C4, C5)"; "" for one cell, which the place names."""
    if len(cells) < 2:
        return ""
    named = [cell.place.cell or f"line {cell.place.line}" for cell in cells]
    shown = ", ".join(named[:4]) + (", ..." if len(named) > 4 else "")
    return f" (in {count_noun(len(cells), 'cell')}: {shown})"


@dataclass(frozen=True)
class PlacedEntry:
    """A text with its place in a file or table."""

    text: str
    place: Place


@dataclass(frozen=True)
class RoleText:
    name: PlacedEntry
    party: PlacedEntry
    person: PlacedEntry


@dataclass(frozen=True)
class TaskText:
    """A task as written. `letters` are pairs of a role's name and what stands there."""

    name: PlacedEntry
    letters: tuple[tuple[PlacedEntry, PlacedEntry], ...]
    due: PlacedEntry | None = None
    phase: PlacedEntry | None = None
    responsibilities: tuple[PlacedEntry, ...] = ()


@dataclass
class MatrixBuilder:
    """Makes roles and tasks of texts. `path` is that of the matrix; `roles` are by name."""

    context: MatrixContext
    path: str
    roles: dict[str, RaciRole] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    marks: MarkReader = field(default_factory=MarkReader)
    told: dict[str, list[_ToldMark]] = field(default_factory=dict)
    unbound: list[RoleText] = field(default_factory=list)

    def add_matrix_problem(
        self, code: str, message: str, hint: str, path: str, place: Place, severity: Severity = "E"
    ) -> None:
        """Note a problem at `path` below that of the matrix ("" for the matrix itself)."""
        whole = ".".join(filter(None, (self.path, path)))
        self.problems.append(Problem(message, hint, whole, place, code=code, severity=severity))

    def read_line(self, text: PlacedEntry, most: int, path: str) -> str:
        """Return the text in one line of at most `most` characters, "" where it has a problem."""
        forbidden = find_forbidden_character(text.text)
        if forbidden:
            message, hint = f"the text holds {forbidden[1]}", "delete it and type the word again"
            self.add_matrix_problem("forbidden-character", message, hint, path, text.place)
            return ""
        line = collapse_spaces(text.text)
        if len(line) > most:
            message = f'"{quote_text(line)}" has {len(line):,} characters; at most {most} fit'
            self.add_matrix_problem("out-of-limits", message, "shorten it", path, text.place)
            return ""
        return line

    # -- roles

    def add_roles(self, texts: Iterable[RoleText], place: Place) -> tuple[RaciRole, ...]:
        found = list(texts)
        for text in found[:MAX_ROLES]:
            self.add_role(text)
        if len(found) > MAX_ROLES:
            message = f"there are {len(found)} roles, and at most {MAX_ROLES} fit"
            self.add_matrix_problem("too-many", message, "join some", "roles", found[MAX_ROLES].name.place)
        if not found:
            hint = f"name who works on it, each with the party, as in Account lead: {self.context.example_party}"
            self.add_matrix_problem("raci-no-roles", "there are no roles", hint, "roles", place)
        return tuple(self.roles.values())

    def add_role(self, text: RoleText) -> None:
        name = self.read_line(text.name, MAX_ROLE_CHARACTERS, "roles")
        if not name:
            return
        path = f"roles.{quote_text(name)}"
        if name.casefold() in RESERVED_NAMES:
            hint = f'choose another name, as in "{name} lead"'
            self.add_matrix_problem(
                "raci-reserved-name", f'"{name}" means something else in a matrix', hint, path, text.name.place
            )
            return
        if name.casefold() in (other.casefold() for other in self.roles):
            message = f'the role "{quote_text(name)}" stands twice'
            self.add_matrix_problem("duplicate", message, "keep one of them", path, text.name.place)
            return
        known = self.context.short_names
        party = self.read_line(text.party, _MAX_CHARACTERS, path)
        party = OUTSIDE if party.casefold() == OUTSIDE and party not in known else party
        person = self.read_line(text.person, MAX_PERSON_CHARACTERS, path)
        self.roles[name] = RaciRole(name, party, person, text.name.place)
        if party in known or party == OUTSIDE or not self.context.parties_are_known:
            return
        self.unbound.append(
            replace(text, name=PlacedEntry(name, text.name.place), party=PlacedEntry(party, text.party.place))
        )

    def report_unbound(self) -> None:
        """Report each role whose party nobody knows."""
        for text in self.unbound:
            name, path = text.name.text, f"roles.{quote_text(text.name.text)}"
            if text.party.text:
                self.report_unknown_party(text)
                continue
            example = f"{name}: {self.context.example_party}"
            hint = f'say whose it is, as in "{example}"; "{OUTSIDE}" means nobody of the parties'
            message = f'the role "{quote_text(name)}" is bound to no party'
            self.add_matrix_problem("raci-no-party", message, hint, path, text.party.place)

    def report_unknown_party(self, text: RoleText) -> None:
        message = f'"{quote_text(text.party.text)}" is not the short name of a party'
        hint = suggest_choice(text.party.text, [*self.context.short_names, OUTSIDE])
        self.add_matrix_problem("unknown-party", message, hint, f"roles.{quote_text(text.name.text)}", text.party.place)

    def report_unbound_together(self, table: str) -> None:
        """Report the roles of a table without a party, in one problem: they have one cause."""
        found = self.unbound
        if len(found) == 1 and found[0].party.text:
            self.report_unknown_party(found[0])
            return
        if not found:
            return
        quoted = [f'"{quote_text(text.name.text)}"' for text in found]
        names = quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + f" and {quoted[-1]}"
        one = len(found) == 1
        message = f"the role{'' if one else 's'} {names} {'is' if one else 'are'} bound to no party"
        unknown = [text.party.text for text in found if text.party.text]
        if unknown:
            message += ": " + ", ".join(f'"{quote_text(text)}"' for text in dict.fromkeys(unknown))
            message += " is not the name of a party" if len(set(unknown)) == 1 else " are not the names of parties"
        shorts = self.context.short_names or ("Short Name",)
        example = ", ".join(
            f"{_write_name(text.name.text)}: {shorts[min(n, len(shorts) - 1)]}" for n, text in enumerate(found[:2])
        )
        example += ", ..." if len(found) > 2 else ""
        line = f"raci: {{table: {table}, roles: {{{example}}}}}"
        hint = (
            f'say it in the deal file, as in "{line}", or in a row "Party" below the heads; '
            f'"{OUTSIDE}" means nobody of the parties'
        )
        path = f"roles.{quote_text(found[0].name.text)}" if one else "roles"
        self.add_matrix_problem("raci-no-party", message, hint, path, found[0].party.place)

    # -- tasks

    def read_tasks(self, texts: Iterable[TaskText], place: Place) -> tuple[Task, ...]:
        found = list(texts)
        if len(found) > MAX_TASKS:
            message = f"there are {len(found)} tasks, and at most {MAX_TASKS} fit"
            hint = "join some, or leave the small ones out"
            self.add_matrix_problem("too-many", message, hint, "tasks", found[MAX_TASKS].name.place)
        if not found:
            self.add_matrix_problem("raci-no-tasks", "there are no tasks", "add a line for each task", "tasks", place)
        return tuple(task for text in found[:MAX_TASKS] if (task := self.read_task(text)))

    def read_task(self, text: TaskText) -> Task | None:
        name = self.read_line(text.name, MAX_TASK_CHARACTERS, "tasks")
        if not name:
            return None
        path = f"tasks.{quote_text(name)}"
        letters: dict[str, str] = {}
        places: dict[str, Place] = {}
        is_unsure = False
        for role_text, cell in text.letters:
            role = collapse_spaces(role_text.text)
            if role not in self.roles:
                message = f'"{quote_text(role)}" is not one of the roles'
                self.add_matrix_problem(
                    "raci-unknown-role", message, suggest_choice(role, self.roles), path, role_text.place
                )
                is_unsure = True
                continue
            line = self.read_line(cell, _MAX_CHARACTERS, path)
            mark = self.marks.read(line)
            self.note_mark(line, mark, f"{path}.{quote_text(role)}", cell.place)
            if mark is None:
                is_unsure = True
            elif mark.letters:
                letters[role], places[role] = mark.letters, cell.place
        return Task(
            name=name,
            letters={role: letters[role] for role in self.roles if role in letters},
            letter_places=places,
            due=self.read_due_date(text.due, path),
            phase=self.read_line(text.phase, MAX_PHASE_CHARACTERS, path) if text.phase else "",
            responsibilities=self.match_responsibilities(text.responsibilities, path),
            place=text.name.place,
            is_unsure=is_unsure,
        )

    # -- what is said of marks: once for each, however many cells have it

    def note_mark(self, line: str, mark: Mark | None, path: str, place: Place) -> None:
        """Keep in mind what is to be said of a cell."""
        if mark is None or mark.told_as or mark.remark:
            self.told.setdefault(line.casefold(), []).append(_ToldMark(line, mark, path, place))

    def report_marks(self, unclear: Mapping[str, str]) -> None:
        """Report the marks noted; `unclear` are those of a legend that mean none of the letters, with its words."""
        remarks: list[_ToldMark] = []
        for cells in self.told.values():
            first = cells[0]
            if first.mark is None:
                self.report_unclear_mark(cells, unclear.get(first.line.casefold(), ""))
                continue
            if first.mark.told_as:
                self.report_reading(first, _in_cells(cells))
            if first.mark.remark:
                remarks += cells
        if remarks:
            shown = ", ".join(f'"{quote_text(cell.line)}"' for cell in {cell.line: cell for cell in remarks}.values())
            message = f"only the letters are read of {quote_text(shown, 200)}: what stands beside them is left out"
            hint = "where it matters, say it in the name of the task"
            self.add_matrix_problem("raci-remark-left-out", message, hint, remarks[0].path, remarks[0].place, "W")

    def report_reading(self, cell: _ToldMark, where: str) -> None:
        """Say how a mark was read that could have been meant otherwise."""
        letters = cell.mark.letters if cell.mark else ""
        message = f'"{quote_text(cell.line)}"{where} is read as {letters or "no letter"}'
        hint = f'write "{letters or "-"}" if that is meant'
        severity: Severity = "N"
        if cell.mark and cell.mark.is_cut:
            message += ": a cell holds one letter, and only A and R go together"
            hint += "; who is to be told after, and not only asked before, needs a task of its own"
            severity = "W"
        self.add_matrix_problem("raci-mark-read", message, hint, cell.path, cell.place, severity)

    def report_unclear_mark(self, cells: list[_ToldMark], legend: str) -> None:
        first = cells[0]
        message = f'"{quote_text(first.line)}"{_in_cells(cells)} is not one of the letters R, A, C, I'
        hint = explain_marks(first.line)
        if legend:
            hint = f'the legend calls it "{quote_text(legend)}": {LETTERS_HINT}'
        if len(cells) > 1 or legend:
            example = f'letters: {{"{quote_text(first.line)}": C}}'
            hint += f'; or say below "raci:" in the deal file what it means, as in {example}'
        self.add_matrix_problem("unreadable", message, hint, first.path, first.place)

    def read_letter_meanings(self, texts: Iterable[tuple[PlacedEntry, PlacedEntry]]) -> dict[str, str]:
        """Return what the deal file says that marks of the chart mean, by mark in lower case."""
        found: dict[str, str] = {}
        for mark, letters in texts:
            meant = MarkReader().read(self.read_line(letters, _MAX_CHARACTERS, LETTERS_KEY))
            if meant is None or (meant.letters and meant.letters not in LETTERS):
                message = f'"{quote_text(letters.text)}" is not one of the letters R, A, C, I'
                path = f"{LETTERS_KEY}.{quote_text(mark.text)}"
                self.add_matrix_problem(
                    "unreadable", message, f'{LETTERS_HINT}, or "-" for nothing', path, letters.place
                )
            else:
                found[collapse_spaces(mark.text).casefold()] = meant.letters
        return found

    def read_due_date(self, text: PlacedEntry | None, path: str) -> date | None:
        line = self.read_line(text, _MAX_CHARACTERS, path) if text else ""
        if not text or not line:
            return None
        try:
            return read_date(line)
        except Unreadable as error:
            self.add_matrix_problem("unreadable", error.message, error.hint, f"{path}.due", text.place)
            return None

    def match_responsibilities(self, texts: Iterable[PlacedEntry], path: str) -> tuple[Responsibility, ...]:
        """Return the responsibilities that `texts` name, each by its text or by "Party: text"."""
        by_text = self.responsibilities_by_text()
        found: list[Responsibility] = []
        for text in texts:
            line = self.read_line(text, _MAX_CHARACTERS, path)
            if not line:
                continue
            if _fold(line) in by_text:
                found += by_text[_fold(line)]
            elif self.context.responsibilities_are_known:
                message = f'"{quote_text(line)}" is not a responsibility of the agreement'
                hint = suggest_choice(line, [known.text for known in self.context.responsibilities])
                self.add_matrix_problem("raci-unknown-responsibility", message, hint, f"{path}.carries out", text.place)
        return tuple(dict.fromkeys(found))

    def responsibilities_by_text(self) -> dict[str, list[Responsibility]]:
        """Return the responsibilities by each way to name them."""
        found: dict[str, list[Responsibility]] = {}
        for known in self.context.responsibilities:
            for text in (known.text, f"{known.party}: {known.text}"):
                found.setdefault(_fold(text), []).append(known)
        return found

    def is_responsibility(self, text: str) -> bool:
        return _fold(text) in self.responsibilities_by_text()


def _fold(text: str) -> str:
    """Return `text` for comparing: capitals and the full stop at its end do not matter."""
    return collapse_spaces(text).casefold().rstrip(".")


def _write_name(name: str) -> str:
    """Return a name as it is written in a deal file between braces."""
    shown = quote_text(name)
    return shown if re.fullmatch(r"\w[\w .'/&()-]*", shown) else f"'{shown.replace(chr(39), 2 * chr(39))}'"
