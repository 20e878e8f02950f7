"""An edited Word file, read back as the parts of the agreement that was sent.

A part is known by its bookmark: the paragraph or cell that holds the start of it. Where the bookmark is gone, by its
label or heading. What stands nowhere in the agreement is new. Changes that Word has tracked are read as if accepted,
and told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from agreementgen import ooxml
from agreementgen.core.document import Document, Run
from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.life.parts import Kind, Part, PartChange, StyledLine, list_parts
from agreementgen.ooxml import W
from agreementgen.render.word_structure import PREFIX

_DELETED = (f"{W}del", f"{W}moveFrom")
_TRACKED = (*_DELETED, f"{W}ins", f"{W}moveTo")
# A field that counts a clause, by the clause's bookmark.
_REFERENCE = re.compile(rf"\s*REF\s+({PREFIX}\w+)")
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_SPACES = tuple(f"{W}{name}" for name in ("tab", "ptab", "br", "cr"))
_FIELDS = tuple(f"{W}{name}" for name in ("fldChar", "instrText", "fldSimple"))
_LEAVES = (f"{W}t", _MATH_TEXT, f"{W}sym", f"{W}noBreakHyphen", *_SPACES, *_FIELDS)
_CHOICES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# What holds paragraphs, tables, rows or cells, and is none itself: content controls, tags of programs, tracked changes,
# and what is written in two ways, for old programs and new ones.
_HOLDERS = (
    *(f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo")),
    *(f"{_CHOICES}{name}" for name in ("AlternateContent", "Choice", "Fallback")),
)
# Parts that print beside the text, and what they are called.
_BESIDE = {"header": "a header", "footer": "a footer", "footnotes": "a footnote", "endnotes": "an endnote"}
# Letters of fonts of signs have no meaning of their own: "F0B7" is a point in one font and a heart in another.
_PRIVATE_LETTERS = range(0xE000, 0xF900)
_MARKED = ("party", "row", "clause", "schedule")


@dataclass
class _ReadParagraph:
    """A paragraph as it reads with all changes accepted; `comments` are the ids of those that begin in it."""

    text: str
    style: str
    names: tuple[str, ...]
    comments: tuple[str, ...]
    tracked: bool
    gone: bool


@dataclass
class _FoundPart:
    """The paragraphs of one part; `how` is "" where its bookmark told, else what did."""

    paragraphs: list[_ReadParagraph] = field(default_factory=list)
    how: str = ""

    @property
    def text(self) -> str:
        return "\n".join(paragraph.text for paragraph in self.paragraphs if paragraph.text)


@dataclass(frozen=True)
class ReturnedPart:
    """What became of a part, whether Word tracked it, what was doubtful in knowing it, and comments in it.

    `moved_behind` is the title of the part behind which it was moved, "" where it stands in its place.
    """

    change: PartChange
    tracked: bool
    remark: str
    comments: tuple[str, ...]
    moved_behind: str = ""

    @property
    def is_changed(self) -> bool:
        return self.change.state != "unchanged" or bool(self.moved_behind)


@dataclass(frozen=True)
class ReturnedFile:
    """`elsewhere` are texts that stand outside rows and clauses, in headers and notes, too, and were not there, or are
    no longer; and what cannot be read.
    """

    parts: tuple[ReturnedPart, ...]
    elsewhere: tuple[str, ...]
    is_marked: bool

    @property
    def changed(self) -> tuple[ReturnedPart, ...]:
        return tuple(one for one in self.parts if one.is_changed or one.comments)


def read_returned(data: bytes, name: str, document: Document, sent: bytes, marks: Iterable[str] = ()) -> ReturnedFile:
    """Return what became of each part of `document`; raise InputError for a file that is none of it.

    `sent` is the Word file that is built of it, for its headers and footers. `marks` are those of signing services,
    which are no words of it.
    """
    try:
        package = ooxml.open_package(data)
        for part in package.xml_parts:
            ooxml.check_xml(package.parts[part])
        reader = _WordReader(package, list_parts(document), tuple(marks), _texts_beside(ooxml.open_package(sent)))
        reader.read()
    except ooxml.PackageRefused as error:
        raise InputError(Problem(error.message, error.hint, "", Place(name), code="file-unreadable")) from None
    known = sum(1 for key in reader.found if key in reader.parts)
    if known * 4 < len(reader.parts):
        message = (
            f"this file is not the Word file of this deal: {known} of {len(reader.parts)} rows and clauses were found"
        )
        hint = "name the file that came back, and the deal file that it was built of"
        raise InputError(Problem(message, hint, "", Place(name), code="no-deal"))
    return reader.result()


def squash(text: str) -> str:
    """Return a text as it is compared: single spaces, no bars between cells."""
    return " ".join(re.sub(r"[|\u00a0]", " ", text.replace("\u2011", "-")).split())


class _WordReader:
    def __init__(
        self, package: ooxml.Package, parts: Sequence[Part], marks: Sequence[str], sent_beside: Mapping[str, str]
    ) -> None:
        self.marks = marks
        self.sent_beside = sent_beside
        self.package = package
        self.main = package.read_part(ooxml.name_of_main_part(package))
        self.all_parts = parts
        self.parts: Mapping[str, Part] = {part.key: part for part in parts if part.kind in _MARKED}
        self.styles = self._read_styles()
        self.comments = self._read_comments()
        self.sentences = {squash(part.text) for part in parts if part.kind == "sentence"}
        self.by_title: dict[tuple[str, str], str] = {
            (part.kind, squash(part.title).casefold()): part.key for part in self.parts.values()
        }
        clauses = (part.key for part in self.parts.values() if part.kind == "clause")
        self.numbers = {key: str(number) for number, key in enumerate(clauses, 1)}
        self.bookmarks = {start.get(f"{W}name", "") for start in self.main.iter(f"{W}bookmarkStart")}
        self.found: dict[str, _FoundPart] = {}
        self.emptied: dict[str, _FoundPart] = {}
        self.doubtful: dict[str, str] = {}
        self.new: list[tuple[Kind, str, _FoundPart]] = []
        self.rest: list[_ReadParagraph] = []
        self.before = ""

    # -- what stands in the file

    def _read_styles(self) -> dict[str, str]:
        if "word/styles.xml" not in self.package.parts:
            return {}
        names = {}
        for style in self.package.read_part("word/styles.xml").iter(f"{W}style"):
            name = style.find(f"{W}name")
            names[style.get(f"{W}styleId", "")] = name.get(f"{W}val", "") if name is not None else ""
        return names

    def _read_comments(self) -> dict[str, str]:
        if "word/comments.xml" not in self.package.parts:
            return {}
        found = {}
        for node in self.package.read_part("word/comments.xml").iter(f"{W}comment"):
            text = " ".join("".join(text.text or "" for text in node.iter(f"{W}t")).split())
            found[node.get(f"{W}id", "")] = f"{node.get(f'{W}author', 'somebody')}: {text}"
        return found

    def read_paragraph(self, node: Element) -> _ReadParagraph:
        style = node.find(f"{W}pPr/{W}pStyle")
        own = node.find(f"{W}pPr/{W}rPr")
        marks = [] if own is None else [child for child in own if child.tag in _TRACKED]
        tracked = bool(marks) or any(child.tag in _TRACKED for child in node.iter())
        starts = (start.get(f"{W}name", "") for start in node.iter(f"{W}bookmarkStart"))
        text = "".join(self.each_text(node))
        for mark in self.marks:
            text = text.replace(mark, "")
        return _ReadParagraph(
            squash(text),
            self.styles.get(style.get(f"{W}val", ""), "") if style is not None else "",
            tuple(name for name in starts if name.startswith(PREFIX)),
            tuple(one.get(f"{W}id", "") for one in node.iter(f"{W}commentReference")),
            tracked,
            any(child.tag in _DELETED for child in marks),
        )

    def each_text(self, node: Element) -> Iterator[str]:
        """Yield what a node reads with all changes accepted.

        The number of a clause that Word counts is the one that was sent: where a clause came or went before it, it
        names the same clause by another number.
        """
        code, is_result, is_told = "", False, False
        for leaf in _each_leaf(node):
            mark = leaf.get(f"{W}fldCharType") if leaf.tag == f"{W}fldChar" else ""
            if mark == "begin":
                code, is_result, is_told = "", False, False
            elif leaf.tag == f"{W}instrText":
                code += leaf.text or ""
            elif mark == "separate":
                number = self.number_sent(code)
                is_result, is_told = True, bool(number)
                yield number
            elif mark == "end":
                is_result = False
            elif leaf.tag == f"{W}fldSimple":
                yield self.number_sent(leaf.get(f"{W}instr", "")) or "".join(self.each_text(_inside(leaf)))
            elif not (is_result and is_told):
                yield _text_of_leaf(leaf)

    def number_sent(self, code: str) -> str:
        """Return the number that a field's clause was sent with; "" where it points to none that is there."""
        target = _REFERENCE.match(code)
        return self.numbers.get(target[1], "") if target and target[1] in self.bookmarks else ""

    # -- parts

    def read(self) -> None:
        body = self.main.find(f"{W}body")
        current: _FoundPart | None = None
        for node in self.each_block(body) if body is not None else ():
            if node.tag == f"{W}tbl":
                current = self.read_table(node, current)
            elif node.tag == f"{W}p":
                current = self.read_top_paragraph(self.read_paragraph(node), current)
            elif node.tag not in _DELETED and (other := self.read_paragraph(node)).text:
                # Formulas may stand alone, and programs write what they like: its words are told.
                self.rest.append(other)

    def each_block(self, body: Element) -> Iterator[Element]:
        """Yield the paragraphs and tables of the text; paragraphs are one where the end between them was deleted."""
        open_paragraph = None
        for node in list(_each_inside(body)):
            if open_paragraph is not None and node.tag == f"{W}p":
                open_paragraph.extend(child for child in list(node) if child.tag != f"{W}pPr")
            else:
                if open_paragraph is not None:
                    yield open_paragraph
                open_paragraph = node if node.tag == f"{W}p" else None
                if open_paragraph is None:
                    yield node
            # What was deleted whole leaves nothing for the next paragraph to be joined with.
            if open_paragraph is not None and not (
                node.tag == f"{W}p" and _lost_its_end(node) and "".join(self.each_text(open_paragraph)).strip()
            ):
                yield open_paragraph
                open_paragraph = None
        if open_paragraph is not None:
            yield open_paragraph

    def read_top_paragraph(self, paragraph: _ReadParagraph, current: _FoundPart | None) -> _FoundPart | None:
        """Take a paragraph outside tables; return the clause or schedule to which what follows belongs."""
        keys = [name for name in paragraph.names if name in self.parts]
        if not paragraph.text and not keys:
            return current
        if keys and paragraph.text:
            return self.start_part(keys, paragraph, "")
        if keys:
            # The bookmark stayed on an empty paragraph: what it stood on was deleted or cut.
            self.emptied |= {key: _FoundPart([paragraph]) for key in keys}
            return current
        if paragraph.text in self.sentences:
            self.rest.append(paragraph)
            return None
        kind: Kind = "schedule" if paragraph.style == "Schedule Heading" else "clause"
        heading = paragraph.text if kind == "schedule" else paragraph.text.split(".")[0]
        key = self.by_title.get((kind, heading.casefold()))
        if key and key not in self.found:
            return self.start_part([key], paragraph, "known by its heading: its mark is gone")
        if paragraph.style in ("Clause", "Schedule Heading") and current is not None:
            made = _FoundPart([paragraph])
            self.new.append((kind, self.before, made))
            return made
        if current is None or paragraph.style in ("Agreed", "Title", "Section Gap"):
            self.rest.append(paragraph)
            return current
        current.paragraphs.append(paragraph)
        return current

    def start_part(self, keys: Sequence[str], paragraph: _ReadParagraph, how: str) -> _FoundPart:
        key = keys[0]
        self.before = key
        if key in self.found:
            self.doubtful[key] = "its mark stands twice: it was split"
            self.found[key].paragraphs.append(paragraph)
            return self.found[key]
        made = self.found[key] = _FoundPart([paragraph], how)
        for other in keys[1:]:
            self.found.setdefault(other, _FoundPart())
            self.doubtful[other] = self.doubtful[key] = "two marks stand on one paragraph: they were merged"
        return made

    def read_table(self, table: Element, current: _FoundPart | None) -> _FoundPart | None:
        """Take a table: rows of key terms, parties, a table of a clause or schedule, or lines to sign."""
        rows = []
        for node in table.iter(f"{W}tr"):
            if _is_deleted_row(node):
                gone = [self.read_paragraph(paragraph) for paragraph in node.iter(f"{W}p")]
                self.emptied |= {name: _FoundPart([one]) for one in gone for name in one.names if name in self.parts}
            else:
                rows.append(node)
        marked = {start.get(f"{W}name", "") for start in table.iter(f"{W}bookmarkStart")} & self.parts.keys()
        titles = {title for kind, title in self.by_title if kind == "row"}
        cells = [cell for row in rows for cell in self.read_cells(row)]
        is_terms = any(self.parts[name].kind == "row" for name in marked) or (
            sum(cell.text.casefold() in titles for cell in cells) > len(titles) / 2 > 0
        )
        is_parties = any(self.parts[name].kind == "party" for name in marked)
        if is_terms:
            for row in rows:
                self.read_terms(self.read_cells(row))
            return None
        if is_parties:
            self.read_parties(cells)
            return None
        lines = [paragraph for cell in cells for paragraph in cell.paragraphs if paragraph.text]
        if current is not None and not any(line.style.startswith(("Signature", "Party")) for line in lines):
            current.paragraphs += lines
            return current
        self.rest += lines
        return None

    def read_cells(self, row: Element) -> list[_FoundPart]:
        return [self.read_cell(cell) for cell in _each_inside(row) if cell.tag == f"{W}tc"]

    def read_cell(self, cell: Element) -> _FoundPart:
        return _FoundPart([self.read_paragraph(node) for node in cell.iter(f"{W}p")])

    def read_terms(self, cells: Sequence[_FoundPart]) -> None:
        """Take a row of the table of key terms: labels, each with what is agreed behind it."""
        waiting = [cell for cell in cells if cell.text or any(p.names for p in cell.paragraphs)]
        while waiting:
            label = waiting.pop(0)
            names = [name for p in label.paragraphs for name in p.names if name in self.parts]
            key = names[0] if names else self.by_title.get(("row", label.text.casefold()))
            if not waiting or (not label.text and not names):
                if label.text and not key:
                    self.rest += label.paragraphs
                    continue
                if not key or not label.text:
                    continue
                text = _FoundPart()
            else:
                text = waiting.pop(0)
            made = _FoundPart([*label.paragraphs, *text.paragraphs])
            if key and key not in self.found and made.text:
                made.how = "" if names else "known by its label: its mark is gone"
                self.found[key] = made
                self.before = key
            elif made.text:
                self.new.append(("row", self.before, made))

    def read_parties(self, cells: Sequence[_FoundPart]) -> None:
        for cell in cells:
            names = [name for p in cell.paragraphs for name in p.names if name in self.parts]
            if names and cell.text:
                self.found[names[0]] = cell
            else:
                self.rest += [p for p in cell.paragraphs if p.text]

    # -- what came of it

    def result(self) -> ReturnedFile:
        moved = self.find_moved()
        parts = [
            replace(self.judge(part, self.found.get(key)), moved_behind=moved.get(key, ""))
            for key, part in self.parts.items()
        ]
        for number, (kind, before, made) in enumerate(self.new, 1):
            title = made.text.split("\n")[0].split(".")[0][:60]
            part = _part_of(kind, f"new {number}", title, made)
            at = next((i + 1 for i, one in enumerate(parts) if one.change.part.key == before), len(parts))
            parts.insert(at, self.returned(PartChange("added", None, part), made, ""))
        return ReturnedFile(tuple(parts), tuple(self.each_elsewhere()), any(f.how == "" for f in self.found.values()))

    def find_moved(self) -> dict[str, str]:
        """Return the rows and clauses that stand elsewhere than they were sent, each with what stands before it now.

        They are the fewest that must be put back for the rest to stand in the order in which it was sent.
        """
        moved: dict[str, str] = {}
        sent = {key: at for at, key in enumerate(self.parts)}
        for kind in ("row", "clause", "schedule"):
            here = [key for key, found in self.found.items() if self.parts[key].kind == kind and found.text]
            stay = _longest_rising([sent[key] for key in here])
            for before, key in zip(["", *here], here, strict=False):
                if sent[key] not in stay:
                    moved[key] = self.parts[before].title if before else "nothing: it comes first"
        return moved

    def judge(self, part: Part, found: _FoundPart | None) -> ReturnedPart:
        remark = self.doubtful.get(part.key, found.how if found else "")
        if found is None or not found.text:
            return self.returned(
                PartChange("dropped", part, None), found or self.emptied.get(part.key, _FoundPart()), remark
            )
        if squash(found.text) == squash(part.text):
            return self.returned(PartChange("unchanged", part, part), found, remark)
        return self.returned(
            PartChange("changed", part, _part_of(part.kind, part.key, part.title, found)), found, remark
        )

    def returned(self, change: PartChange, found: _FoundPart, remark: str) -> ReturnedPart:
        ids = [one for paragraph in found.paragraphs for one in paragraph.comments]
        tracked = any(paragraph.tracked for paragraph in found.paragraphs)
        return ReturnedPart(change, tracked, remark, tuple(self.comments[one] for one in ids if one in self.comments))

    def each_elsewhere(self) -> Iterator[str]:
        """Yield what stands outside all parts and did not, or did and no longer does."""
        sent = [squash(piece) for part in self.all_parts for line in part.lines for piece in line.text.split("\t")]
        told = squash(" ".join(part.text for part in self.all_parts if part.kind not in _MARKED))
        texts = [paragraph.text for paragraph in self.rest]
        there = " ".join(texts)
        for text in texts:
            words = re.sub(r"^(By|Name|Date)\b", "", text).strip()
            if words and squash(text) not in told and words not in told and text not in sent:
                yield f"new: {text}"
        for part in self.all_parts:
            if part.kind not in _MARKED:
                for line in part.lines:
                    for piece in map(squash, line.text.split("\t")):
                        if piece and piece not in there:
                            yield f"gone: {piece}"
        here = _texts_beside(self.package)
        yield from (f"new in {here[text]}: {text}" for text in here if text not in self.sent_beside)
        yield from (f"gone from {place}: {text}" for text, place in self.sent_beside.items() if text not in here)
        if any(True for _ in self.main.iter(f"{W}altChunk")):
            yield "new: another file was put into the text (altChunk); it cannot be read here, look at it in Word"
        for paragraph in self.rest:
            yield from (f"comment: {self.comments[one]}" for one in paragraph.comments if one in self.comments)


