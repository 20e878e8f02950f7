"""Word files of a pack, checked before they are used, without Word or LibreOffice.

A reference.docx must have what the Word writer needs: styles, lists, the page, header and footer. A template, in which
a firm places facts and parts of the agreement, may name only what there is. Nothing outside the file is read, and
nothing in it is trusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from agreementgen.core.problems import PackError, Place, Problem, find_nearest, suggest_nearest
from agreementgen.language.analysis import analyze_text
from agreementgen.language.environment import ORDINALS
from agreementgen.language.shapes import Shape, group_shape
from agreementgen.ooxml import Package, PackageRefused, W, name_of_main_part, open_package
from agreementgen.packs.word_dangers import each_field_code, find_dangers, name_of_field
from agreementgen.render import docx_writer
from agreementgen.render.template_text import TemplateProgram, compile_template

REFERENCE_FILE, TEMPLATE_FILE = "reference.docx", "agreement.docx"


@dataclass(frozen=True)
class WordFileReport:
    """What there is to say about a Word file: `problems` forbid its use, `warnings` do not."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class TemplateNames:
    """What a template may name: facts, topics with clauses, rows of the key terms, schedules, kinds of agreement."""

    facts: Shape
    topics: Set[str]
    rows: Set[str]
    schedules: Set[str]
    kinds: Set[str]


def check_file_name(name: str, names: TemplateNames) -> Problem | None:
    """Return a problem for a Word file in `templates/layout` that would never be used."""
    known = {REFERENCE_FILE, TEMPLATE_FILE, *(f"{kind}.docx" for kind in names.kinds)}
    own_name = name.rsplit("/", 1)[-1]
    if own_name in known:
        return None
    hint = suggest_nearest(own_name, known) or "known here: reference.docx, agreement.docx, and a kind: referral.docx"
    return Problem("this Word file is never used", hint, place=Place(name), code="word-unused")


def check_reference(data: bytes, name: str) -> WordFileReport:
    """Return what there is to say about a reference.docx; one with dangers in it is not looked at further."""
    return _check_file(
        data,
        name,
        lambda reference: WordFileReport(
            _in_file((*_check_styles(reference), *_check_page(reference), *_check_tags_around(reference)), name),
            _in_file((*_check_fields(reference), *_check_footer(reference)), name),
        ),
    )


def lacks_styles(data: bytes) -> bool:
    """Return whether a Word file lacks a style, a list or a page that parts of an agreement are written with."""
    reference = _read_reference(open_package(data))
    return any(_check_styles(reference)) or any(_check_page_settings(reference))


def check_template(data: bytes, name: str, names: TemplateNames) -> WordFileReport:
    """Return what there is to say about a template; one with dangers in it is not looked at further."""

    def check(reference: ReferenceFile) -> WordFileReport:
        # A template has a page of its own, and says itself where everything stands.
        problems = list(_in_file((*_check_styles(reference), *_check_page_settings(reference)), name))
        programs = [_read_program(reference.body, "")]
        for part, root in {**reference.headers_and_footers, **reference.notes}.items():
            programs.append(_read_program(root, _part_in_words(part)))
        used_facts: set[str] = set()
        for program in programs:
            problems += _check_program(program, name, names, used_facts)
        absent = _check_blocks(programs, used_facts)
        return WordFileReport(tuple(problems), _in_file((*_check_fields(reference), *absent), name))

    return _check_file(data, name, check)


def _check_file(data: bytes, name: str, check: Callable[[ReferenceFile], WordFileReport]) -> WordFileReport:
    try:
        package = open_package(data)
        dangers = [
            Problem(danger.message, danger.hint, code="word-program" if danger.is_program else "word-danger")
            for danger in find_dangers(package)
        ]
        return WordFileReport(_in_file(dangers, name)) if dangers else check(_read_reference(package))
    except PackageRefused as error:
        return WordFileReport((Problem(error.message, error.hint, place=Place(name), code="word-unreadable"),))


