"""The deals of a batch, before anybody reads what they say: where each comes from, and what decides its documents.

The names of documents: made from a deal's facts by a pattern, and good on Windows, macOS and Linux alike.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from agreementgen.core.problems import AgreementError, InputError, Place, Problem, suggest_nearest
from agreementgen.core.saving import sha256_of
from agreementgen.partners.rows import PartnerRow, apply_row
from agreementgen.render.formats import AGREEMENT_FORMATS, CHART_FORMATS
from agreementgen.sheets.cells import BATCH_LIMITS
from agreementgen.sheets.table_reader import read_cells
from agreementgen.sources import (
    DEAL_SUFFIXES,
    list_deal_files,
    open_library_for,
    read_deal_bytes,
    read_deal_text,
    split_deals,
)
from agreementgen.yamlfile.nodes import YamlText

TABLE_FILES = (".csv", ".tsv", ".txt", ".xlsx")
# What people have instead of a table that can be read.
_UNREADABLE_TABLE_FILES = (".xls", ".ods", ".xlsm", ".xlsb", ".numbers")
_STDIN = "standard input"


@dataclass(frozen=True)
class BatchItem:
    """One deal. `name` is unique in a batch and stays from run to run; `stem` is a short name for its documents.

    `source` is what problems without a place of their own name; `folder` holds the tables beside the deal. An Item
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
        found = hashlib.sha256(self.data)
        if self.row:
            said = zip((address.path for _, address in self.row.plan.columns), self.row.texts, strict=True)
            found.update(b"\0" + json.dumps([[*path, text] for path, text in said if text.strip()]).encode())
            # A row that is refused is not the one whose documents were made, though it may show the same texts.
            found.update("".join(map(str, (*self.row.cell_problems, *self.row.row_problems))).encode())
        return found.hexdigest()

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