def _part_of(kind: Kind, key: str, title: str, found: _FoundPart) -> Part:
    texts = [paragraph.text for paragraph in found.paragraphs if paragraph.text]
    if kind == "row":
        label, *rest = texts
        return Part(kind, key, title, (StyledLine("row", ((Run(label),), (Run(" ".join(rest)),))),))
    return Part(
        kind,
        key,
        title,
        tuple(StyledLine("Clause" if not at else "Clause Text", ((Run(text),),)) for at, text in enumerate(texts)),
    )


def _texts_beside(package: ooxml.Package) -> dict[str, str]:
    """Return the paragraphs of headers, footers and notes without what fields print, each with where it stands."""
    found: dict[str, str] = {}
    for relation in package.relations_of(ooxml.name_of_main_part(package)):
        place = _BESIDE.get(relation.kind.rsplit("/", 1)[-1])
        if place and not relation.external and relation.target in package.parts:
            for node in package.read_part(relation.target).iter(f"{W}p"):
                if text := squash("".join(_each_text_outside_fields(node))):
                    found.setdefault(text, place)
    return found


def _each_text_outside_fields(node: Element) -> Iterator[str]:
    depth = 0
    for leaf in _each_leaf(node):
        if leaf.tag == f"{W}fldChar":
            depth += {"begin": 1, "end": -1}.get(leaf.get(f"{W}fldCharType", ""), 0)
        elif depth <= 0:
            yield _text_of_leaf(leaf)