def _in_file(problems: Iterable[Problem], name: str) -> tuple[Problem, ...]:
    """Return problems of the file `name`, each told once: one macro has a part, a type and a relation."""
    return tuple(replace(problem, place=Place(name)) for problem in dict.fromkeys(problems))


# -- the parts of the file that say how documents look


@dataclass(frozen=True)
class ReferenceFile:
    """What says how documents look: `styles` by their names, `headers_and_footers` by the names of their parts."""

    body: Element
    styles: Mapping[str, Element]
    numbering: Element | None
    headers_and_footers: Mapping[str, Element]
    notes: Mapping[str, Element]
    """Those at the foot and at the end, by the names of their parts."""

    def style_id_of(self, name: str) -> str:
        return self.styles[name].get(f"{W}styleId", "")

    def list_number_of(self, name: str) -> str | None:
        """Return the number of the list a style belongs to, its own or that of a style it is based on."""
        by_id = {style.get(f"{W}styleId"): style for style in self.styles.values()}
        style, seen = self.styles.get(name), set[int]()
        while style is not None and id(style) not in seen:
            seen.add(id(style))
            number = style.find(f"{W}pPr/{W}numPr/{W}numId")
            if number is not None:
                return number.get(f"{W}val") if number.get(f"{W}val") != "0" else None
            style = by_id.get(_value_of_child(style, "basedOn"))
        return None

    def levels_of_list(self, number: str, turns: int = 3) -> dict[str, Element]:
        """Return the levels of a list by their depth ("0" is the first), those that it overrides on top."""
        concrete = self._find_numbering("num", "numId", number)
        if concrete is None:
            return {}
        abstract = self._find_numbering("abstractNum", "abstractNumId", _value_of_child(concrete, "abstractNumId"))
        if abstract is None:
            return {}
        levels = {level.get(f"{W}ilvl", ""): level for level in abstract.findall(f"{W}lvl")}
        link = _value_of_child(abstract, "numStyleLink")
        if link and not levels and turns:
            style = next((style for style in self.styles.values() if style.get(f"{W}styleId") == link), None)
            other = style.find(f"{W}pPr/{W}numPr/{W}numId") if style is not None else None
            if other is not None:
                levels = self.levels_of_list(other.get(f"{W}val", ""), turns - 1)
        for override in concrete.findall(f"{W}lvlOverride"):
            level = override.find(f"{W}lvl")
            if level is not None:
                levels[override.get(f"{W}ilvl", "")] = level
        return levels

    def _find_numbering(self, tag: str, attribute: str, number: str) -> Element | None:
        nodes = self.numbering.iter(f"{W}{tag}") if self.numbering is not None else ()
        return next((node for node in nodes if node.get(f"{W}{attribute}") == number), None)


def _read_reference(package: Package) -> ReferenceFile:
    """Return the parts that matter; raise PackageRefused where the text or the styles are missing."""
    main = name_of_main_part(package)
    targets: dict[str, list[str]] = {}
    for relation in package.relations_of(main):
        targets.setdefault(relation.kind.rsplit("/", 1)[-1], []).append(relation.target)
    if not targets.get("styles"):
        raise PackageRefused("the file has no styles", "start from the reference.docx of the built-in library")
    body = package.read_part(main).find(f"{W}body")
    if body is None:
        raise PackageRefused("the file is damaged: its text is missing", "save it again in Word")
    styles: dict[str, Element] = {}
    for style in package.read_part(targets["styles"][0]).iter(f"{W}style"):
        if style.find(f"{W}name") is not None:
            # Word spells its own style "footer", other programs "Footer".
            name = _value_of_child(style, "name")
            styles.setdefault(docx_writer.FOOTER_STYLE if name == "Footer" else name, style)
    numbering = targets.get("numbering")
    around, notes = (
        {part: package.read_part(part) for kind in kinds for part in targets.get(kind, ())}
        for kinds in (("header", "footer"), ("footnotes", "endnotes"))
    )
    return ReferenceFile(body, styles, package.read_part(numbering[0]) if numbering else None, around, notes)


def _value_of_child(node: Element, name: str) -> str:
    child = node.find(f"{W}{name}")
    return child.get(f"{W}val", "") if child is not None else ""


