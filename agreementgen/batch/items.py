"""The deals of a batch: where each comes from, what decides its documents, and what these are called.

Nobody has read yet what the deals say. Names are made of facts by a pattern, and are good on Windows, macOS and Linux.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from agreementgen.core.opening import read_regular_file
from agreementgen.core.problems import AgreementError, InputError, Place, Problem, suggest_nearest
from agreementgen.core.saving import sha256_of
from agreementgen.deal.party_names import drop_legal_form
from agreementgen.library.deal_reading import form_of
from agreementgen.partners.rows import PartnerRow, apply_row
from agreementgen.partners.table import read_rows
from agreementgen.render.formats import AGREEMENT_FORMATS, CHART_FORMATS
from agreementgen.render.signing import RECIPIENTS_ENDING
from agreementgen.sheets.cells import BATCH_LIMITS, CellTable
from agreementgen.sheets.table_reader import read_cells, read_sheet
from agreementgen.sources import (
    DEAL_SUFFIXES,
    folder_of_deal,
    list_deal_files,
    open_library_for,
    read_deal_bytes,
    read_deal_text,
    source_name,
    split_deals,
)
from agreementgen.yamlfile.nodes import YamlText

TABLE_FILES = (".csv", ".tsv", ".txt", ".xlsx")
# What people have instead of a table that can be read.
_UNREADABLE_TABLE_FILES = (".xls", ".ods", ".xlsm", ".xlsb", ".numbers")
_NAMES_OPTION = Place("--names")
# In bytes of UTF-8. With "-raci.xlsx" it stays below what any file system takes (143 bytes on encrypted Linux folders).
LONGEST_STEM_BYTES = 100
# Windows keeps these for devices, with any ending and in any case.
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')
_FIELD = re.compile(r"\{([^{}]*)\}")
# {parties[1].short} counts from 0, {parties.2.short} from 1, as messages do.
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")
_PATTERN_HINT = "name facts, as in {kind}-{parties[1].short}-{effective}; {deal} is the deal file's or row's own name"


@dataclass(frozen=True)
class BatchItem:
    """One deal. `name` is unique in a batch and stays from run to run; `stem` is a short name for its documents.

    `source` is what problems without a place of their own name; `folder` holds the tables beside the deal. An item
    travels to other processes: it holds bytes and texts only. `data` is the deal's YAML, which begins in line
    `first_line` of `file`; with a `row`, it is the base deal's, and the row says what differs.
    """

    name: str
    stem: str
    source: str
    folder: Path
    data: bytes
    file: str = ""
    first_line: int = 1
    row: PartnerRow | None = None

    @property
    def digest(self) -> str:
        """Return a SHA-256 (hex) of all that was typed for this deal (not of the tables beside it)."""
        digested = self.data
        if row := self.row:
            cells = zip((address.path for _, address in row.plan.columns), row.texts, strict=True)
            digested += b"\0" + json.dumps([[*path, text] for path, text in cells if text.strip()]).encode()
            # A row that is refused is not the one whose documents were made, though it may show the same texts.
            digested += "".join(map(str, (*row.cell_problems, *row.row_problems))).encode()
        return sha256_of(digested)

    def read_answers(self) -> YamlText:
        """Return what was typed, with its places; raise InputError with every problem."""
        file = self.file or self.source
        if self.row is None:
            return read_deal_text(self.data, file, self.first_line)
        return apply_row(_read_base(self.data, file), self.row)


@lru_cache(maxsize=8)
def _read_base(data: bytes, file: str) -> YamlText:
    return read_deal_text(data, file)


def gather_items(sources: Sequence[str], packs: tuple[Path, ...] = ()) -> tuple[BatchItem, ...]:
    """Return the deals of files, folders and tables, in a fixed order; raise InputError with every problem.

    A table belongs to the deal file named before it, which is then a base and no deal of its own. `packs` are those of
    the command line: a table's heads are looked up among their questions too.
    """
    return _ItemGatherer(packs).gather(sources)


class _ItemGatherer:
    """`seen` are the deal files, each with its tables, that were read; what is named twice is one deal."""

    def __init__(self, packs: tuple[Path, ...]) -> None:
        self.packs = packs
        self.problems: list[Problem] = []
        self.bases: set[str] = set()
        self.seen: set[tuple[str, ...]] = set()

    def add_problem(self, message: str, hint: str, place: Place, code: str) -> None:
        self.problems.append(Problem(message, hint, place=place, code=code))

    def gather(self, sources: Sequence[str]) -> tuple[BatchItem, ...]:
        found: list[BatchItem] = []
        groups = self.group_sources(sources)
        self.bases = {_real_path(source) for source, tables in groups if tables}
        for source, tables in groups:
            if not self.is_new(source, *tables):
                continue
            try:
                if tables:
                    found += self.items_of_tables(source, tables)
                elif source != "-" and Path(source).is_dir():
                    found += self.items_of_folder(source)
                else:
                    found += self.items_of_file(source)
            except AgreementError as error:
                self.problems += error.problems
            except OSError as error:
                hint = "look whether it is there, and whether you may read it"
                self.add_problem(f"this cannot be read: {error.strerror}", hint, Place(source), "file-unreadable")
        if self.problems:
            raise InputError(self.problems)
        return tuple(_with_unique_names(found))

    def is_new(self, *files: str) -> bool:
        key = tuple(map(_real_path, files))
        if key in self.seen:
            return False
        self.seen.add(key)
        return True

    def group_sources(self, sources: Sequence[str]) -> list[tuple[str, list[str]]]:
        """Return the sources, each deal file with the tables named behind it."""
        groups: list[tuple[str, list[str]]] = []
        for source in sources:
            suffix = Path(_split_sheet(source)[0]).suffix.lower()
            if suffix in _UNREADABLE_TABLE_FILES:
                message = f"tables of the kind {suffix} are not read"
                self.add_problem(
                    message, "save it as .xlsx (Excel workbook) or as CSV UTF-8", Place(source), "table-format"
                )
            elif suffix not in TABLE_FILES or (source != "-" and Path(source).is_dir()):
                groups.append((source, []))
            elif groups and Path(groups[-1][0]).suffix.lower() in DEAL_SUFFIXES:
                groups[-1][1].append(source)
            else:
                hint = f"name the deal its rows are filled into first: agreementgen batch base.yaml {source}"
                message = "a table belongs to the deal file before it, and there is none"
                self.add_problem(message, hint, Place(source), "table-without-base")
        return groups

    # -- deal files

    def items_of_file(self, source: str) -> Iterator[BatchItem]:
        data = read_deal_bytes(source)
        file = source_name(source)
        deals = split_deals(data, file)
        folder, name, stem = folder_of_deal(source), Path(file).as_posix(), Path(file).stem
        if len(deals) == 1:
            yield BatchItem(name, stem, file, folder, deals[0].data, first_line=deals[0].first_line)
            return
        for number, deal in enumerate(deals, 1):
            parties = ", ".join(filter(None, deal.parties)) or f"deal {number}"
            deal_stem = slugify("-".join(deal.parties)) or f"{stem}-{number}"
            place = f"{file}, deal {number}"
            yield BatchItem(f"{name}: {parties}", deal_stem, place, folder, deal.data, file, deal.first_line)

    def items_of_folder(self, source: str) -> Iterator[BatchItem]:
        is_there_one = False
        for path in list_deal_files(source):
            is_there_one = True
            if _real_path(path) in self.bases or not self.is_new(path):
                continue
            try:
                items = list(self.items_of_file(path))
            except InputError as error:
                self.problems += error.problems
                continue
            for item in items:
                if not _names_kind(item.data):
                    hint = 'add its line "agreement: ..."; or name the deal files, or move this one elsewhere'
                    place = Place(path, item.first_line)
                    self.add_problem("this file in the folder is no deal file", hint, place, "not-a-deal")
            yield from items
        if not is_there_one:
            hint = f"deal files end with {DEAL_SUFFIXES[0]}"
            self.add_problem("there are no deal files in this folder", hint, Place(source), "empty")

    # -- tables

    def items_of_tables(self, source: str, tables: Sequence[str]) -> Iterator[BatchItem]:
        data = read_deal_bytes(source)
        if len(split_deals(data, source)) > 1:
            message = "a base deal is one deal, and this file holds several (with --- between them)"
            hint = "keep the base in a file of its own"
            raise InputError(Problem(message, hint, place=Place(source), code="wrong-shape"))
        base = _read_base(data, source)
        folder = Path(source).parent
        library = open_library_for(base, folder, self.packs)
        form = form_of(base, library)
        for table in tables:
            try:
                rows = read_rows(_read_table(table), table, base, form, library)
            except InputError as error:
                self.problems += error.problems
                continue
            for row in rows:
                name = f"{Path(table).as_posix()}: {_names_in_row(row) or f'row {row.number}'}"
                stem = slugify("-".join(short_names_in_row(row).values())) or f"{Path(table).stem}-{row.number}"
                yield BatchItem(name, stem, f"{table}, row {row.number}", folder, data, source, row=row)


def slugify(text: str) -> str:
    """Return a text as part of a file's name: plain small letters and figures with hyphens, "" where none is left."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub(r"[\W_]+", "-", plain.replace("'", "").replace("’", "")).strip("-")[:60].strip("-")


