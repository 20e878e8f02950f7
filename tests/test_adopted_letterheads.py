"""A firm's own Word file becomes its letterhead: what the page needs is copied in, and the firm's look stays.

The files are made here by python-docx, in the shapes that firms have; LibreOffice counts the pages.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import letterheads
import packs
import pytest
from click.testing import CliRunner
from conftest import MINIMAL, REFERRAL, pages, pdf_text, word_pdfs
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Inches, Pt, RGBColor
from fontTools.ttLib import TTFont
from hostile_word import REFERENCE

from agreementgen import pipeline
from agreementgen.cli.main import commands
from agreementgen.core.problems import InputError, PackError
from agreementgen.library.files import SourceFile
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_parts
from agreementgen.packs.layering import open_library
from agreementgen.packs.letterhead import adopt_letterhead
from agreementgen.packs.letterhead_style import TakenStyle, take_style
from agreementgen.packs.word_file import check_reference
from agreementgen.render.docx_writer import XmlElement

OURS = SourceFile("reference.docx", REFERENCE)


def _plain(font: str = "Cambria") -> bytes:
    """Return a letter with a logo in its header, in a font and a color of the firm's own, and no foot."""
    word = docx.Document()
    word.styles["Normal"].font.name = font
    word.styles["Heading 1"].font.color.rgb = RGBColor(0x7A, 0x00, 0x19)
    word.sections[0].header.paragraphs[0].add_run("Voss and Adair").add_picture(
        io.BytesIO(letterheads.logo()), width=Inches(1)
    )
    word.add_heading("Dear client")
    word.add_paragraph("This goes.", style="List Number")
    return letterheads.saved(word)


def _with_foot() -> bytes:
    word = docx.Document(io.BytesIO(_plain()))
    word.sections[0].footer.paragraphs[0].text = "Tel. 555 0100"
    return letterheads.saved(word)


def _two_sections() -> bytes:
    """The first page upright with the letterhead, then a table on its side."""
    word = docx.Document(io.BytesIO(_plain()))
    section = word.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    return letterheads.saved(word)


def _on_its_side() -> bytes:
    word = docx.Document(io.BytesIO(_plain()))
    section = word.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    return letterheads.saved(word)


def _first_page_and_even() -> bytes:
    word = docx.Document(io.BytesIO(_plain()))
    word.sections[0].different_first_page_header_footer = True
    word.sections[0].first_page_header.paragraphs[0].text = "Voss and Adair, first page"
    word.settings.odd_and_even_pages_header_footer = True
    return letterheads.saved(word)


def _own_clause_style() -> bytes:
    """Styles of the firm that are named like ours, and mean something else."""
    word = docx.Document(io.BytesIO(_plain()))
    style = word.styles.add_style("Clause", WD_STYLE_TYPE.PARAGRAPH)
    style.font.size = Pt(20)
    style.paragraph_format.space_after = Pt(40)
    word.styles.add_style("Party Name", WD_STYLE_TYPE.CHARACTER)
    return letterheads.saved(word)


def _wide_spacing() -> bytes:
    """Defaults that would reach our styles: space behind paragraphs, one and a half lines, bold, a grid of lines."""
    word = docx.Document(io.BytesIO(_plain()))
    normal = word.styles["Normal"]
    normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(12), 1.5
    normal.font.bold = True
    defaults = word.styles.element.find(qn("w:docDefaults")).find(qn("w:pPrDefault"))
    properties = OxmlElement("w:pPr")
    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:after"), "240")
    spacing.set(qn("w:line"), "360")
    properties.append(spacing)
    for child in list(defaults):
        defaults.remove(child)
    defaults.append(properties)
    grid = OxmlElement("w:docGrid")
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), "500")
    word.sections[0]._sectPr.append(grid)
    return letterheads.saved(word)


