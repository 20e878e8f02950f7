"""Reads finished documents once more before they are written: every word of the agreement stands in each of them.

A writer that loses a word, a party in another's place, a tag that nobody filled in: nobody should find that after
signing. What is found here is a fault of the program (or of a pack's page), never of the deal, and says so.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from xml.etree import ElementTree

from agreementgen.core.document import (
    Chart,
    Document,
    ItemList,
    Paragraph,
    Table,
    runs_of_block,
    text_of_document,
    text_of_runs,
)
from agreementgen.core.problems import LayoutError, Place, Problem
from agreementgen.core.typography import straighten
from agreementgen.deal.deal import Deal
from agreementgen.ooxml import W

_HINT = "this is a fault of the program, not of the deal: please report it with the deal file; nothing was written"
_HINT_OF_PACK = "look at the page and style sheet of the pack"
_MOST_PROBLEMS = 10
# A paragraph goes on behind the foot of a page; what is shorter than two such pieces never does.
_LEAST_PIECE, _MOST_PIECES = 12, 4
# The tags of clauses and Word files, and the characters that stand for what is put in last.
_LEFTOVER = re.compile("\\{\\{|\\}\\}|\\{%|%\\}|\\{#|#\\}|[\ue000-\uf8ff]")
_QUOTES = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'}
# What breaks or forbids a line break and prints nothing.
_PRINTS_NOTHING = re.compile("[\u00ad\u200b\u2060\ufeff]")
_TEXT, _NO_BREAK_HYPHEN = f"{W}t", f"{W}noBreakHyphen"
# What no document holds, and nothing changes.
_BETWEEN_PARTS = "\0"


def proofread_document(deal: Deal, document: Document) -> None:
    """Raise LayoutError where the drafted agreement itself cannot be right: parties, numbers, empty parts, tags."""
    problems = [_make_problem(deal, message) for message in _each_fault(deal, document)]
    if problems:
        raise LayoutError(problems[:_MOST_PROBLEMS])


def proofread_files(
    deal: Deal, document: Document, texts: Mapping[str, Callable[[], str]], of_pack: Collection[str] = ()
) -> tuple[Problem, ...]:
    """Look whether each of `texts`, by its format, holds all that `document` says.

    Raise LayoutError where one does not. For formats whose page is a pack's (`of_pack`), return warnings: a pack may
    leave parts out.
    """
    parts = _normalize_parts(document)
    problems = []
    for name, read_text in texts.items():
        text, own_page = normalize_text(read_text()), name not in of_pack
        messages = [f"the {name.upper()} lacks words of the agreement ({what})" for what in _each_lost(text, parts)]
        messages += [
            f'the {name.upper()} holds a tag that was not filled in: "{tag}"' for tag in _each_leftover(text, deal)
        ]
        problems += [_make_problem(deal, message, own_page) for message in messages]
    if faults := [problem for problem in problems if problem.severity == "E"]:
        raise LayoutError(faults[:_MOST_PROBLEMS])
    return tuple(problems[:_MOST_PROBLEMS])


def _normalize_parts(document: Document) -> list[tuple[str, str]]:
    """Return `each_part` of a document with its letters alone; normalized together, which is faster."""
    parts = list(each_part(document))
    texts = normalize_text(_BETWEEN_PARTS.join(text for _, text in parts)).split(_BETWEEN_PARTS)
    return [(what, text) for (what, _), text in zip(parts, texts, strict=True)]


def _each_lost(text: str, parts: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield what those parts belong to that do not stand in `text` as often as they were drafted."""
    # Most pages say everything in the order in which it was drafted.
    at = 0
    for _, part in parts:
        at = text.find(part, at) + len(part)
        if at < len(part):
            break
    else:
        return
    # A short part, such as the price in a cell, may stand elsewhere, too: it must be there as often as it was drafted.
    drafted = "\n".join(part for _, part in parts)
    first_places = {part: what for what, part in reversed(parts)}
    for part, what in first_places.items():
        times = drafted.count(part)
        if text.count(part) < times and not _holds(text, part, times):
            yield what


def _each_leftover(text: str, deal: Deal) -> Iterator[str]:
    """Yield the tags in a text without spaces that nobody typed."""
    if tags := set(_LEFTOVER.findall(text)):
        typed = normalize_text(" ".join(str(answer.value) for answer in deal.answers))
        yield from (tag for tag in sorted(tags) if tag not in typed)


def _make_problem(deal: Deal, message: str, own_page: bool = True) -> Problem:
    place = Place(deal.source)
    if own_page:
        return Problem(message, _HINT, "", place, code="document-faulty")
    return Problem(message, _HINT_OF_PACK, "", place, code="document-faulty", severity="W")


# -- the document