def _names_in_row(row: PartnerRow) -> str:
    """Return the legal names a row gives, or else the short ones: what makes a row's deal the same in the next run."""
    return ", ".join(filter(None, (_name_in_row(row, number) for number, _ in row.plan.short_names)))


def short_names_in_row(row: PartnerRow) -> dict[str, str]:
    """Return what the parties that a row names are called in the names of documents, by number.

    The short name of the base deal ("Partner") goes for every row: the row's own name is taken in its place.
    """
    found = {number: short for number, short in row.short_names().items() if _name_in_row(row, number)}
    for number, short in row.plan.short_names:
        if found.get(number) and found[number] == short and not row.text_at(("parties", number, "short")):
            found[number] = drop_legal_form(_name_in_row(row, number))
    return found


def _name_in_row(row: PartnerRow, number: str) -> str:
    return row.text_at(("parties", number, "name")) or row.text_at(("parties", number, "short"))


def _with_unique_names(items: Sequence[BatchItem]) -> Iterator[BatchItem]:
    """Yield the items with names of their own: one that is taken gets its base deal, then a number behind it."""
    taken: set[str] = set()
    for item in items:
        name = item.name
        if name in taken and item.row:
            name = f"{Path(item.file).as_posix()} + {item.name}"
        number, whole = 2, name
        while whole in taken:
            whole, number = f"{name} ({number})", number + 1
        taken.add(whole)
        yield item if whole == item.name else replace(item, name=whole)


