"""A part of a Word template as a text in our clause language: its tags as they stand, everything else as one sign each.

No word of a fact ever passes through XML, and none of Word's XML through the clause language, so neither can break the
other. What the text comes out as says, sign by sign, how the part is put together again (template_filling does it).

The tags are {{ fact }}, {{p clauses }}, {% if %}, {%p if %}, {%tr for %}. Word cuts text into runs and makes quotes
typographic while one types; a tag is put together again here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Literal

from agreementgen import ooxml
from agreementgen.ooxml import W
from agreementgen.render.docx_writer import XmlElement

TagLevel = Literal["run", "paragraph", "row"]

# Our language has no braces inside tags; so a tag that is never closed costs one look, not one for each letter.
_TAG = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}|\{#[^{}]*#\}")
_STRAY = re.compile(r"\{\{|\}\}|\{%|%\}")
_PREFIX = re.compile(r"(p|tr|tc|r)\s+")
# What Word makes of straight quotes and spaces.
_STRAIGHT = str.maketrans({"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "\u00a0": " ", "\u202f": " "})
_PART_TAG = re.compile(r"(?P<name>\w+)|clause\(\s*(?P<quote>['\"])(?P<topic>[^'\"]*)(?P=quote)\s*\)")
PART_NAMES = ("parties", "key_terms", "clauses", "signatures", "raci", "schedules")


class BadTag(Exception):
    """A tag that means nothing; the message says why, and what to write."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Tag:
    """One tag. `code` is it in our clause language, without the letter that says how much of the file it takes.

    `word` is the first word of a {% %} ("if", "endfor"), "" for what prints. `block` is the name of what a {{p }}
    inserts, `topic` that of a clause.
    """

    code: str
    level: TagLevel = "run"
    word: str = ""
    block: str = ""
    topic: str = ""


def read_tag(text: str) -> Tag | None:
    """Return the tag that `text` is; None for a comment; raise BadTag."""
    if text.startswith("{#"):
        return None
    text = text.translate(_STRAIGHT)
    sign, inner, end = text[:2], text[2:-2], text[-2:]
    prefix = _PREFIX.match(inner)
    letter = prefix[1] if prefix else ""
    rest = inner[prefix.end() :] if prefix else inner
    if letter in ("tc", "r") or (letter == "tr" and sign == "{{"):
        hint = "write {{p ...}}, {%p ...%} or {%tr ...%}"
        raise BadTag(f"{text[: 2 + len(letter)]} is not known here", hint)
    if sign == "{{" and letter == "p":
        found = _PART_TAG.fullmatch(rest.strip())
        if not found or (found["name"] and found["name"] not in PART_NAMES):
            hint = "known here: " + ", ".join((*PART_NAMES, "clause('topic')"))
            raise BadTag(f'"{rest.strip()[:40]}" cannot be placed with {{{{p', hint)
        return Tag("", "paragraph", "", found["name"] or "clause", found["topic"] or "")
    if sign == "{{":
        return Tag(f"{{{{{rest}}}}}")
    words = rest.strip("-+ ").split()
    level: TagLevel = "paragraph" if letter == "p" else "row" if letter == "tr" else "run"
    return Tag(f"{sign}{rest}{end}", level, words[0] if words else "")


def has_tags(element: XmlElement) -> bool:
    """Return whether there may be a tag anywhere inside `element`; one sign may be split from the other."""
    text = "".join(node.text or "" for node in element.iter(f"{W}t"))
    return "{" in text or "}" in text


def join_tags(paragraph: XmlElement) -> list[str]:
    """Put each tag of a paragraph into the run where it begins; return the tags as they are written.

    Raise Unreadable for a tag that is not closed, or that reaches into a link or a content control.
    """
    text = ooxml.text_of_paragraph(paragraph)
    found = list(_TAG.finditer(text))
    rest = _TAG.sub("", text)
    if stray := _STRAY.search(rest):
        said = "begins here and is not closed" if stray[0] in ("{{", "{%") else "is closed here and was not opened"
        raise BadTag(f"a tag {said} in this paragraph", "write it as {{ fact }} or {% if ... %}")
    for match in reversed(found):
        holders = list(_each_holder(paragraph, match))
        if any(holder is not holders[0] for holder in holders):
            raise BadTag(f"the tag {match[0][:40]} reaches into a link or a content control", "type it again")
        ooxml.replace_letters(paragraph, match.start(), match.end(), match[0])
    return [match[0] for match in found]