def _each_fault(deal: Deal, document: Document) -> Iterator[str]:
    names = [party.name for party in deal.parties]
    # Quotes are curled on the page.
    printed = [straighten(name) for name in names]
    # A party may be signed for by two people: its lines stand beside each other.
    signing = [party for party, _ in groupby(signature.party for signature in document.signatures)]
    if not len(document.parties) == len(signing) == len(names):
        yield f"{len(document.parties)} parties, and lines to sign for {len(signing)}, where the deal has {len(names)}"
    for name, box, signed in zip(printed, document.parties, signing, strict=False):
        if name not in straighten(box.name):
            yield f'"{box.name}" stands where {name} belongs'
        if name not in straighten(signed):
            yield f'"{signed}" stands where {name} signs'
    if [clause.number for clause in document.clauses] != list(range(1, len(document.clauses) + 1)):
        yield "clauses are not numbered one by one"
    if [schedule.letter for schedule in document.schedules] != sorted({s.letter for s in document.schedules}):
        yield "schedules are not lettered one by one"
    for what, text in each_part(document):
        if not text.strip():
            yield f"nothing stands in a part of the agreement ({what})"
    typed = " ".join(str(answer.value) for answer in deal.answers)
    for tag in sorted(set(_LEFTOVER.findall(text_of_document(document)))):
        if tag not in typed:
            yield f'a tag was not filled in: "{tag}"'


def each_part(document: Document) -> Iterator[tuple[str, str]]:
    """Yield what the agreement says, in stretches that are printed in one piece, each with what it belongs to.

    They are in the order of our page, but for schedules that stand below the signatures.
    Numbers of clauses and letters of lists are not in them: Word counts these itself.
    """
    yield "title", document.title
    if document.effective:
        yield "effective date", document.effective
    for box in document.parties:
        where = f"party {box.short}"
        yield where, box.name
        yield from ((where, line) for line in box.lines)
    for row in document.rows:
        yield f"key term {row.label}", row.label
        yield f"key term {row.label}", text_of_runs(row.runs)
    if document.apart is None:
        yield from _each_of_clauses(document)
        yield from _each_of_signatures(document)
    else:
        yield from _each_of_signatures(document)
        yield from _each_of_clauses(document)
    for schedule in document.schedules:
        where = f"schedule {schedule.letter}"
        yield where, schedule.title
        yield from ((where, text) for text in _each_text(schedule.blocks))


def _each_of_clauses(document: Document) -> Iterator[tuple[str, str]]:
    for clause in document.clauses:
        where = f"clause {clause.number}"
        yield where, clause.heading
        if not clause.blocks:
            yield where, ""
        yield from ((where, text) for text in _each_text(clause.blocks))


def _each_of_signatures(document: Document) -> Iterator[tuple[str, str]]:
    if document.agreed:
        yield "the sentence above the lines to sign", document.agreed
    for signature in document.signatures:
        for text in (*signature.party.split("\n"), signature.name):
            if text:
                yield "signatures", text


def _each_text(blocks: Iterable[Paragraph | ItemList | Table | Chart]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Chart):
            yield from (task.name for task in block.tasks)
            yield from (role.name for role in block.roles)
        else:
            # Cells of a table may be empty; paragraphs and items may not.
            texts = [text_of_runs(runs) for runs in runs_of_block(block)]
            yield from (text for text in texts if text.strip() or not isinstance(block, Table))


# -- finished files


def text_of_word_file(data: bytes) -> str:
    """Return the text of a Word file, its headers and footers first."""
    pieces = []
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = [name for name in package.namelist() if re.fullmatch(r"word/(header|footer)\d*\.xml", name)]
        for name in (*names, "word/document.xml"):
            for node in ElementTree.fromstring(package.read(name)).iter():
                if node.tag == _TEXT:
                    pieces.append(node.text or "")
                elif node.tag == _NO_BREAK_HYPHEN:
                    pieces.append("\u2011")
    return "".join(pieces)


def take_out_marks(text: str, marks: Iterable[str], source: str) -> str:
    """Return a text without the marks of a signing service; raise LayoutError where one is not there exactly once."""
    for mark in marks:
        if text.count(mark) != 1:
            message = f'the document has the mark "{mark}" {text.count(mark)} times, where it belongs once'
            hint = "a firm's Word file needs the part {{ signatures }}; a fact may not hold a mark"
            raise LayoutError(Problem(message, hint, "", Place(source), code="signing-place"))
        text = text.replace(mark, "")
    return text


def normalize_text(text: str) -> str:
    """Return the letters of a text alone, the same however it was broken into lines, quoted or set in capitals."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _PRINTS_NOTHING.sub("", text))
        for curled, straight in _QUOTES.items():
            text = text.replace(curled, straight)
    return "".join(text.casefold().split())


def _holds(text: str, part: str, times: int = 1) -> bool:
    """Return whether `part` stands in `text` so often, but for one that is cut where a page or column ends."""
    if text.count(part) < times - 1:
        return False
    text = text.replace(part, "\n")
    pieces = 0
    while part and pieces < _MOST_PIECES:
        low, high = 0, len(part)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if part[:middle] in text else (low, middle - 1)
        if low < _LEAST_PIECE:
            return False
        part, pieces = part[low:], pieces + 1
    return not part