def _change_parts(data: bytes, change: dict[str, tuple[str, str]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name in change:
                before, after = (one.encode() for one in change[name])
                assert before in text
                text = text.replace(before, after, 1)
            new.writestr(name, text)
    return buffer.getvalue()


def _tracked_and_protected() -> bytes:
    """Tracked changes in the text, tracking on, a protected form."""
    return _change_parts(
        _plain(),
        {
            "word/document.xml": (
                "<w:sectPr",
                '<w:p><w:ins w:id="7" w:author="A" w:date="2026-01-01T00:00:00Z"><w:r><w:t>new</w:t></w:r></w:ins></w:p><w:sectPr',
            ),
            "word/settings.xml": (
                "<w:defaultTabStop",
                '<w:trackRevisions/><w:documentProtection w:edit="forms"/><w:defaultTabStop',
            ),
        },
    )


def _template() -> bytes:
    """The same as a .dotx."""
    main = "wordprocessingml.document.main+xml"
    return _change_parts(_plain(), {"[Content_Types].xml": (main, "wordprocessingml.template.main+xml")})


def _without_lists() -> bytes:
    """No part for lists at all, as small programs write."""
    data = _plain()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "word/numbering.xml":
                continue
            if name.endswith(("document.xml.rels", "[Content_Types].xml")):
                text = re.sub(rb"<(?:Relationship|Override) [^>]*numbering[^>]*/>", b"", text)
            new.writestr(name, text)
    return buffer.getvalue()


def _without_section() -> bytes:
    return _change_all(_plain(), "word/document.xml", rb"<w:sectPr.*?</w:sectPr>", b"")


def _change_all(data: bytes, part: str, pattern: bytes, by: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, re.sub(pattern, by, text, flags=re.DOTALL) if name == part else text)
    return buffer.getvalue()


def _unlinked_lists() -> bytes:
    """Our own file as LibreOffice saves it: no level of a list names its style."""
    return _change_all(REFERENCE, "word/numbering.xml", rb"<w:pStyle [^>]*/>", b"")


_DRAWN = "http://schemas.openxmlformats.org/drawingml/2006"
_CURVE = (
    f'<w:r><w:drawing><wp:anchor xmlns:wp="{_DRAWN}/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0" '
    'simplePos="0" relativeHeight="2" behindDoc="1" locked="0" layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>'
    '<wp:positionH relativeFrom="page"><wp:posOffset>0</wp:posOffset></wp:positionH><wp:positionV relativeFrom="page">'
    '<wp:posOffset>0</wp:posOffset></wp:positionV><wp:extent cx="900000" cy="300000"/><wp:wrapNone/>'
    f'<wp:docPr id="9" name="Swash"/><a:graphic xmlns:a="{_DRAWN}/main"><a:graphicData '
    'uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:cNvSpPr/><wps:spPr><a:xfrm>'
    '<a:off x="0" y="0"/><a:ext cx="900000" cy="300000"/></a:xfrm><a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/>'
    '<a:rect l="0" t="0" r="r" b="b"/><a:pathLst><a:path w="100" h="50"><a:moveTo><a:pt x="0" y="50"/></a:moveTo>'
    '<a:cubicBezTo><a:pt x="30" y="0"/><a:pt x="70" y="50"/><a:pt x="100" y="0"/></a:cubicBezTo></a:path></a:pathLst>'
    "</a:custGeom></wps:spPr><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>"
)
_INSIDE_LINK = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> HYPERLINK  \\l "top" '
    '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>Top</w:t></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
_TITLE_PART = (
    '<w:sdt><w:sdtPr><w:alias w:val="Title"/><w:dataBinding w:prefixMappings="xmlns:n0=\'http://purl.org/dc/elements/1.1/\' '
    "xmlns:n1='http://schemas.openxmlformats.org/package/2006/metadata/core-properties' \" "
    'w:xpath="/n1:coreProperties[1]/n0:title[1]" w:storeItemID="{6C3C8BC8-F283-45AE-878A-BAB7291924A1}"/><w:text/>'
    "</w:sdtPr><w:sdtContent><w:r><w:t>Our firm</w:t></w:r></w:sdtContent></w:sdt>"
)
_WATERMARK = (
    '<w:r><w:pict xmlns:v="urn:schemas-microsoft-com:vml"><v:shape id="PowerPlusWaterMarkObject" type="#_x0000_t136" '
    'style="position:absolute;width:400pt;height:100pt;rotation:315;z-index:-251658752;'
    "mso-position-horizontal:center;mso-position-horizontal-relative:margin;mso-position-vertical:center;"
    'mso-position-vertical-relative:margin" fillcolor="silver" stroked="f"><v:textpath string="DRAFT"/></v:shape></w:pict></w:r>'
)


def _in_header(data: bytes, inline: str) -> bytes:
    """Put runs into the first paragraph of the header, behind what stands there."""
    return _change_all(data, "word/header1.xml", b"</w:p>", f"{inline}</w:p>".replace("\\", "\\\\").encode())


def _own_with_header() -> bytes:
    """Our reference.docx with a header of the firm's, which is used as it is."""
    word = letterheads.opened()
    word.sections[0].header.is_linked_to_previous = False
    word.sections[0].header.paragraphs[0].text = "Voss and Adair"
    return letterheads.saved(word)


def _own_with_section(before: bytes, after: bytes) -> bytes:
    made = _change_all(_own_with_header(), "word/document.xml", before, after)
    assert made != _own_with_header()
    return made


# What was refused for false reasons, and is used as it is.
AS_THEY_ARE = {
    "drawn-curve": _in_header(_own_with_header(), _CURVE), "link-inside": _in_header(_own_with_header(), _INSIDE_LINK),
    "title-part": _in_header(_own_with_header(), _TITLE_PART), "watermark": _in_header(_own_with_header(), _WATERMARK),
    "no-columns": _own_with_section(rb"<w:cols [^>]*/>", b""),
    "next-page": _own_with_section(rb"<w:pgSz", b'<w:type w:val="nextPage"/><w:pgSz'),
}  # fmt: skip

SHAPES = {
    "plain": _plain(), "foot": _with_foot(), "two-sections": _two_sections(), "on-its-side": _on_its_side(),
    "first-and-even": _first_page_and_even(), "own-clause-style": _own_clause_style(), "wide-spacing": _wide_spacing(),
    "tracked": _tracked_and_protected(), "template": _template(), "without-lists": _without_lists(),
    "without-section": _without_section(), "unlinked-lists": _unlinked_lists(),
    "curve-and-title-part": _in_header(_in_header(_with_foot(), _CURVE), _TITLE_PART),
    "watermark": _in_header(_with_foot(), _INSIDE_LINK + _WATERMARK),
    "no-columns": _change_all(_plain(), "word/document.xml", rb"<w:cols [^>]*/>", b""),
    "odd-page-break": _change_all(_plain(), "word/document.xml", b"<w:pgSz", b'<w:type w:val="oddPage"/><w:pgSz'),
}  # fmt: skip


@pytest.fixture(scope="module")
def built(library: Library) -> dict[str, pipeline.BuiltAgreement]:
    made = {}
    for name, data in (*SHAPES.items(), *((f"own-{name}", data) for name, data in AS_THEY_ARE.items())):
        file = adopt_letterhead(SourceFile("letter.docx", data), OURS).file
        mine = replace(library, layout={**library.layout, "reference.docx": file})
        made[name] = pipeline.build(pipeline.read(MINIMAL.read_bytes(), "minimal.yaml", mine), mine, ("docx",))
    return made


def test_shapes_were_not_usable_as_they_are() -> None:
    assert [name for name, data in SHAPES.items() if not check_reference(data, name).problems] == []


def test_what_is_no_danger_is_used_as_it_is() -> None:
    assert [check_reference(data, name).problems for name, data in AS_THEY_ARE.items()] == [()] * len(AS_THEY_ARE)


def test_each_shape_keeps_its_promise_of_pages(built: dict[str, pipeline.BuiltAgreement], tmp_path: Path) -> None:
    printed = word_pdfs({name: one.files["docx"] for name, one in built.items()}, tmp_path)
    counts = {name: pages(data, tmp_path) for name, data in printed.items()}
    assert counts == {name: one.fitted.pages for name, one in built.items()} == dict.fromkeys(built, 1)
    assert len(counts) == len(SHAPES) + len(AS_THEY_ARE)
    for name in ("plain", "curve-and-title-part", "watermark", "own-title-part", "own-no-columns"):
        assert "Voss and Adair" in pdf_text(printed[name], tmp_path), name


def test_the_look_of_the_firm_is_kept(built: dict[str, pipeline.BuiltAgreement]) -> None:
    word = docx.Document(io.BytesIO(built["plain"].files["docx"]))
    assert word.sections[0].header.paragraphs[0].text == "Voss and Adair"
    assert any(
        name.startswith("word/media/") for name in zipfile.ZipFile(io.BytesIO(built["plain"].files["docx"])).namelist()
    )
    assert word.styles["Agreement Body"].font.name == "Cambria"
    assert str(word.styles["Title"].font.color.rgb) == "7A0019"
    assert word.sections[0].left_margin == Inches(1.25)
    assert "This goes." not in "\n".join(paragraph.text for paragraph in word.paragraphs)


def test_page_numbers_come_where_the_firm_has_no_foot(built: dict[str, pipeline.BuiltAgreement]) -> None:
    assert "Page" in docx.Document(io.BytesIO(built["plain"].files["docx"])).sections[0].footer.paragraphs[0].text
    assert (
        docx.Document(io.BytesIO(built["foot"].files["docx"])).sections[0].footer.paragraphs[0].text == "Tel. 555 0100"
    )
    word = docx.Document(io.BytesIO(built["first-and-even"].files["docx"])).sections[0]
    assert "Page" in word.first_page_footer.paragraphs[0].text
    assert "Page" in word.even_page_footer.paragraphs[0].text
    assert {run.font.size for run in word.even_page_footer.paragraphs[0].runs} == {Pt(8)}


def test_same_bytes_each_time() -> None:
    first, second = (adopt_letterhead(SourceFile("letter.docx", _plain()), OURS).file.data for _ in range(2))
    assert first == second


def test_file_that_has_everything_stays_as_it_is() -> None:
    made = adopt_letterhead(SourceFile("letter.docx", REFERENCE), OURS)
    assert made.file.data == REFERENCE


def _wide_margins() -> bytes:
    word = docx.Document(io.BytesIO(_plain()))
    word.sections[0].left_margin = word.sections[0].right_margin = Inches(2.2)
    return letterheads.saved(word)


def _with_tag() -> bytes:
    word = docx.Document(io.BytesIO(_plain()))
    word.sections[0].header.paragraphs[0].text = "{{ client }}"
    return letterheads.saved(word)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (_wide_margins(), "the margins leave no room for the text: left and right are 4.4 in"),
        (_with_tag(), "the header has a tag, and reference.docx knows {{ footer }} only"),
        (
            _change_parts(
                _plain(),
                {"[Content_Types].xml": ("wordprocessingml.document.main+xml", "document.macroEnabled.main+xml")},
            ),
            "the file holds macros",
        ),
        (b"PK\x05\x06" + bytes(18), "this is not a Word file"),
    ],
    ids=["margins", "tag", "macros", "empty"],
)
def test_what_cannot_be_used_is_refused_with_its_true_cause(data: bytes, message: str) -> None:
    with pytest.raises(PackError) as caught:
        adopt_letterhead(SourceFile("letter.docx", data), OURS)
    assert caught.value.problems[0].message.startswith(message)
    assert all("style" not in problem.message for problem in caught.value.problems)


