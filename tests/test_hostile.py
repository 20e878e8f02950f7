"""Hostile facts in a whole deal: each stands in the Word file, the PDF and the text as it was typed, or is refused.

A fact may change in three ways only: its straight quotes may be curled, and in the key-terms table its first letter may
become a capital, and its last full stop may be left out. Spaces, tabs and line breaks count as one space.
"""

from __future__ import annotations

import itertools
import random
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from conftest import pdf_text, word_text
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from agreementgen import pipeline
from agreementgen.core.document import Document, text_of_document
from agreementgen.core.problems import (
    AgreementError,
    InputError,
    LayoutError,
    collapse_spaces,
    find_forbidden_character,
)
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_library
from agreementgen.render import pdf

NASTY = [
    *("<b>A & B</b>", "A &amp; B &#65; &lt;", "]]> <!-- x --> <?php ?>", "<script>alert(1)</script>", "a < b > c"),
    *(
        "</w:t></w:r></w:p><w:p/>",
        "</td></tr></table>",
        "<style>*{display:none}</style>",
        "<img src=http://evil.example>",
    ),
    *("*star* **bold** ***both***", "_under_ __dunder__", "# Hash Ltd", "- dash first", "* star first", "+ plus first"),
    *(
        "1. One First",
        "2010. Ventures",
        "> quoted",
        "| bar | in | table |",
        "|---|---|",
        "[Acme]: https://evil.example",
    ),
    *("![img](http://evil.example/x.png)", "[link](javascript:alert)", "`code` ``more``", "~~struck~~", "---", "==="),
    *("{{ 7*7 }}", "{{ self }} {{ document }}", "{% raw %} x", "{% endraw %} x", "{% for x in y %}", "{# note #}"),
    *("{{ footer }}", "{{ nope.nope }}", "${7*7} #{7*7}", "<%= 7*7 %>", "%s %d {0} {name}", "{_{ }_} {%p %}"),
    *(
        "back\\slash \\n \\* \\\\",
        "C:\\Users\\x",
        "ends in a backslash\\",
        "quo\"te and apos'trophe",
        "‘curly’ “quotes”",
    ),
    *("a: b, c: d", "x #not a comment", "yes", "null", "~", "@at", "=1+1", "=cmd|' /C calc'!A0", "'; DROP TABLE x; --"),
    *("Café Ångström", "e\u0301clair", "İstanbul ıI", "Straße ẞ", "Ελληνικά", "Кириллица", "½ ² № ™ ©", "ﬁne ﬂow"),
    *(
        "日本語株式会社",
        "中文 名称",
        "한국어",
        "שלום עולם",
        "مرحبا بالعالم",
        "हिन्दी",
        "ไทย ก่ำ",
        "☕ 🚀",
        "👩\u200d👩\u200d👧",
    ),
    *("non\u00a0breaking\u2009thin", "line\nbreak\ttab", "  many   spaces  ", "x" * 90, "ends with Inc.", "Yahoo!"),
    *("Why Not?", "iPad lower", "e.g. this", "so...", "a.b/c@d", "“Quoted.”", "(in brackets.)", "U.S."),
]
REFUSED = [
    *(
        "soft\u00adhyphen",
        "zero\u200bwidth",
        "bidi \u202e evil",
        "isolate \u2066 x",
        "nul\x00",
        "bell\x07",
        "esc\x1b[31m",
    ),
    *("private \ue000", "half \ud83d pair", "lost \ufffd", "line\u2028separator", "\ufeffbom", "plane \U000f0000"),
    *("not a character \uffff", "next\x85line", "tag \U000e0041"),
]
FIELDS = ("name1", "name2", "purpose", "duty1", "duty2", "duty3", "duty4", "excluded1", "excluded2", "short1", "short2")
# Fields that are printed as they are; the others are phrases and sentences of the key-terms table.
EXACT = ("name1", "name2", "short1", "short2")
Values = dict[str, str]
PLAIN: Values = {field: f"Plain {field}" for field in FIELDS}