@dataclass
class _ItemGatherer:
    packs: tuple[Path, ...]
    problems: list[Problem] = field(default_factory=list)

    def gather(self, sources: Sequence[str]) -> tuple[BatchItem, ...]:
        found: list[BatchItem] = []
        groups = self.group_sources(sources)
        bases = {_real_path(source) for source, tables in groups if tables}
        seen: set[tuple[str, ...]] = set()
        for source, tables in groups:
            key = (_real_path(source), *(_real_path(table) for table in tables))
            if key in seen:
                continue
            seen.add(key)
            try:
                if tables:
                    found += self.items_of_tables(source, tables)
                elif source != "-" and Path(source).is_dir():
                    found += self.items_of_folder(
                        source, bases, seen, tables_named={_real_path(t) for _, ts in groups for t in ts}
                    )
                else:
                    found += self.items_of_file(source)
            except AgreementError as error:
                self.problems += error.problems
            except OSError as error:
                hint = "look whether it is there, and whether you may read it"
                message = f"this cannot be read: {error.strerror}"
                self.problems.append(Problem(message, hint, "", Place(source)))
        if self.problems:
            raise InputError(self.problems)
        return tuple(_with_unique_names(found))

    def group_sources(self, sources: Sequence[str]) -> list[tuple[str, list[str]]]:
        """Return the sources, each deal file with the tables named behind it."""
        groups: list[tuple[str, list[str]]] = []
        for source in sources:
            suffix = Path(source).suffix.lower()
            place = Place(source)
            if suffix in _UNREADABLE_TABLE_FILES:
                hint = "save it as .xlsx (Excel workbook) or as CSV UTF-8"
                self.problems.append(Problem(f"tables of the kind {suffix} are not read", hint, "", place))
            elif suffix not in TABLE_FILES or (source != "-" and Path(source).is_dir()):
                groups.append((source, []))
            elif groups and Path(groups[-1][0]).suffix.lower() in DEAL_SUFFIXES:
                groups[-1][1].append(source)
            else:
                hint = f"name the deal its rows are filled into first: agreementgen batch base.yaml {source}"
                message = "a table belongs to the deal file before it, and there is none"
                self.problems.append(Problem(message, hint, "", place))
        return groups

    # -- deal files

    def items_of_file(self, source: str) -> Iterator[BatchItem]:
        data = read_deal_bytes(source)
        shown = _STDIN if source == "-" else source
        parts = split_deals(data, shown)
        folder, name = Path("." if source == "-" else source).parent, Path(shown).as_posix()
        for number, part in enumerate(parts, 1):
            if len(parts) == 1:
                yield BatchItem(name, Path(shown).stem, shown, folder, part.data, first_line=part.first_line)
                continue
            who = ", ".join(filter(None, part.parties))
            here = f"{shown}, deal {number}"
            stem = slugify("-".join(part.parties)) or f"{Path(shown).stem}-{number}"
            label = f"{name}: {who}" if who else f"{name}: deal {number}"
            yield BatchItem(label, stem, here, folder, part.data, shown, part.first_line)

    def items_of_folder(
        self, source: str, bases: set[str], seen: set[tuple[str, ...]], tables_named: set[str]
    ) -> Iterator[BatchItem]:
        found = 0
        for path in list_deal_files(source):
            found += 1
            if _real_path(path) in bases or (_real_path(path),) in seen:
                continue
            seen.add((_real_path(path),))
            try:
                items = list(self.items_of_file(path))
                for item in items:
                    if not _names_kind(item.data):
                        hint = 'add its line "agreement: ..."; or name the deal files, or move this one elsewhere'
                        self.problems.append(
                            Problem("this file in the folder is no deal file", hint, "", Place(path, item.first_line))
                        )
                yield from items
            except InputError as error:
                self.problems += error.problems
        if not found:
            hint = f"deal files end with {DEAL_SUFFIXES[0]}"
            self.problems.append(Problem("there are no deal files in this folder", hint, "", Place(source)))

    # -- tables

    def items_of_tables(self, source: str, tables: Sequence[str]) -> Iterator[BatchItem]:
        from agreementgen.partners.table import read_rows
        from agreementgen.pipeline import form_of

        data = read_deal_bytes(source)
        if len(split_deals(data, source)) > 1:
            message = "a base deal is one deal, and this file holds several (with --- between them)"
            raise InputError(Problem(message, "keep the base in a file of its own", "", Place(source)))
        base = _read_base(data, source)
        library = open_library_for(base, Path(source).parent, self.packs)
        form = form_of(base, library)
        for table in tables:
            try:
                found = read_rows(read_cells(_read_table_bytes(table), table, BATCH_LIMITS), table, base, form, library)
            except InputError as error:
                self.problems += error.problems
                continue
            for row in found:
                who = _names_in_row(row)
                label = f"{Path(table).as_posix()}: {who}" if who else f"{Path(table).as_posix()}: row {row.number}"
                stem = slugify(_short_names_in_row(row)) or f"{Path(table).stem}-{row.number}"
                here = f"{table}, row {row.number}"
                yield BatchItem(label, stem, here, Path(source).parent, data, source, row=row)


def slugify(text: str) -> str:
    """Return a text as part of a file's name: plain small letters and figures with hyphens, "" where none is left."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub(r"[\W_]+", "-", plain.replace("'", "").replace("’", "")).strip("-")[:60].strip("-")


def _names_in_row(row: PartnerRow) -> str:
    """Return the legal names a row gives, or else the short ones: what makes a row's deal the same in the next run."""
    found = []
    for number, _ in row.plan.short_names:
        found.append(row.text_at(("parties", number, "name")) or row.text_at(("parties", number, "short")))
    return ", ".join(filter(None, found))


def _short_names_in_row(row: PartnerRow) -> str:
    shorts = row.short_names()
    given = [n for n in shorts if row.text_at(("parties", n, "name")) or row.text_at(("parties", n, "short"))]
    return "-".join(shorts[n] for n in given)


def _with_unique_names(items: Sequence[BatchItem]) -> Iterator[BatchItem]:
    """Yield the items with names of their own: one that is taken gets its base deal, then a number behind it."""
    from dataclasses import replace

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
    return source if source == "-" else str(Path(source).resolve())


def _names_kind(data: bytes) -> bool:
    return re.search(rb"""^["']?agreement["']?\s*:|[{,]\s*["']?agreement["']?\s*:""", data, re.MULTILINE) is not None