def test_file_dropped_into_a_pack_is_used_and_told_once(tmp_path: Path) -> None:
    pack = packs.write(tmp_path / "acme-law", {"templates/layout/reference.docx": _plain()})
    mine = open_library((pack,))
    made = pipeline.build(pipeline.read(MINIMAL.read_bytes(), "minimal.yaml", mine), mine, ("docx",))
    told = [problem for problem in made.warnings if problem.code == "word-adopted"]
    assert [problem.severity for problem in told] == ["N"]
    assert told[0].message == (
        "this Word file is used as the letterhead (added: 60 styles and the list that numbers the clauses; added: a footer "
        "with the agreement's own line and the number of the page; left out: its text)"
    )


def test_command_writes_the_letterhead_into_the_pack(tmp_path: Path) -> None:
    pack = packs.write(tmp_path / "acme-law", {})
    letter = tmp_path / "letter.docx"
    letter.write_bytes(_plain())
    run = CliRunner().invoke(commands, ["pack", "letterhead", str(letter), "--pack", str(pack)], standalone_mode=False)
    assert run.exception is None
    written = pack / "templates" / "layout" / "reference.docx"
    assert run.stdout.split("\n")[0] == str(written)
    assert "kept: 1 part around the text (headers, footers), 1 picture, the font Cambria" in run.output
    assert len(run.output.strip().split("\n")) <= 9
    assert check_reference(written.read_bytes(), "reference.docx").problems == ()


