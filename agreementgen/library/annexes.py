"""The text of a Word file as an annex: paragraphs, lists and tables in the language of clauses, tags included.

A schedule that names a Word file is then a text like any other: filled in, linted, and alike in PDF, Word and plain
text. Numbers are typed as Word counts them, so that what the annex says of its own numbers stays true. What an annex
cannot show (pictures, notes, tracked changes, merged cells) is refused with its paragraph. Looks are left out, but for
bold and italics, and so are headers and footers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from xml.etree.ElementTree import Element

from agreementgen.core.document import ItemList, Paragraph, Table, item_letter, item_numeral, text_of_runs
from agreementgen.core.problems import PackError, Place, Problem
from agreementgen.language.filling import MAX_COLUMNS, read_blocks
from agreementgen.library.files import MAX_TEXT_BYTES, SourceFile
from agreementgen.ooxml import (
    PackageRefused,
    W,
    check_xml,
    each_field_code,
    name_of_field,
    name_of_main_part,
    open_package,
)

# Letters with whether they are bold and italic.
_Styled = list[tuple[str, bool, bool]]
# No tag begins inside another one of its kind: else a text of beginnings alone would be searched to its end for each.
_TAG = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}|\{%(?:(?!\{%).)*?%\}|\{#(?:(?!\{#).)*?#\}", re.DOTALL)
_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "„": '"', "\u00a0": " "})
_IN_PARAGRAPH = ("r", "hyperlink", "smartTag", "sdt", "sdtContent", "fldSimple", "customXml")
# What changes no word.
_UNSEEN = ("pPr", "rPr", "sdtPr", "sdtEndPr", "proofErr", "lastRenderedPageBreak", "softHyphen", "instrText", "fldChar")
_REFUSED = {
    **dict.fromkeys(
        ("drawing", "pict", "object"), ("a picture or drawing", "say it in words, or send it beside the agreement")
    ),
    **dict.fromkeys(("footnoteReference", "endnoteReference"), ("a note", "put what the note says into the text")),
    **dict.fromkeys(
        ("ins", "del", "moveFrom", "moveTo"), ("tracked changes", "accept or reject them: Review > Accept All Changes")
    ),
    "commentReference": ("a comment", "delete it: Review > Delete All Comments"),
    "sym": ("a sign of a font of its own", "type it as an ordinary letter"),
    "oMath": ("a formula", "write it in words"),
    "oMathPara": ("a formula", "write it in words"),
    "altChunk": ("another file", "copy its text into this one"),
}  # fmt: skip
_FIXED_FIELDS = ("HYPERLINK", "REF", "PAGEREF", "SEQ")
_OFF = ("0", "false", "off", "none")
_TOO_LONG = f"the text is longer than {MAX_TEXT_BYTES:,} bytes", "send it beside the agreement"
# So many styles based on each other are followed; Word's own are three deep, and those of a hostile file thousands.
_MOST_STYLES = 50
_MOST_LABEL = 100  # letters of the number of a list


def read_annex(source: SourceFile, title: str) -> str:
    """Return the text of a Word file (.docx) in the language of clauses; raise PackError, with every problem.

    A first paragraph that is the schedule's `title` is left out: the schedule has it above.
    """
    try:
        reader = _AnnexReader(source.name, _read_parts(source.data))
        text = reader.read(title)
    except PackageRefused as error:
        raise PackError(Problem(error.message, error.hint, place=Place(source.name), code="word-unreadable")) from None
    reader.at = ""
    if not text and not reader.problems:
        reader.refuse("the file has no text", "type the annex into it, and save it again")
    if len(text.encode()) > MAX_TEXT_BYTES:
        reader.refuse(*_TOO_LONG)
    if reader.problems:
        raise PackError(reader.problems)
    return text


def _read_parts(data: bytes) -> dict[str, Element]:
    """Return the parts of a Word file that an annex is read from; raise PackageRefused for a hostile one."""
    package = open_package(data)
    for part in package.xml_parts:
        check_xml(package.parts[part])
    main = name_of_main_part(package)
    targets = {relation.kind.rsplit("/", 1)[-1]: relation.target for relation in package.relations_of(main)}
    names = {"text": main, "styles": targets.get("styles", ""), "lists": targets.get("numbering", "")}
    found = {kind: package.read_part(part) for kind, part in names.items() if part in package.parts}
    if sum(len(node.text or "") for node in found["text"].iter(f"{W}t")) > MAX_TEXT_BYTES:
        raise PackageRefused(*_TOO_LONG)
    return found


class _AnnexReader:
    def __init__(self, name: str, parts: dict[str, Element]) -> None:
        self.name = name
        self.body = parts["text"].find(f"{W}body")
        styles = parts["styles"].iter(f"{W}style") if "styles" in parts else ()
        self.styles = {style.get(f"{W}styleId", ""): style for style in styles}
        self.usual = next((id for id, one in self.styles.items() if one.get(f"{W}default") in ("1", "true")), "")
        self.lists = _Lists(parts.get("lists"))
        self.problems: list[Problem] = []
        self.at = ""
        self.count = 0

    def refuse(self, what: str, hint: str) -> None:
        problem = Problem(f"{self.at}{what}", hint, place=Place(self.name), code="annex-not-shown")
        if problem not in self.problems and len(self.problems) < 20:
            self.problems.append(problem)

    def read(self, title: str) -> str:
        blocks: list[tuple[str, str]] = []
        for node in _each_block(self.body if self.body is not None else Element("none")):
            if node.tag == f"{W}tbl":
                blocks.append(("table", self.read_table(node)))
            elif node.tag == f"{W}p":
                blocks += self.read_paragraph(node)
            else:
                self.refuse_node(node)
        blocks = [(kind, text) for kind, text in blocks if text.strip()]
        if (
            blocks
            and blocks[0][0] == "text"
            and re.sub(r"\W", "", blocks[0][1]).casefold() == re.sub(r"\W", "", title).casefold()
        ):
            del blocks[0]
        joined = ("\n".join(text for _, text in group) if kind == "item" else "\n\n".join(text for _, text in group)
                  for kind, group in groupby(blocks, key=lambda block: block[0]))  # fmt: skip
        return "\n\n".join(joined)

    # -- paragraphs

    def read_paragraph(self, paragraph: Element) -> Iterator[tuple[str, str]]:
        """Yield the lines of a paragraph, each with what it is: "text" or an "item" of a list of points."""
        self.note_place(paragraph)
        end = paragraph.find(f"{W}pPr/{W}rPr")
        for mark in end if end is not None else ():
            if mark.tag in (f"{W}ins", f"{W}del"):
                self.refuse_node(mark)
        for code in each_field_code(paragraph):
            if (name := name_of_field(code)) not in _FIXED_FIELDS:
                self.refuse(f"a field of Word's ({name})", "click on it, and make it text: Ctrl+Shift+F9")
        styled = self.letters_of(paragraph, self.is_heading(paragraph))
        label, depth = self.lists.count(self.numbering_of(paragraph))
        # Word's own second list of points is a list of its own, only further in.
        further = (re.match(r"(?i)list bullet ([2-5])$", name) for name in self.names_of_styles(paragraph))
        depth = max(depth, *(int(match[1]) - 1 for match in further if match), 0)
        lines = [list(group) for is_end, group in groupby(styled, key=lambda one: one[0] == "\n") if not is_end]
        for number, line in enumerate(lines):
            if label == "•":
                begin = "- " if number == 0 else "  "
                yield "item", "   " * min(depth, 1) + begin + _as_markdown(line)
            else:
                head: _Styled = [(char, *line[0][1:]) for char in f"{label} "] if label and not number else []
                yield "text", _as_markdown(head + line)
        if depth > 1 and label == "•":
            self.refuse("a list inside a list inside a list", "say it in a sentence")

    def note_place(self, paragraph: Element) -> None:
        self.count += 1
        words = "".join(node.text or "" for node in paragraph.iter(f"{W}t"))
        self.at = f'paragraph {self.count} ("{words[:40].strip()}"): '

    def letters_of(self, node: Element, bold: bool = False, italic: bool = False) -> _Styled:
        """Return the letters in a node, "\\n" where a line ends."""
        found: _Styled = []
        for child in node:
            name = child.tag.rsplit("}", 1)[-1]
            if name == "r":
                found += self.letters_of_run(child, bold, italic)
            elif name in _IN_PARAGRAPH:
                found += self.letters_of(child, bold, italic)
            else:
                self.refuse_node(child)
        return found

    def letters_of_run(self, run: Element, bold: bool, italic: bool) -> _Styled:
        bold, italic = (self.is_on(run, sign, usual) for sign, usual in (("b", bold), ("i", italic)))
        found: _Styled = []
        for child in run:
            name = child.tag.rsplit("}", 1)[-1]
            text = {"t": child.text or "", "tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}.get(name)
            if text is None:
                self.refuse_node(child)
                continue
            found += ((char, bold, italic) for char in text)
        if found and any(self.is_on(run, sign, False) for sign in ("vanish", "strike", "dstrike")):
            self.refuse("hidden or struck-out text", "delete it, or show it")
        return found

    def is_on(self, run: Element, sign: str, usual: bool) -> bool:
        """Return whether a run is bold ("b"), italic ("i") or the like, itself or by its style."""
        properties = run.find(f"{W}rPr")
        if properties is None:
            return usual
        named = properties.find(f"{W}rStyle")
        nodes = [properties.find(f"{W}{sign}")]
        if named is not None and named.get(f"{W}val") in self.styles:
            nodes.append(self.styles[named.get(f"{W}val", "")].find(f"{W}rPr/{W}{sign}"))
        node = next((one for one in nodes if one is not None), None)
        return usual if node is None else node.get(f"{W}val", "1") not in _OFF

    def each_style(self, paragraph: Element) -> Iterator[Element]:
        """Yield a paragraph's style and those it is based on."""
        named = paragraph.find(f"{W}pPr/{W}pStyle")
        id, seen = named.get(f"{W}val", "") if named is not None else self.usual, set[str]()
        while id in self.styles and id not in seen and len(seen) < _MOST_STYLES:
            seen.add(id)
            yield self.styles[id]
            based = self.styles[id].find(f"{W}basedOn")
            id = based.get(f"{W}val", "") if based is not None else ""

    def names_of_styles(self, paragraph: Element) -> list[str]:
        names = (style.find(f"{W}name") for style in self.each_style(paragraph))
        return [name.get(f"{W}val", "") for name in names if name is not None]

    def is_heading(self, paragraph: Element) -> bool:
        """Return whether a paragraph is a heading, which is printed bold."""
        if any(re.match(r"(?i)heading \d|title$", name) for name in self.names_of_styles(paragraph)):
            return True
        for style in self.each_style(paragraph):
            if (sign := style.find(f"{W}rPr/{W}b")) is not None:
                return sign.get(f"{W}val", "1") not in _OFF
        return False

    def numbering_of(self, paragraph: Element) -> tuple[str, int] | None:
        """Return the list and level of a paragraph, by itself or by its style."""
        holders = (
            node for node in (paragraph.find(f"{W}pPr"), *(s.find(f"{W}pPr") for s in self.each_style(paragraph)))
        )
        id, level = "", None
        for properties in holders:
            node = properties.find(f"{W}numPr") if properties is not None else None
            if node is None:
                continue
            told, at = node.find(f"{W}numId"), node.find(f"{W}ilvl")
            level = level if level is not None or at is None else _whole(at, "val", "0")
            if told is not None:
                id = told.get(f"{W}val", "")
                break
        return (id, level or 0) if id not in ("", "0") else None

    def refuse_node(self, node: Element) -> None:
        name = node.tag.rsplit("}", 1)[-1]
        if name in _REFUSED:
            what, hint = _REFUSED[name]
            self.refuse(f"an annex cannot show {what}", hint)
        elif name == "AlternateContent":
            self.refuse(f"an annex cannot show {_REFUSED['drawing'][0]}", _REFUSED["drawing"][1])
        elif name not in _UNSEEN and next(node.iter(f"{W}t"), None) is not None:
            self.refuse(f"an annex cannot show what stands in <{name}>", "type it again as plain text")

    # -- tables

    def read_table(self, table: Element) -> str:
        """Return a table; its first row is the head."""
        rows = []
        for row in table.iter(f"{W}tr"):
            cells = [cell for cell in _each_block(row) if cell.tag == f"{W}tc"]
            rows.append([self.read_cell(cell) for cell in cells])
        widths = {len(row) for row in rows}
        if next(table.iterfind(f".//{W}tc//{W}tbl"), None) is not None:
            self.refuse("a table inside a table", "put it behind the other")
        elif len(widths) != 1:
            self.refuse("the rows of the table have different numbers of cells", "give each row the same cells")
        elif max(widths) > MAX_COLUMNS:
            self.refuse(f"a table has at most {MAX_COLUMNS} columns", "make two of it")
        else:
            lines = [f"| {' | '.join(row)} |" for row in rows]
            return "\n".join([lines[0], "|" + "---|" * widths.pop(), *lines[1:]])
        return ""

    def read_cell(self, cell: Element) -> str:
        texts: list[str] = []
        for paragraph in _each_block(cell):
            if paragraph.tag != f"{W}p":
                continue
            for kind, text in self.read_paragraph(paragraph):
                texts.append(text)
                if kind == "item":
                    self.refuse("a list in a cell of a table", "write it in a sentence")
        merged = cell.find(f"{W}tcPr/{W}vMerge") is not None
        span = cell.find(f"{W}tcPr/{W}gridSpan")
        if merged or (span is not None and span.get(f"{W}val") != "1"):
            self.refuse("merged cells", "divide them: Layout > Split Cells")
        return " ".join(filter(None, texts))