def _each_holder(paragraph: XmlElement, match: re.Match[str]) -> Iterator[XmlElement]:
    """Yield what holds the runs in which the letters of a match stand."""
    position = 0
    for node, holder in ooxml.text_nodes_with_holders(paragraph):
        length = len(node.text or "")
        if position < match.end() and position + length > match.start() and length:
            yield holder
        position += length


def cut_at_tags(run: XmlElement) -> Iterator[XmlElement]:
    """Yield a run cut at its tags: runs that look like it, and tags as text (str)."""
    properties = run.find(f"{W}rPr")
    current = empty_run(run, properties)
    filled = False
    for child in run:
        if child is properties:
            continue
        if child.tag != f"{W}t" or not _TAG.search(child.text or ""):
            current.append(deepcopy(child))
            filled = True
            continue
        position = 0
        for match in (*_TAG.finditer(child.text), None):
            text = child.text[position : match.start() if match else None]
            if text:
                current.append(make_text_node(run, text))
                filled = True
            if match:
                if filled:
                    yield current
                yield match[0]
                current, filled, position = empty_run(run, properties), False, match.end()
    if filled:
        yield current


def empty_run(run: XmlElement, properties: XmlElement) -> XmlElement:
    """Return an empty run that looks like `run`."""
    found = run.makeelement(run.tag, dict(run.attrib))
    if properties is not None:
        found.append(deepcopy(properties))
    return found


def make_text_node(like: XmlElement, text: str) -> XmlElement:
    node = like.makeelement(f"{W}t", {ooxml.XML_SPACE: "preserve"})
    node.text = text
    return node


# Signs for pieces of Word's XML; facts have others (language/environment.py). No text of a template may hold them.
FIRST_SIGN, LAST_SIGN = 0xF0000, 0xFFFFD
_ENDS = {"if": "endif", "for": "endfor"}
_EXCERPT_LENGTH = 40


@dataclass(frozen=True)
class InsertedPart:
    """What a {{p ...}} inserts: its name, the topic of a single clause, and the width it has in twips."""

    name: str
    topic: str
    width: int
    spot: str


@dataclass(frozen=True)
class BuildStep:
    """One step of putting a part together: open a shell, close it, add a finished element, insert a block."""

    kind: str  # "open", "close", "add", "block"
    element: XmlElement = None
    block: InsertedPart | None = None


@dataclass
class TemplateProgram:
    """The text of a part (`code`), the steps behind its signs, and what is said of each of its lines."""

    part: str
    code: str = ""
    steps: list[list[BuildStep]] = field(default_factory=list)
    spots: list[str] = field(default_factory=list)
    blocks: list[InsertedPart] = field(default_factory=list)
    problems: list[tuple[str, str, str]] = field(default_factory=list)
    """Where, what is wrong, what to do."""

    @property
    def code_to_check(self) -> str:
        """The text for analysis: the same lines and tags, and no signs that a reader would stumble over."""
        return "".join("-" if FIRST_SIGN <= ord(char) <= LAST_SIGN else char for char in self.code)

    def spot_of_line(self, line: int) -> str:
        return self.spots[line - 2] if 2 <= line <= len(self.spots) + 1 else self.part


def compile_template(root: XmlElement, part: str, width: Callable[[XmlElement], int]) -> TemplateProgram:
    """Return the program of a part, given its root element (a body, a header or a footer).

    `part` is how problems name it ("" for the text itself). `width` says how wide the text is at a paragraph, in
    twips. The elements of the tree are changed: tags are put together in it.
    """
    return _PartCompiler(part, width).compile_part(root)