# -- the same look for the PDF


def _taken(data: bytes, **files: bytes) -> TakenStyle:
    made = adopt_letterhead(SourceFile("letter.docx", data), OURS).file
    own = {name.replace("_", "."): SourceFile(name, found) for name, found in files.items()}
    return take_style(made, {**built_in_parts().layout, **own})


def _fields(taken: TakenStyle) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in taken.text.splitlines()[1:])


def test_the_pdf_takes_the_look_and_says_which_font_it_lacks() -> None:
    taken = _taken(letterheads.acme())
    assert _fields(taken) == {
        "color": '"#1f3864"',
        "logo": "letterhead-logo.png",
        "logo height": "34.02 pt",
        "logo at": "right",
        "head": '["Acme Law LLP, 1 Court Square, Boston"]',
        "head at": "right",
        "margins": "{top: 70.5 pt, right: 73.7 pt, bottom: 51 pt, left: 73.7 pt}",
    }
    assert taken.pictures == {"letterhead-logo.png": letterheads.logo()}
    assert taken.lines == (
        "the PDF takes from it: color, logo, logo height, logo at, head, head at, margins",
        'the font "DejaVu Serif" is not in the pack: the PDF has Carlito and Caladea instead; to have it there, too, put its '
        "files (.ttf, regular and bold) into templates/layout and give this command again with --force",
    )