def _real_path(source: str) -> str:
    return source if source == "-" else os.path.realpath(source)


def _names_kind(data: bytes) -> bool:
    return re.search(rb"""^["']?agreement["']?\s*:|[{,]\s*["']?agreement["']?\s*:""", data, re.MULTILINE) is not None


def _split_sheet(source: str) -> tuple[str, str]:
    """Return the file and the sheet of "partners.xlsx#North"; a file of that very name is taken whole."""
    file, mark, sheet = source.rpartition("#")
    return (file, sheet) if mark and file.lower().endswith(".xlsx") and not Path(source).exists() else (source, "")


def _read_table(source: str) -> CellTable:
    file, sheet = _split_sheet(source)
    data = _read_table_bytes(file)
    return read_sheet(data, file, sheet, BATCH_LIMITS) if sheet else read_cells(data, source, BATCH_LIMITS)


def _read_table_bytes(source: str) -> bytes:
    path, place = Path(source), Place(source)
    try:
        return read_regular_file(path, BATCH_LIMITS.bytes)
    except FileNotFoundError:
        there = [other.name for other in path.parent.glob("*.*") if other.suffix.lower() in TABLE_FILES]
        hint = (suggest_nearest(path.name, there) if there else "") or "look at the name and the folder"
        raise InputError(Problem("there is no such table", hint, place=place, code="file-missing")) from None
    except OSError as error:
        message, hint = f"the table cannot be read: {error.strerror}", "look whether you may read it"
        raise InputError(Problem(message, hint, place=place, code="file-unreadable")) from None


# -- names of documents


@dataclass(frozen=True)
class NamePattern:
    """A pattern taken apart: literal texts, and paths of facts."""

    text: str
    parts: tuple[str | tuple[str | int, ...], ...]

    def name_deal(
        self, kind: str, deal: str, facts: Mapping[str, object], shorts: Mapping[str, str] | None = None
    ) -> str:
        """Return the name, without an ending, of a deal's documents; raise InputError where it names no such fact.

        A fact that is not given leaves nothing behind, nor two hyphens in a row. `shorts` are names, by number, that
        stand for the short names of parties.
        """
        own = {"kind": kind, "deal": deal}
        by_path: dict[tuple[str | int, ...], str] = {
            ("parties", int(number) - 1, "short"): short for number, short in (shorts or {}).items()
        }
        found = "".join(
            part if isinstance(part, str) else slugify(by_path.get(part) or _fact_text(part, facts, own))
            for part in self.parts
        )
        found = re.sub(r"([-_ .])[-_ .]*(?=[-_ .])", "", found)
        return make_safe_name(found) or make_safe_name(slugify(deal)) or "deal"