def _part_in_words(name: str) -> str:
    return next(word for word in ("header", "footnote", "endnote", "footer") if word in name or word == "footer")


def _text_of(root: Element) -> str:
    return "".join(node.text or "" for node in root.iter(f"{W}t"))


# -- styles and lists

_KINDS_IN_WORDS = {"paragraph": "paragraph style", "character": "character style", "table": "table style"}
_COPY_LIST = "copy the style and its list from the reference.docx of the built-in library"


def _check_styles(reference: ReferenceFile) -> Iterator[Problem]:
    """Yield what is missing or changed of styles and lists so that documents could not be written with the file."""
    missing = False
    for name, kind in docx_writer.STYLE_KINDS.items():
        style = reference.styles.get(name)
        add = f"add a {_KINDS_IN_WORDS[kind]} of that name"
        if style is None:
            missing = True
            near = find_nearest(name, set(reference.styles) - set(docx_writer.STYLE_KINDS))
            hint = f'rename "{near}" to "{name}"' if near else add
            yield Problem(f'the style "{name}" is missing', hint, code="word-style")
        elif style.get(f"{W}type") != kind:
            there = _KINDS_IN_WORDS.get(style.get(f"{W}type", ""), "list style")
            message = f'the style "{name}" is a {there}, and must be a {_KINDS_IN_WORDS[kind]}'
            yield Problem(message, f"delete it, and {add}", code="word-style")
    if not missing:
        yield from _check_lists(reference)


def _check_lists(reference: ReferenceFile) -> Iterator[Problem]:
    if reference.numbering is None:
        yield Problem("the list that numbers the clauses is missing", _COPY_LIST, code="word-list")
        return
    levels = {}
    for name in (docx_writer.CLAUSE_STYLE, docx_writer.ITEM_STYLE, docx_writer.BULLET_STYLE):
        number = reference.list_number_of(name)
        if number is None:
            yield Problem(f'the style "{name}" belongs to no list', _COPY_LIST, code="word-list")
            continue
        all_levels = reference.levels_of_list(number).values()
        if not all_levels:
            kind = "bullets" if name == docx_writer.BULLET_STYLE else "clauses"
            message = f"the list of the {kind} is missing: its styles point to none"
            yield Problem(message, _COPY_LIST, code="word-list")
            continue
        style_id = reference.style_id_of(name)
        linked = next((level for level in all_levels if _value_of_child(level, "pStyle") == style_id), None)
        if linked is None:
            message = f'the list of the style "{name}" is broken: no level of it is linked to the style'
            hint = f"LibreOffice loses the link when it saves: {_COPY_LIST}"
            yield Problem(message, hint, code="word-list")
        else:
            levels[name] = (number, linked)
    if docx_writer.CLAUSE_STYLE in levels:
        number, level = levels[docx_writer.CLAUSE_STYLE]
        yield from _check_clause_level(level)
        if docx_writer.ITEM_STYLE in levels:
            yield from _check_item_level(number, *levels[docx_writer.ITEM_STYLE])


def _check_clause_level(level: Element) -> Iterator[Problem]:
    is_decimal = _value_of_child(level, "numFmt") == "decimal" and "%1" in _value_of_child(level, "lvlText")
    if level.get(f"{W}ilvl") != "0" or not is_decimal:
        message = 'the clauses are not numbered 1, 2, 3, and the wording refers to them as "section 2"'
        yield Problem(message, "set it to 1, 2, 3 in Word: Define New Multilevel List", code="word-numbering")
    elif _value_of_child(level, "start") not in ("", "1"):
        message = "the numbers of the clauses do not start at 1"
        yield Problem(message, "set it in Word: Define New Multilevel List", code="word-numbering")


def _check_item_level(clause_number: str, number: str, level: Element) -> Iterator[Problem]:
    name = docx_writer.ITEM_STYLE
    if number != clause_number or level.get(f"{W}ilvl") != "1":
        message = f'the list of the clauses is broken: its second level is not linked to "{name}"'
        yield Problem(message, f"letters would not start anew in each clause; {_COPY_LIST}", code="word-list")
    elif _value_of_child(level, "numFmt") in ("none", "bullet"):
        message = f'the second level of the list of the clauses ("{name}") has no letters'
        yield Problem(message, _COPY_LIST, code="word-list")