def _with_lines(count: int, above: str = "") -> bytes:
    word = docx.Document()
    word.styles["Normal"].font.name = word.styles["Heading 1"].font.name = "Caladea"
    section = word.sections[0]
    section.header.paragraphs[0].text = above or "Hallam & Pryce LLP"
    for number in range(1, count):
        section.header.add_paragraph(f"Line {number}").alignment = WD_ALIGN_PARAGRAPH.CENTER
    section.footer.paragraphs[0].text = "Registered in Massachusetts\t\tNo. 7"
    section.left_margin, section.right_margin = Cm(7), Cm(2)
    return letterheads.saved(word)


def test_what_a_style_cannot_say_is_told() -> None:
    taken = _taken(_with_lines(5))
    fields = _fields(taken)
    assert fields["head"] == "[Hallam & Pryce LLP, Line 1, Line 2]"
    assert fields["foot"] == "[Registered in Massachusetts · No. 7]"
    assert "margins" not in fields
    assert fields["faces"].startswith("{regular: fonts/Caladea-Regular.ttf, bold: fonts/Caladea-Bold.ttf")
    assert taken.lines[-1] == (
        'the PDF goes without: 2 lines of its head; its margins ("left" is 198 pt, and may be 28 to 170 pt)'
    )
    wide = _taken(_with_lines(1, "W" * 80))
    assert "head" not in _fields(wide)
    assert 'its head ("head" is' in wide.lines[-1]


def test_a_font_that_forbids_it_is_not_taken() -> None:
    font, forbidden = TTFont(io.BytesIO(built_in_parts().layout["fonts/Caladea-Regular.ttf"].data)), io.BytesIO()
    font["OS/2"].fsType = 2
    for record in font["name"].names:
        if record.nameID == 1:
            record.string = "Hallam Text"
    font.save(forbidden)
    word = docx.Document()
    word.styles["Normal"].font.name = "Hallam Text"
    taken = _taken(letterheads.saved(word), text_ttf=forbidden.getvalue())
    assert taken.lines[1] == 'the font "text.ttf" cannot be used: its maker forbids to embed it in documents'
    assert taken.lines[2].startswith('the font "Hallam Text" is not in the pack: the PDF has Carlito')