def _each_inside(node: Element) -> Iterator[Element]:
    """Yield what a node holds, and in the place of what only holds others, these."""
    for child in node:
        if child.tag in _HOLDERS:
            yield from _each_inside(child)
        elif not child.tag.endswith("Pr"):
            yield child


def _is_deleted_row(row: Element) -> bool:
    return row.find(f"{W}trPr/{W}del") is not None


def _lost_its_end(paragraph: Element) -> bool:
    """Return whether the end of a paragraph was deleted, and Word has tracked it."""
    mark = paragraph.find(f"{W}pPr/{W}rPr")
    return mark is not None and any(child.tag in _DELETED for child in mark)


def _inside(field: Element) -> Element:
    """Return what stands in a simple field as a node without a meaning of its own."""
    holder = field.makeelement(f"{W}p", {})
    holder.extend(list(field))
    return holder


def _each_leaf(node: Element) -> Iterator[Element]:
    """Yield the texts and marks in a node with all changes accepted, and simple fields as a whole."""
    for child in node:
        if child.tag in _DELETED:
            continue
        if child.tag in _LEAVES:
            yield child
        else:
            yield from _each_leaf(child)


def _text_of_leaf(leaf: Element) -> str:
    if leaf.tag in (f"{W}t", _MATH_TEXT):
        return leaf.text or ""
    if leaf.tag == f"{W}noBreakHyphen":
        return "\u2011"
    if leaf.tag == f"{W}sym":
        return _text_of_symbol(leaf.get(f"{W}font", ""), leaf.get(f"{W}char", ""))
    return " " if leaf.tag in _SPACES else ""


def _text_of_symbol(font: str, code: str) -> str:
    number = int(code, 16) if re.fullmatch("[0-9A-Fa-f]{2,4}", code) else 0
    if not chr(number).isprintable() or number in _PRIVATE_LETTERS:
        return f"[sign {code} of {font}]"
    return chr(number)


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """Return the longest part of a list of different numbers that rises."""
    best: list[tuple[int, ...]] = [()]
    for number in numbers:
        before = [one for one in best if not one or one[-1] < number]
        best.append((*_longest(before), number))
    return set(_longest(best))


def _longest(found: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    return max(found, key=len)