# -- the page, header and footer

# Below this the key terms have no room for their four columns (points; letter paper with 2-inch margins has 324).
_LEAST_WIDTH, _LEAST_HEIGHT = 320.0, 430.0
# The narrowest and the lowest of our papers, in points: the file must serve both.
_NARROWEST_PAPER, _LOWEST_PAPER = 595.3, 792.0


def _check_page_settings(reference: ReferenceFile) -> Iterator[Problem]:
    section = reference.body.find(f"{W}sectPr")
    if section is None or section.find(f"{W}pgSz") is None or section.find(f"{W}pgMar") is None:
        message = "the file says nothing of its page: size or margins are missing"
        yield Problem(message, "set the margins in Word and save again", code="word-page")


def _check_page(reference: ReferenceFile) -> Iterator[Problem]:
    yield from _check_page_settings(reference)
    section = reference.body.find(f"{W}sectPr")
    size = section.find(f"{W}pgSz") if section is not None else None
    margins = section.find(f"{W}pgMar") if section is not None else None
    if section is None or size is None or margins is None:
        return
    count = len(list(reference.body.iter(f"{W}sectPr")))
    if count > 1:
        message = f"the file has {count} sections, and documents can follow only one"
        yield Problem(message, "delete the section breaks in Word", code="word-page")
    if size.get(f"{W}orient") == "landscape" or _read_twips(size, "w") > _read_twips(size, "h"):
        hint = "set it upright in Word: Layout > Orientation > Portrait"
        yield Problem("the page lies on its side", hint, code="word-page")
    columns = section.find(f"{W}cols")
    if columns is not None and (_read_twips(columns, "num") > 1 or len(columns) > 1):
        message = "the column layout was changed: the page has more than one column"
        hint = "in Word: Layout > Columns > One (the program sets the clauses in two columns itself)"
        yield Problem(message, hint, code="word-page")
    width = sum(_read_twips(margins, name) for name in ("left", "right", "gutter")) / 20
    height = sum(abs(_read_twips(margins, name)) for name in ("top", "bottom")) / 20
    for sides, taken, most in (
        ("left and right", width, _NARROWEST_PAPER - _LEAST_WIDTH),
        ("top and bottom", height, _LOWEST_PAPER - _LEAST_HEIGHT),
    ):
        if taken > most:
            message = f"the margins leave no room for the text: {sides} are {taken / 72:.1f} in"
            yield Problem(message, f"together they may take {most / 72:.1f} in", code="word-page")


def _read_twips(node: Element, name: str) -> int:
    """Return a length of an attribute in twips (1/20 pt); 0 where it is no whole number."""
    text = node.get(f"{W}{name}", "")
    try:
        return int(float(text)) if len(text) < 12 else 10**6
    except ValueError:
        return 0


def _check_tags_around(reference: ReferenceFile) -> Iterator[Problem]:
    for part, root in reference.headers_and_footers.items():
        text = re.sub(r"\{\{\s*footer\s*\}\}", "", _text_of(root))
        if "{{" in text or "{%" in text:
            message = f"the {_part_in_words(part)} has a tag, and reference.docx knows {{{{ footer }}}} only"
            hint = "for others, lay the whole document out in Word: make it a template, agreement.docx"
            yield Problem(message, hint, code="word-tag")


def _check_fields(reference: ReferenceFile) -> Iterator[Problem]:
    roots = reference.headers_and_footers.values()
    printed = {name_of_field(code) for root in roots for code in each_field_code(root)}
    for name, what in (("PAGE", "the number of the page"), ("NUMPAGES", "the number of pages")):
        if name not in printed:
            message = f"neither header nor footer has the field {name}: {what} is not printed"
            yield Problem(message, "insert it in the footer", code="word-not-printed")