def _each_block(holder: Element) -> Iterator[Element]:
    """Yield paragraphs, tables, rows or cells, those in content controls included."""
    for child in holder:
        name = child.tag.rsplit("}", 1)[-1]
        if name in ("sdt", "sdtContent", "customXml"):
            yield from _each_block(child)
        elif name not in ("sectPr", "tcPr", "trPr", "tblPr", "tblGrid", "bookmarkStart", "bookmarkEnd", *_UNSEEN):
            yield child


# -- the numbers of lists


class _Lists:
    """Counts the paragraphs of lists as Word does."""

    def __init__(self, root: Element | None) -> None:
        self.levels: dict[str, dict[int, Element]] = {}
        self.list_of: dict[str, str] = {}
        self.restarts: dict[str, dict[int, int]] = {}
        self.counts: dict[str, dict[int, int]] = {}
        for abstract in root.iter(f"{W}abstractNum") if root is not None else ():
            levels = {_whole(one, "ilvl", "0"): one for one in abstract.iter(f"{W}lvl")}
            self.levels[abstract.get(f"{W}abstractNumId", "")] = levels
        for number in root.iter(f"{W}num") if root is not None else ():
            target = number.find(f"{W}abstractNumId")
            id = number.get(f"{W}numId", "")
            self.list_of[id] = target.get(f"{W}val", "") if target is not None else ""
            self.restarts[id] = {
                _whole(one, "ilvl", "0"): _whole(start, "val", "1")
                for one in number.iter(f"{W}lvlOverride")
                if (start := one.find(f"{W}startOverride")) is not None
            }

    def count(self, numbering: tuple[str, int] | None) -> tuple[str, int]:
        """Return what stands before the next paragraph of a list ("•" for a point, "" for nothing), and its level."""
        if numbering is None or not (levels := self.levels.get(self.list_of.get(numbering[0], ""))):
            return "", 0
        id, level = numbering
        if level not in levels:
            return "", 0
        counts = self.counts.setdefault(self.list_of[id], {})
        restarts = self.restarts.get(id, {})
        if level in restarts:
            counts[level] = restarts.pop(level) - 1
        counts[level] = counts.get(level, _start_of(levels[level]) - 1) + 1
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        if _value(levels[level], "numFmt", "decimal") == "bullet":
            return "•", level
        is_legal = levels[level].find(f"{W}isLgl") is not None

        def number_of(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            value = counts.get(at, _start_of(levels[at]) if at in levels else 1)
            return _format_number(
                value, "decimal" if is_legal or at not in levels else _value(levels[at], "numFmt", "")
            )

        pattern = _value(levels[level], "lvlText", "")
        if len(pattern) > _MOST_LABEL:
            raise PackageRefused(f"the number of a list is longer than {_MOST_LABEL} letters", "shorten it")
        return re.sub(r"%(\d)", number_of, pattern).strip(), level


def _whole(node: Element, name: str, usual: str) -> int:
    """Return a number of a list as Word knows it, 0 to 32767; raise PackageRefused for what is none."""
    text = node.get(f"{W}{name}", usual)
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 32_767:
        raise PackageRefused("the file is damaged: a list counts from what is no number", "save it again in Word")
    return int(text)


def _start_of(level: Element) -> int:
    node = level.find(f"{W}start")
    return 1 if node is None else _whole(node, "val", "1")


def _value(level: Element, name: str, usual: str) -> str:
    node = level.find(f"{W}{name}")
    return node.get(f"{W}val", usual) if node is not None else usual


def _format_number(value: int, kind: str) -> str:
    match kind:
        case "lowerLetter" | "upperLetter":
            text = item_letter(value)[1:-1]
        case "lowerRoman" | "upperRoman":
            text = item_numeral(value)[1:-1]
        case "decimalZero":
            text = f"{value:02}"
        case "none":
            text = ""
        case "decimal" | "":
            text = str(value)
        case _:
            message = f"a list counts in a way that an annex cannot show ({kind[:40]})"
            raise PackageRefused(message, "let it count by 1, a, A, i or I: Home > Numbering")
    return text.upper() if kind.startswith("upper") else text


# -- the language of clauses


def _as_markdown(styled: _Styled) -> str:
    """Return letters as one line in the language of clauses; tags are kept as they are, with straight quotes."""
    text = "".join(char for char, _, _ in styled)
    pieces: list[tuple[str, bool, bool]] = []
    at = 0
    for tag in (*_TAG.finditer(text), None):
        end = tag.start() if tag else len(text)
        for style, group in groupby(styled[at:end], key=lambda one: one[1:]):
            pieces.append((_escape("".join(char for char, _, _ in group)), *style))
        if tag:
            # "{%p if ...%}" in a paragraph of its own is how a Word template writes it.
            pieces.append((re.sub(r"^\{%p\s", "{% ", tag[0]).translate(_QUOTES), *styled[tag.start()][1:]))
            at = tag.end()
    plain = _protect_start(" ".join("".join(piece for piece, _, _ in pieces).split()))
    shaped = ""
    for style, group in groupby(pieces, key=lambda one: one[1:]):
        said = "".join(piece for piece, _, _ in group)
        mark = "*" * (2 * style[0] + style[1])
        inner = said.strip()
        shaped += said.replace(inner, f"{mark}{inner}{mark}", 1) if mark and inner else said
    shaped = _protect_start(" ".join(shaped.split()))
    # Where signs beside each other would be read otherwise, the words count and not their look.
    return shaped if _text_of(shaped) == _text_of(plain) else plain


def _escape(text: str) -> str:
    return re.sub(r"([\\*_|])", r"\\\1", text)


def _protect_start(text: str) -> str:
    """Return a line that begins no list."""
    return re.sub(r"^(\d+)([.)])(?=\s|$)|^([-+])(?=\s|$)", lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", text)


def _text_of(markdown: str) -> str:
    blocks = read_blocks(markdown, Place())
    found = []
    for block in blocks:
        match block:
            case Paragraph(runs):
                found.append(text_of_runs(runs))
            case ItemList(items):
                found += map(text_of_runs, items)
            case Table():
                found.append("|")
    return "\n".join(found)