def _read_table_bytes(source: str) -> bytes:
    path, place = Path(source), Place(source)
    try:
        with path.open("rb") as stream:
            return stream.read(BATCH_LIMITS.bytes + 1)
    except FileNotFoundError:
        there = (
            [p.name for p in path.parent.glob("*.*") if p.suffix.lower() in TABLE_FILES] if path.parent.is_dir() else []
        )
        hint = (suggest_nearest(path.name, there) if there else "") or "look at the name and the folder"
        raise InputError(Problem("there is no such table", hint, "", place)) from None
    except OSError as error:
        hint = "look whether you may read it"
        raise InputError(Problem(f"the table cannot be read: {error.strerror}", hint, "", place)) from None


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
class NamePattern:
    """A pattern taken apart: literal texts, and paths of facts."""

    text: str
    parts: tuple[str | tuple[str | int, ...], ...]

    def name_deal(self, kind: str, deal: str, facts: Mapping[str, Any]) -> str:
        """Return the name, without an ending, of a deal's documents; raise InputError where it names no such fact.

        A fact that is not given leaves nothing behind, nor two hyphens in a row.
        """
        own = {"kind": kind, "deal": deal}
        found = "".join(part if isinstance(part, str) else slugify(_fact_text(part, facts, own)) for part in self.parts)
        found = re.sub(r"([-_ .])[-_ .]*(?=[-_ .])", "", found)
        return make_safe_name(found) or make_safe_name(slugify(deal)) or "deal"


def read_name_pattern(text: str) -> NamePattern:
    """Return a pattern; raise InputError where it cannot name files."""
    problems = []
    literal = _FIELD.sub("", text)
    if "{" in literal or "}" in literal:
        problems.append(Problem(f'a brace is left over in "{text}"', _PATTERN_HINT, "", _NAMES_OPTION))
    bad = _FORBIDDEN.search(literal)
    if bad:
        hint = "for a folder a deal add --folders" if bad[0] in "/\\" else "take a hyphen"
        problems.append(Problem(f'"{bad[0]}" cannot stand in the name of a file', hint, "", _NAMES_OPTION))
    if not _FIELD.search(text):
        problems.append(Problem("all documents would have the same name", _PATTERN_HINT, "", _NAMES_OPTION))
    parts: list[str | tuple[str | int, ...]] = []
    end = 0
    for match in _FIELD.finditer(text):
        path = tuple(_parse_path(match[1].strip()))
        if not path:
            problems.append(Problem(f'"{match[0]}" is not the path of a fact', _PATTERN_HINT, "", _NAMES_OPTION))
        parts += [text[end : match.start()], path]
        end = match.end()
    if problems:
        raise InputError(problems)
    return NamePattern(text, (*parts, text[end:]))


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


def document_paths(stem: str, formats: Iterable[str], chart: bool, folders: bool) -> tuple[str, ...]:
    """Return the paths of a deal's documents below the folder of the batch, with forward slashes."""
    inside = f"{stem}/" if folders else ""
    names = [f"{inside}{stem}.{kind}" for kind in formats if kind in AGREEMENT_FORMATS]
    return (*names, *(f"{inside}{stem}-raci.{kind}" for kind in formats if chart and kind in CHART_FORMATS))


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


def _fact_text(path: tuple[str | int, ...], facts: Mapping[str, Any], own: Mapping[str, str]) -> str:
    """Return a fact as text. Only entries of dictionaries and tuples are looked up, never attributes."""
    if len(path) == 1 and path[0] in own:
        return own[str(path[0])]
    here: Any = facts
    for step in path:
        if here is None:
            return ""
        if isinstance(step, int) and isinstance(here, tuple):
            if not 0 <= step < len(here):
                return ""
            here = here[step]
        elif isinstance(step, str) and isinstance(here, Mapping) and step.replace(" ", "_") in here:
            here = here[step.replace(" ", "_")]
        else:
            known = [str(key) for key in here] if isinstance(here, Mapping) else []
            hint = suggest_nearest(str(step), [*known, *own]) or _PATTERN_HINT
            raise InputError(
                Problem(
                    f'the pattern names "{_describe_path(path)}", which is no fact of this deal',
                    hint,
                    "",
                    _NAMES_OPTION,
                )
            )
    match here:
        case None:
            return ""
        case bool():
            return "yes" if here else "no"
        case date():
            return here.isoformat()
        case str() | int() | Decimal():
            return str(here)
        case tuple() | Mapping():
            message = f'the pattern names "{_describe_path(path)}", which is several facts'
            raise InputError(Problem(message, f"name one of them; {_PATTERN_HINT}", "", _NAMES_OPTION))
    return str(getattr(here, "name", "") or here)


def _describe_path(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