def quoted(text: str) -> str:
    """Return a text in double quotes, as YAML writes it: what cannot be seen as a code."""
    signs = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
    return (
        '"' + "".join(signs.get(char) or (char if char.isprintable() else f"\\U{ord(char):08X}") for char in text) + '"'
    )


def deal_file(values: Values) -> bytes:
    """Return a deal with `values`, each in double quotes as YAML (and JSON) write them."""
    told = {field: quoted(text) for field, text in values.items()}
    keys = [quoted(collapse_spaces(values[field])) for field in ("short1", "short2")]
    return f"""\
agreement: referral
effective: 2026-12-01
law: Massachusetts
venue: Essex County, Massachusetts
parties:
  - name: {told["name1"]}
    short: {told["short1"]}
    entity: LLC
    formed in: Massachusetts
    address: 14 Harbor Street, Salem, MA 01970
    email: dana@northshore.example
    signatory: {{name: Dana Reyes, title: Managing Member}}
  - name: {told["name2"]}
    short: {told["short2"]}
    entity: corporation
    formed in: Rhode Island
    address: 220 Weybosset Street, Providence, RI 02903
    email: lee@bayrank.example
    signatory: {{name: Lee Okafor, title: President}}
scope:
  purpose: {told["purpose"]}
  excluded: [{told["excluded1"]}, {told["excluded2"]}]
responsibilities:
  {keys[0]}: [{told["duty1"]}, {told["duty2"]}]
  {keys[1]}: [{told["duty3"]}, {told["duty4"]}]
financial:
  model: none
""".encode()


def forms(field: str, text: str) -> set[str]:
    """Return how a fact may be printed."""
    plain = straight(collapse_spaces(text))
    if field in EXACT:
        return {plain}
    ends = {plain, plain[:-1]} if plain.endswith(".") else {plain}
    return ends | {end[:1].title() + end[1:] for end in ends}


@dataclass(frozen=True)
class Outcome:
    """What became of the values: those that were printed, in which files, and why the others were refused."""

    values: Values
    refused: dict[str, str]
    files: dict[str, bytes]
    document: Document


def fits_short(text: str) -> bool:
    return len(collapse_spaces(text)) <= 30


def built(values: Values, library: Library) -> Outcome:
    """Build the deal; where a value is refused with a reason, note it and build on without it."""
    values, refused = dict(values), {}
    while True:
        try:
            made = pipeline.build(
                pipeline.read(deal_file(values), "deal.yaml", library), library, ("docx", "pdf", "txt")
            )
            return Outcome(values, refused, made.files, made.fitted.document)
        except (InputError, LayoutError) as error:
            blamed = {field: str(error) for field in values if blames(error, field, values) and field not in refused}
            assert blamed, f"refused without naming a value: {error}"
            refused |= blamed
            values |= {field: PLAIN[field] for field in blamed}


PATHS = {"name1": "parties.1.name", "name2": "parties.2.name", "short1": "parties.1.short", "short2": "parties.2.short"}
PATHS |= {"purpose": "scope.purpose", "excluded1": "scope.excluded", "excluded2": "scope.excluded"}


def blames(error: AgreementError, field: str, values: Values) -> bool:
    for problem in error.problems:
        if PATHS.get(field) and problem.field.startswith(PATHS[field]):
            return True
        if field.startswith("duty") and problem.field.startswith("responsibilities"):
            return True
        # What no YAML may hold is told by line.
        line = deal_file(values).decode().split("\n")[problem.place.line - 1] if problem.place.line else ""
        if not problem.field and quoted(values[field]) in line:
            return True
    return False


def one_space(text: str) -> str:
    return re.sub(r"[ \t\n]+", " ", straight(text))