def _check_footer(reference: ReferenceFile) -> Iterator[Problem]:
    text = "".join(_text_of(root) for root in reference.headers_and_footers.values())
    if "{{footer}}" not in text.replace(" ", ""):
        message = "neither header nor footer has {{ footer }}: the agreement's own footer is not printed"
        yield Problem(message, "write {{ footer }} in the footer where it belongs", code="word-not-printed")


# -- templates

# What a template may print besides facts.
_DOCUMENT_FACTS = ("title", "subtitle", "footer")


def template_shape_of(facts: Shape) -> Shape:
    """Return the facts of clauses with those that only templates know: the title, and `parties.first`."""
    fields = dict(facts.fields) | dict.fromkeys(_DOCUMENT_FACTS, Shape("text"))
    parties = fields.get("parties")
    if parties is not None and parties.item is not None:
        fields["parties"] = replace(parties, fields=dict.fromkeys(ORDINALS, parties.item))
    return group_shape(fields)


def _read_program(root: Element, part: str) -> TemplateProgram:
    program = compile_template(root, part, lambda _: 0)
    if any(0xE000 <= ord(char) <= 0xF8FF or ord(char) >= 0xF0000 for char in _text_of(root)):
        message = "it has a letter that only one font knows"
        program.problems.append((part or "the text", message, "take it from another"))
    return program


def _check_program(
    program: TemplateProgram, name: str, names: TemplateNames, used_facts: set[str]
) -> Iterator[Problem]:
    """Yield the problems of a part; the facts it uses are added to `used_facts`."""
    place = Place(name)
    for spot, message, hint in program.problems:
        yield Problem(message, hint, spot, place, code="word-tag")
    for block in program.blocks:
        if program.part:
            message = f"{{{{p {block.name} }}}} belongs in the text, not in a {program.part}"
            yield Problem(message, "", block.spot, place, code="word-tag")
        if block.topic and block.topic not in names.topics:
            message = f'"{block.topic}" is not a topic with clauses'
            yield Problem(message, suggest_nearest(block.topic, names.topics), block.spot, place, code="unknown-name")
    if program.problems:
        return
    try:
        found = analyze_text(program.code_to_check, Place(name, 1, 1), names.facts)
    except PackError as error:
        for problem in error.problems:
            # What may stand in clauses is no help with a template.
            hint = "" if problem.code == "clause-not-allowed" else problem.hint
            message = problem.message.replace(" in clauses", " in templates")
            spot = program.spot_of_line(problem.place.line)
            yield replace(problem, message=message, hint=hint, field=spot, place=place)
        return
    used_facts |= found.facts
    lines = program.code_to_check.split("\n")
    for used, known, kind in (
        (found.topics, names.topics, "a topic with clauses"),
        (found.rows, names.rows, "a key-term row"),
        (found.schedules, names.schedules, "a schedule"),
    ):
        for word in sorted(used - known):
            line = next((at for at, text in enumerate(lines, 1) if f"'{word}'" in text or f'"{word}"' in text), 1)
            hint = suggest_nearest(word, known)
            yield Problem(f'"{word}" is not {kind}', hint, program.spot_of_line(line), place, code="unknown-name")


def _check_blocks(programs: list[TemplateProgram], used_facts: Set[str]) -> Iterator[Problem]:
    """Yield what a template never places."""
    blocks = [block for program in programs for block in program.blocks]
    placed = {block.name for block in blocks}
    if any(fact.startswith(("parties.", "first.", "second.")) or fact == "parties" for fact in used_facts):
        placed.add("parties")
    for name, words in (
        ("clauses", "the clauses"),
        ("key_terms", "the key terms"),
        ("signatures", "the lines to sign on"),
        ("parties", "the parties"),
    ):
        if name == "clauses" and "clause" in placed:
            topics = ", ".join(sorted({block.topic for block in blocks if block.topic}))
            message = f"the template places single clauses only ({topics})"
            yield Problem(message, "add {{p clauses }} for the others", code="word-not-printed")
        elif name not in placed:
            message = f"the template never places {words}"
            hint = f"write {{{{p {name} }}}} in a paragraph of its own"
            yield Problem(message, hint, code="word-not-printed")