@lru_cache(maxsize=8)
def read_name_pattern(text: str) -> NamePattern:
    """Return a pattern; raise InputError where it cannot name files."""
    problems = []
    literal = _FIELD.sub("", text)
    if "{" in literal or "}" in literal:
        problems.append(_pattern_problem(f'a brace is left over in "{text}"'))
    if bad := _FORBIDDEN.search(literal):
        hint = "for a folder a deal add --folders" if bad[0] in "/\\" else "take a hyphen"
        problems.append(_pattern_problem(f'"{bad[0]}" cannot stand in the name of a file', hint, "forbidden-character"))
    if not _FIELD.search(text):
        problems.append(_pattern_problem("all documents would have the same name", code="duplicate"))
    parts: list[str | tuple[str | int, ...]] = []
    end = 0
    for match in _FIELD.finditer(text):
        path = tuple(_parse_path(match[1].strip()))
        if not path:
            problems.append(_pattern_problem(f'"{match[0]}" is not the path of a fact'))
        parts += [text[end : match.start()], path]
        end = match.end()
    if problems:
        raise InputError(problems)
    return NamePattern(text, (*parts, text[end:]))


def _pattern_problem(message: str, hint: str = _PATTERN_HINT, code: str = "unreadable") -> Problem:
    return Problem(message, hint, place=_NAMES_OPTION, code=code)


def make_safe_name(name: str) -> str:
    """Return a name that every system takes and keeps as it is; "" where nothing of it is left."""
    plain = unicodedata.normalize("NFC", _FORBIDDEN.sub("-", name))
    plain = "".join(char for char in plain if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    plain = plain.strip("-_. ")
    if len(plain.encode()) > LONGEST_STEM_BYTES:
        # What was cut off still tells two names apart.
        mark = sha256_of(plain.encode())[:8]
        plain = plain.encode()[: LONGEST_STEM_BYTES - 9].decode(errors="ignore").rstrip("-_. ") + f"-{mark}"
    return f"{plain}-agreement" if _DEVICES.fullmatch(plain) else plain


def fold_name(path: str) -> str:
    """Return what two names have in common where a file system takes them for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def document_paths(
    stem: str, formats: Iterable[str], chart: bool, folders: bool, recipients: bool = False
) -> tuple[str, ...]:
    """Return the paths of a deal's documents below the folder of the batch, with forward slashes.

    `recipients` is whether a file beside them says who signs.
    """
    inside = f"{stem}/" if folders else ""
    names = [f"{inside}{stem}.{kind}" for kind in formats if kind in AGREEMENT_FORMATS]
    names += [f"{inside}{stem}-raci.{kind}" for kind in formats if chart and kind in CHART_FORMATS]
    return (*names, *([f"{inside}{stem}{RECIPIENTS_ENDING}"] if recipients else []))


def _parse_path(text: str) -> Iterator[str | int]:
    """Yield the steps of a path: names, and indexes from 0; nothing where it is none."""
    end = 0
    found: list[str | int] = []
    for step in _STEP.finditer(text):
        if step.start() != end:
            return
        end = step.end()
        number = step[2] or step[1]
        if not (number.isdecimal() and number.isascii()):
            found.append(number.strip())
        elif step[2] or int(number):
            found.append(int(number) - (not step[2]))
        else:
            return  # there is no party 0
    if end == len(text):
        yield from found


def _fact_text(path: tuple[str | int, ...], facts: Mapping[str, object], own: Mapping[str, str]) -> str:
    """Return a fact as text. Only entries of dictionaries and tuples are looked up, never attributes."""
    if len(path) == 1 and path[0] in own:
        return own[str(path[0])]
    value: object = facts
    for step in path:
        if value is None:
            return ""
        if isinstance(step, int) and isinstance(value, tuple):
            if not 0 <= step < len(value):
                return ""
            value = value[step]
        elif isinstance(step, str) and isinstance(value, Mapping) and step.replace(" ", "_") in value:
            value = value[step.replace(" ", "_")]
        else:
            known = [str(key) for key in value] if isinstance(value, Mapping) else []
            hint = suggest_nearest(str(step), [*known, *own]) or _PATTERN_HINT
            message = f'the pattern names "{_describe_path(path)}", which is no fact of this deal'
            raise InputError(_pattern_problem(message, hint, "unknown-name"))
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case date():
            return value.isoformat()
        case str() | int() | Decimal():
            return str(value)
        case tuple() | Mapping():
            message = f'the pattern names "{_describe_path(path)}", which is several facts'
            raise InputError(_pattern_problem(message, f"name one of them; {_PATTERN_HINT}", "wrong-shape"))
    return str(getattr(value, "name", "") or value)


def _describe_path(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