class _PartCompiler:
    def __init__(self, part: str, width: Callable[[XmlElement], int]) -> None:
        self.program = TemplateProgram(part)
        self.width = width
        self.waiting: list[BuildStep] = []
        self.count = 0

    def compile_part(self, root: XmlElement) -> TemplateProgram:
        self.take_container(root)
        self.write_steps()
        return self.program

    # -- writing the text

    def add_step(self, kind: str, element: XmlElement = None, block: InsertedPart | None = None) -> None:
        self.waiting.append(BuildStep(kind, element, block))

    def write_steps(self) -> None:
        if self.waiting:
            self.program.code += chr(FIRST_SIGN + len(self.program.steps))
            self.program.steps.append(self.waiting)
            self.waiting = []
            if len(self.program.steps) > LAST_SIGN - FIRST_SIGN:
                raise BadTag("the template has more than 65,000 tags", "")

    def write_tag(self, tag: Tag) -> None:
        self.write_steps()
        self.program.code += tag.code

    def begin_line(self, paragraph: XmlElement) -> str:
        """Begin a line for a paragraph with tags; return how problems name it."""
        self.write_steps()
        text = " ".join(ooxml.text_of_paragraph(paragraph).split())
        short = text if len(text) <= _EXCERPT_LENGTH else text[:_EXCERPT_LENGTH].rstrip() + "..."
        head = f"{self.program.part}, " if self.program.part else ""
        self.program.spots.append(f'{head}paragraph {self.count} ("{short}")')
        self.program.code += "\n"
        return self.program.spots[-1]

    def last_spot(self) -> str:
        """Return how problems name the last paragraph that had tags."""
        return self.program.spots[-1] if self.program.spots else self.program.part

    def add_problem(self, spot: str, message: str, hint: str = "") -> None:
        self.program.problems.append((spot, message, hint))

    # -- walking the tree

    def take_container(self, node: XmlElement) -> None:
        """Take what holds paragraphs and tables; ifs and fors over whole paragraphs end where they begin."""
        opened: list[tuple[str, str]] = []
        for child in list(node):
            match child.tag:
                case _ if not isinstance(child.tag, str):
                    continue  # a comment of XML
                case _ if child.tag == f"{W}p":
                    self.take_paragraph(child, opened)
                case _ if child.tag == f"{W}tbl":
                    self.take_table(child)
                case _:
                    self.take_element(child)
        self.require_closed(opened, "in the same part of the document (text, cell or box)")

    def take_element(self, node: XmlElement) -> None:
        """Take anything else: as it is, or opened where there are tags inside."""
        if not isinstance(node.tag, str):
            return
        if not has_tags(node):
            self.count_paragraphs(node)
            self.add_step("add", node)
            return
        if node.tag in (f"{W}p", f"{W}tbl", f"{W}tr"):
            # Inside something that we do not know: ifs and fors over them end in each.
            opened: list[tuple[str, str]] = []
            take = {f"{W}p": self.take_paragraph, f"{W}tr": self.take_row}.get(node.tag)
            if take:
                take(node, opened)
            else:
                self.take_table(node)
            self.require_closed(opened, "in the same content control")
            return
        if node.tag == f"{W}t":
            self.add_problem(
                self.last_spot(), "a tag stands where none can be read", "write it in plain text, beside no drawing"
            )
        self.open_element(node)
        if node.tag in _CONTAINERS and node.find(f"{W}r") is None:
            self.take_container(node)
        else:
            for child in list(node):
                self.take_element(child)
        self.add_step("close")

    def open_element(self, node: XmlElement) -> None:
        found = node.makeelement(node.tag, dict(node.attrib))
        if node.tag == f"{W}t":
            found.text = node.text
        self.add_step("open", found)

    def count_paragraphs(self, node: XmlElement) -> None:
        self.count += sum(1 for _ in node.iter(f"{W}p"))

    def take_table(self, table: XmlElement) -> None:
        if not has_tags(table):
            self.count_paragraphs(table)
            self.add_step("add", table)
            return
        opened: list[tuple[str, str]] = []
        self.open_element(table)
        for child in list(table):
            if child.tag == f"{W}tr":
                self.take_row(child, opened)
            else:
                self.take_element(child)
        self.require_closed(opened, "in the same table")
        self.add_step("close")

    def take_row(self, row: XmlElement, opened: list[tuple[str, str]]) -> None:
        paragraphs = [paragraph for paragraph in row.iter(f"{W}p") if ooxml.text_of_paragraph(paragraph).strip()]
        if any("{%tr" in ooxml.text_of_paragraph(paragraph) for paragraph in paragraphs):
            self.count += 1
            spot = self.begin_line(paragraphs[0])
            self.count += sum(1 for _ in row.iter(f"{W}p")) - 1
            try:
                if (
                    len(paragraphs) > 1
                    or len(found := join_tags(paragraphs[0])) > 1
                    or ooxml.text_of_paragraph(paragraphs[0]).strip() != found[0]
                ):
                    raise BadTag("a row with {%tr ...%} holds nothing else, for it is taken out", "give it a row")
                tag = read_tag(found[0])
                if tag:
                    self.take_statement(tag, opened, spot)
            except BadTag as error:
                self.add_problem(spot, error.message, error.hint)
            return
        self.open_element(row)
        for child in list(row):
            if child.tag == f"{W}tc":
                self.open_element(child)
                self.take_container(child)
                self.add_step("close")
            else:
                self.add_step("add", child)
        self.add_step("close")

    def take_paragraph(self, paragraph: XmlElement, opened: list[tuple[str, str]]) -> None:
        if not has_tags(paragraph):
            self.count_paragraphs(paragraph)
            self.add_step("add", paragraph)
            return
        self.count += 1
        spot = self.begin_line(paragraph)
        try:
            written = join_tags(paragraph)
            read = [tag for text in written if (tag := read_tag(text)) is not None]
            whole = [tag for tag in read if tag.level != "run"]
            if whole:
                self.take_whole_paragraph(paragraph, written, whole[0], opened, spot)
                return
        except BadTag as error:
            self.add_problem(spot, error.message, error.hint)
            return
        inside: list[tuple[str, str]] = []
        self.open_element(paragraph)
        for child in list(paragraph):
            self.take_inline(child, inside, spot)
        self.require_closed(inside, "in its paragraph; to take whole paragraphs, write {%p if ... %} in one of its own")
        self.add_step("close")

    def take_whole_paragraph(
        self, paragraph: XmlElement, written: list[str], tag: Tag, opened: list[tuple[str, str]], spot: str
    ) -> None:
        """Take a paragraph that is one tag: a block in its place, or an if or for over the paragraphs behind it."""
        if tag.level == "row":
            raise BadTag("{%tr ...%} stands outside a table", "write {%p ...%}")
        if len(written) > 1 or ooxml.text_of_paragraph(paragraph).strip() != written[0]:
            raise BadTag("a paragraph with {{p ...}} or {%p ...%} holds nothing else", "give it one of its own")
        section = paragraph.find(f"{W}pPr/{W}sectPr")
        if tag.block:
            block = InsertedPart(tag.block, tag.topic, self.width(paragraph), spot)
            self.program.blocks.append(block)
            self.add_step("block", section, block)
            return
        if section is not None:
            raise BadTag("a section ends in this paragraph, which is taken out", "put the section break elsewhere")
        self.take_statement(tag, opened, spot)

    def take_inline(self, node: XmlElement, inside: list[tuple[str, str]], spot: str) -> None:
        """Take a run, or what holds runs (a link, a content control, a text box)."""
        if not isinstance(node.tag, str):
            return
        if not has_tags(node):
            self.add_step("add", node)
        elif node.tag == f"{W}r" and not any(True for _ in node.iter(f"{W}txbxContent")):
            for piece in cut_at_tags(node):
                if not isinstance(piece, str):
                    self.add_step("add", piece)
                    continue
                tag = read_tag(piece)
                if tag is None:
                    continue
                if tag.word:
                    self.take_statement(tag, inside, spot)
                else:
                    self.add_step("open", empty_run(node, node.find(f"{W}rPr")))
                    self.add_step("open", make_text_node(node, ""))
                    self.write_tag(tag)
                    self.add_step("close")
                    self.add_step("close")
        elif node.tag in (f"{W}hyperlink", f"{W}sdt", f"{W}sdtContent", f"{W}smartTag", f"{W}fldSimple"):
            nested: list[tuple[str, str]] = []
            self.open_element(node)
            for child in list(node):
                self.take_inline(child, nested, spot)
            self.require_closed(nested, "in the same link or content control")
            self.add_step("close")
        else:
            self.take_element(node)

    # -- ifs and fors

    def take_statement(self, tag: Tag, opened: list[tuple[str, str]], spot: str) -> None:
        if tag.word in _ENDS:
            opened.append((tag.word, spot))
        elif tag.word in ("elif", "else") and not opened:
            self.add_problem(spot, f"{{% {tag.word} %}} has no {{% if %}} before it here", "")
        elif tag.word in _ENDS.values():
            if not opened or _ENDS[opened[-1][0]] != tag.word:
                self.add_problem(spot, f"{{% {tag.word} %}} closes nothing that was opened here", _MATCHING_HINT)
                return
            opened.pop()
        self.write_tag(tag)

    def require_closed(self, opened: list[tuple[str, str]], where: str) -> None:
        for word, spot in opened:
            self.add_problem(spot, f"this {word} is not closed {where}", f"add the {_ENDS[word]} where it ends")


# What holds whole paragraphs, so that an if or a for may be over some of them.
_CONTAINERS = tuple(f"{W}{name}" for name in ("txbxContent", "sdtContent", "footnote", "endnote"))
_MATCHING_HINT = "an if and its endif are written alike: both {% %}, both {%p %}, or both {%tr %}"