def straight(text: str) -> str:
    """Return a text as keyboards write it: pages curl quotes, and break no line at some spaces."""
    for curled, typed in ("‘'", "’'", '“"', '”"', "\u00a0 "):
        text = text.replace(curled, typed)
    return text


def letters(text: str) -> str:
    """Return a text as a PDF keeps it: without white space, composed, in letters of one form (ligatures apart)."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", straight(text)))


def is_shaped(text: str) -> bool:
    """Whether letters are drawn from right to left or change places: a PDF holds them as they are drawn."""
    return any(unicodedata.bidirectional(char) in ("R", "AL") or 0x0900 <= ord(char) < 0x0F00 for char in text)


def check(outcome: Outcome, folder: Path) -> None:
    word, plain = word_text(outcome.files["docx"]), outcome.files["txt"].decode()
    drawn = pdf_text(outcome.files["pdf"], folder)
    for field, text in outcome.values.items():
        wanted = forms(field, text)
        assert any(form in one_space(word) for form in wanted), (field, text, "docx")
        assert any(form in one_space(plain) for form in wanted), (field, text, "txt")
        if is_shaped(text):
            assert set(letters(text)) - set(letters(drawn)) <= set(), (field, text, "pdf")
        else:
            assert any(letters(form) in letters(drawn) for form in wanted), (field, text, "pdf")
    values = {field: straight(collapse_spaces(text)) for field, text in outcome.values.items()}
    paragraphs = straight(word).split("\n")
    for number in ("1", "2"):
        assert f"{values['name' + number]} ({values['short' + number]})" in paragraphs
        assert values["name" + number] in paragraphs
    package = zipfile.ZipFile(BytesIO(outcome.files["docx"]))
    parts = {name: package.read(name) for name in package.namelist()}
    feet = [
        "".join(etree.fromstring(part).itertext()) for name, part in parts.items() if name.startswith("word/footer")
    ]
    assert any(outcome.document.footer in foot for foot in feet)
    # Nothing of it is markup, a field or a link.
    for name, part in parts.items():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(part)
        assert b'TargetMode="External"' not in part
    assert list_what_acts(outcome.files["pdf"]) == ["attached: deal.yaml"]


def list_what_acts(data: bytes) -> list[str]:
    """Return the actions and attachments of a PDF."""
    found = []
    with pikepdf.open(BytesIO(data)) as file:
        for thing in file.objects:
            if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
                found += [
                    key for key in ("/URI", "/JS", "/JavaScript", "/Launch", "/AA", "/OpenAction") if key in thing
                ]
        found += [f"attached: {name}" for name in file.attachments]
    return found


def groups() -> list[Values]:
    """Return deals that hold all nasty values: each value in one field, marked so that it is found for certain."""
    deals = []
    waiting = [*NASTY]
    while waiting:
        values: Values = {}
        for field in FIELDS:
            fitting = [text for text in waiting if fits_short(text + " Zq11")] if "short" in field else waiting
            if not fitting:
                values[field] = PLAIN[field]
                continue
            text = fitting[0]
            waiting.remove(text)
            mark = len(NASTY) - len(waiting)
            values[field] = f"Qz{mark} {text}" if mark % 3 == 0 else f"{text} Zq{mark}"
        deals.append(values)
    return deals


GROUPS = groups()


@pytest.mark.skipif(not pdf.is_available(), reason="a PDF needs Pango")
@pytest.mark.parametrize("values", GROUPS, ids=lambda values: values["name1"][:20])
def test_a_finished_file_says_what_was_typed(library: Library, tmp_path: Path, values: Values) -> None:
    outcome = built(values, library)
    for field, reason in outcome.refused.items():
        assert "no font on this machine can print" in reason, (field, values[field], reason)
    check(outcome, tmp_path)


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text.encode("unicode_escape").decode())
@pytest.mark.parametrize("field", ["name1", "duty3"])
def test_characters_no_document_may_carry_are_refused(library: Library, text: str, field: str) -> None:
    with pytest.raises(InputError) as refused:
        pipeline.read(deal_file({**PLAIN, field: text}), "deal.yaml", library)
    said = [problem.message for problem in refused.value.problems]
    assert any(re.search(r"U\+[0-9A-F]{4,6} \(|half a character", message) for message in said), said
    assert refused.value.problems[0].place.line


# -- the whole draft, compared with one of plain words


def drafted(values: Values) -> Document:
    library = built_in_library()
    deal = pipeline.read(deal_file(values), "deal.yaml", library)
    outline = library.outline_of_kind(deal.kind)
    return draft_agreement(deal, library, outline, select_clauses(deal, library, outline))


MARKS = {field: f"Mark{index:02}x" for index, field in enumerate(FIELDS)}


@cache
def plain_words() -> str:
    return straight(text_of_document(drafted(MARKS)))


def pattern(values: Values) -> re.Pattern[str]:
    """Return what the agreement must say: the words of a plain one, with the forms of each value in its place."""
    text = re.escape(plain_words())
    for field, mark in MARKS.items():
        either = "|".join(re.escape(form) for form in sorted(forms(field, values[field])))
        # A sentence of the program's gets a stop unless the fact has one; a possessive depends on the last letter.
        stop = r"\.?" if field not in EXACT else ""
        text = text.replace(rf"{mark}\.", rf"(?:{either}){stop}").replace(mark, f"(?:{either})")
    return re.compile(text)


@pytest.mark.parametrize("shift", range(len(FIELDS)))
def test_every_value_in_every_field(shift: int) -> None:
    """Names, short names, purposes and duties: no value changes anything but its own place."""
    for start in range(0, len(NASTY), len(FIELDS)):
        texts = itertools.islice(itertools.cycle(NASTY), start, start + len(FIELDS))
        order = FIELDS[shift:] + FIELDS[:shift]
        values = dict(zip(order, texts, strict=True))
        values |= {field: PLAIN[field] for field in ("short1", "short2") if not fits_short(values[field])}
        said = straight(text_of_document(drafted(values)))
        assert pattern(values).fullmatch(said), values


SCRIPTS = [chr(code) for code in random.Random(2).sample(range(0x21, 0x1FFFF), 1_500)]
PIECES = [*NASTY, *"<>&*_#|[]{}`'\"\\-. \t", *(char for char in SCRIPTS if find_forbidden_character(char) is None)][
    :256
]


def cut(text: str, length: int) -> str:
    """Return the first words and characters of a text, one space between them."""
    return collapse_spaces(" ".join(collapse_spaces(text).split(" ")[:8])[:length])


ANY = st.binary(min_size=1, max_size=4).map(lambda data: "".join(PIECES[byte] for byte in data))


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(ANY, min_size=len(FIELDS), max_size=len(FIELDS)))
def test_any_text_in_a_whole_deal(texts: list[str]) -> None:
    values = {field: cut(text, 28 if "short" in field else 100) for field, text in zip(FIELDS, texts, strict=True)}
    seen: set[str] = set()
    for field, text in values.items():
        if text.casefold() in seen or not text:
            values[field] = PLAIN[field]
        seen.add(text.casefold())
    try:
        said = straight(text_of_document(drafted(values)))
    except InputError as error:
        assert all(problem.place.line and problem.message for problem in error.problems)
        return
    assert pattern(values).fullmatch(said)


@pytest.mark.slow
@pytest.mark.skipif(not pdf.is_available(), reason="a PDF needs Pango")
def test_any_text_in_finished_files(library: Library, tmp_path: Path) -> None:
    chance = random.Random(3)
    for _ in range(3):
        values = {
            field: "Qz " + "".join(chance.choice(PIECES[:100]) for _ in range(3)) if field not in EXACT[2:] else field
            for field in FIELDS
        }
        check(built(values, library), tmp_path)