def test_command_writes_the_look_of_the_pdf_where_nothing_else_says_it(tmp_path: Path) -> None:
    letter = tmp_path / "letter.docx"
    letter.write_bytes(_plain())
    for name, files in (("plain", {}), ("styled", {"templates/layout/agreement.css": "h1 { color: #7a0019 }"})):
        pack = packs.write(tmp_path / name, files)
        run = CliRunner().invoke(
            commands, ["pack", "letterhead", str(letter), "--pack", str(pack)], standalone_mode=False
        )
        assert run.exception is None
        style = pack / "templates" / "layout" / "style.yaml"
        assert style.exists() == (name == "plain")
        assert ("agreement.css says how the PDF looks, so no style.yaml was written" in run.output) == (
            name == "styled"
        )
    (style := tmp_path / "plain" / "templates" / "layout" / "style.yaml").write_text('color: "#000000"\n')
    words = ["pack", "letterhead", str(letter), "--pack", str(tmp_path / "plain")]
    with pytest.raises(InputError) as raised:
        CliRunner().invoke(commands, words, standalone_mode=False, catch_exceptions=False)
    assert [problem.code for problem in raised.value.problems] == ["not-ours"]
    assert style.read_text() == 'color: "#000000"\n'
    assert open_library((tmp_path / "plain",)).packs


@pytest.mark.office
def test_word_and_pdf_of_a_letterhead_break_the_same_lines(tmp_path: Path) -> None:
    """A letterhead in a font that the pack has, through the command, to both documents."""
    letter, pack = tmp_path / "letter.docx", packs.write(tmp_path / "acme", {})
    word = docx.Document(io.BytesIO(_with_lines(3)))
    word.sections[0].left_margin = Cm(2.5)
    letter.write_bytes(letterheads.saved(word))
    run = CliRunner().invoke(commands, ["pack", "letterhead", str(letter), "--pack", str(pack)], standalone_mode=False)
    assert run.exception is None
    library = open_library((pack,))
    made = pipeline.build(pipeline.read(REFERRAL.read_bytes(), "deal.yaml", library), library, ("docx", "pdf"))
    assert made.fitted.pages_by == "agreementgen"
    assert made.fitted.word_fit.sizes == made.fitted.sizes
    office = word_pdfs({"deal": made.files["docx"]}, tmp_path)["deal"]
    assert pages(office, tmp_path) == made.fitted.pages == 2
    told = [set(pdf_text(data, tmp_path).splitlines()) for data in (made.files["pdf"], office)]
    # All but what Word numbers by itself, and the letterhead.
    assert len(told[0] & told[1]) > 0.85 * len(told[0])


def _field(line: XmlElement, code: str, shown: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), f" {code} ")
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = shown
    run.append(text)
    field.append(run)
    line._p.append(field)


def test_lines_in_which_word_counts_are_told_unless_they_number_pages_alone() -> None:
    word = docx.Document(io.BytesIO(_with_lines(1)))
    footer = word.sections[0].footer
    for said, code, shown in (
        ("Page ", "PAGE", "1"),
        ("Hallam & Pryce LLP, page ", "PAGE", "1"),
        ("Stored as ", "FILENAME", "letter.docx"),
        ("Write to ", 'HYPERLINK "mailto:us@hallam.example"', "us@hallam.example"),
    ):
        _field(footer.add_paragraph(said), code, shown)
    taken = _taken(letterheads.saved(word))
    assert _fields(taken)["foot"] == "[Registered in Massachusetts · No. 7, Write to us@hallam.example]"
    assert taken.lines[-1].startswith(
        'the PDF goes without: "Hallam & Pryce LLP, page 1" of its foot, where Word fills in a part (PAGE); '
        '"Stored as letter.docx" of its foot, where Word fills in a part (FILENAME)'
    )
