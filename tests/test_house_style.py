"""A firm's look from one short file: the same in Word and PDF, and every line of the text where it was before."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import letterheads
import packs
import pikepdf
import pytest
from conftest import REFERRAL, ROOT, need, pages, pdf_text, run
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTFont
from PIL import Image

from agreementgen import pipeline
from agreementgen.core.problems import LayoutError, PackError
from agreementgen.library.files import SourceFile
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_parts
from agreementgen.packs.layering import open_library
from agreementgen.packs.letterhead import adopt_letterhead
from agreementgen.render import word_page
from agreementgen.render.house_style import house_style_sheet
from agreementgen.render.lettering import letters_of_layout
from agreementgen.render.measures import has_our_page

HEAD = "Acme Law LLP · 12 Court Street, Boston"
STYLE = f'color: "#7A1F3D"\nhead: {HEAD}\nlogo: mark.png\n'
OURS = built_in_parts().layout["reference.docx"]
WINE, NAVY = "0.4784 0.1216 0.2392", "0.1216 0.2196 0.3922"


def _picture(width: int = 300, height: int = 100) -> bytes:
    made = io.BytesIO()
    Image.new("RGBA", (width, height), (122, 31, 61, 128)).save(made, "PNG")
    return made.getvalue()


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("packs") / "acme"
    files = {"templates/layout/style.yaml": STYLE, "templates/layout/mark.png": _picture()}
    return open_library((packs.write(folder, files),))


def _build(library: Library, text: str = "", paper: str = "") -> pipeline.BuiltAgreement:
    data = text.encode() if text else REFERRAL.read_bytes()
    return pipeline.build(pipeline.read(data, "deal.yaml", library, paper), library)


def test_pdf_has_head_logo_and_color_on_each_page_and_its_lines_stay(
    library: Library, firm: Library, tmp_path: Path
) -> None:
    text = REFERRAL.read_text(encoding="utf-8").replace("\nraci:\n", "\nraci:\n  attach: yes\n")
    plain, dressed = _build(library, text), _build(firm, text)
    assert dressed.fitted.pages_by == "agreementgen"
    words = pdf_text(dressed.files["pdf"], tmp_path)
    assert words.count(HEAD) == dressed.fitted.pages == 2
    assert words.replace(f"{HEAD}\n", "") == pdf_text(plain.files["pdf"], tmp_path)
    with pikepdf.open(io.BytesIO(dressed.files["pdf"])) as pdf:
        for page in pdf.pages:
            logo = page.Resources.XObject.Logo
            assert (logo.Width, logo.Height, len(logo.read_bytes())) == (300, 100, 300 * 100 * 3)
            assert set(logo.SMask.read_bytes()) == {128}
            assert b"q 60.000 0 0 20.000" in page.Contents.read_bytes()
        drawn = pdf.pages[0].Contents.read_bytes().decode("latin-1")
        assert (WINE in drawn, NAVY in drawn) == (True, False)
        # The letters of a chart keep their colors, which are chosen for grey print.
        assert NAVY in pdf.pages[1].Contents.read_bytes().decode("latin-1")


def test_word_file_has_the_same(firm: Library) -> None:
    data = _build(firm, paper="a4").files["docx"]
    word = docx.Document(io.BytesIO(data))
    assert [line.text for line in word.sections[0].header.paragraphs] == [HEAD]
    assert str(word.styles["Title"].font.color.rgb) == "7A1F3D"
    assert str(word.styles["Letterhead"].font.color.rgb) == "7A1F3D"
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        (name,) = (name for name in package.namelist() if name.startswith("word/media/"))
        assert package.read(name) == _picture()
        header = next(package.read(name) for name in package.namelist() if name.startswith("word/header")).decode()
        styles = package.read("word/styles.xml").decode()
    # 60 by 20 points, 12 points below the edge of the paper, at the right margin.
    assert re.search(r'relativeFrom="margin"><wp:align>right<.*<wp:posOffset>152400<.*cx="762000" cy="254000"', header)
    assert re.search(r'w:name w:val="Title"/>.*?</w:style>', styles, re.DOTALL)
    assert "1F3864" not in re.sub(r'<w:style [^>]*>\s*<w:name w:val="Chart.*?</w:style>', "", styles, flags=re.DOTALL)


def test_page_that_weasyprint_lays_out_has_it_too(firm: Library, tmp_path: Path) -> None:
    text = REFERRAL.read_text(encoding="utf-8").replace("Northshore Web Studio LLC", "Northshore 東京 LLC")
    made = _build(firm, text)
    assert made.fitted.pages_by != "agreementgen"
    assert HEAD in pdf_text(made.files["pdf"], tmp_path)
    with pikepdf.open(io.BytesIO(made.files["pdf"])) as pdf:
        streams = [each for each in pdf.objects if isinstance(each, pikepdf.Stream)]
        # The picture, and how much of it is seen.
        assert [(one.Width, one.Height) for one in streams if one.get("/Subtype") == "/Image"] == [(300, 100)] * 2


def test_all_that_is_wrong_is_told_with_its_place(tmp_path: Path) -> None:
    style = f'color: "#ffee00"\nhead: {"x" * 91}\nlogo: wide.png\nmargin: 2 cm\n'
    files = {
        "templates/layout/style.yaml": style,
        "templates/layout/wide.png": _picture(1_010, 100),
        "templates/layout/agreement.css": '@import "built-in/agreement.css";\n',
    }
    with pytest.raises(PackError) as raised:
        open_library((packs.write(tmp_path / "acme", files),))
    name = "acme/templates/layout/style.yaml"
    assert [(str(p.place).removeprefix(f"{tmp_path}/"), p.message) for p in raised.value.problems] == [
        (name, '"agreement.css" of this pack says how the page looks, too'),
        (f"{name}:1:8", "#ffee00 is too pale to be read on white paper"),
        (f"{name}:2:7", '"head" is one line of at most 90 characters'),
        (f"{name}:3:7", "the logo is too wide: 202 pt where it is 20 pt high"),
        (f"{name}:4:1", '"margin" is not a field here'),
    ]


@pytest.mark.parametrize(
    ("line", "code", "hint"),
    [
        ("color: red", "unreadable", 'write six hexadecimal digits in quotes, as in "#7a1f3d"'),
        ("logo: marc.png", "unknown-name", 'did you mean "mark.png"?'),
        (f"logo: mark.png\nhead: {'W' * 56}", "out-of-limits", "shorten it"),
        ("logo: mark.svg", "not-a-choice", "save it as PNG or JPEG: Word shows no other pictures everywhere"),
        (
            "logo: mark.png\nhead: Acme\nlogo at: left\nmargins: {top: 49 pt}",
            "out-of-limits",
            "what stands in it needs so much",
        ),
        ("head: [a, b, c, d]", "out-of-limits", "leave some out"),
        ("head at: top\nhead: Acme", "not-a-choice", "known here: left, middle, right"),
        ("margins: {left: wide}", "unreadable", 'write a number and its unit, as in "2 cm", "0.8 in" or "54 pt"'),
        ("margins: 2 cm", "wrong-shape", ""),
        ("margins: {left: 7 cm}", "out-of-limits", ""),
        ("margins: {middle: 2 cm}", "unknown-name", "known here: bottom, left, right, top"),
        # Three lines above need 55 pt, two below 55.
        ("head: [a, b, c]\nmargins: {top: 54 pt}", "out-of-limits", "what stands in it needs so much"),
        ("foot: [a, b]\nmargins: {bottom: 54 pt}", "out-of-limits", "what stands in it needs so much"),
        ("sizes: {title: 30 pt}", "out-of-limits", ""),
        (
            "sizes: {smallest: 9.2 pt}",
            "not-a-choice",
            "choose one of: 8.5 pt, 9 pt, 9.5 pt, 10 pt, 10.5 pt, 11 pt, 11.5 pt, 12 pt",
        ),
        ("sizes: {smallest: 11 pt, largest: 9 pt}", "out-of-limits", "swap them"),
        ("faces: {regular: fonts/Carlito-Regular.ttf}", "missing", ""),
        ("faces: {regular: fonts/Carlito-Regular.ttf, bold: a.ttf}", "unknown-name", "put it into templates/layout"),
    ],
)
def test_single_faults(tmp_path: Path, line: str, code: str, hint: str) -> None:
    files = {"templates/layout/style.yaml": f"{line}\n", "templates/layout/mark.png": _picture()}
    with pytest.raises(PackError) as raised:
        open_library((packs.write(tmp_path / "acme", files),))
    assert [(problem.code, problem.hint) for problem in raised.value.problems] == [(code, hint)]


# -- faces, margins, sizes, lines at the foot


def test_the_fit_keeps_to_the_smallest_type(tmp_path: Path) -> None:
    fitting, narrow = "sizes: {smallest: 12 pt}\n", "sizes: {smallest: 12 pt}\nmargins: {left: 5 cm, right: 5 cm}\n"
    first, second = (
        open_library((packs.write(tmp_path / name, {"templates/layout/style.yaml": style}),))
        for name, style in (("fitting", fitting), ("narrow", narrow))
    )
    fitted = _build(first).fitted
    assert (fitted.sizes.body, fitted.document.apart) == (12.0, "Standard terms")
    with pytest.raises(LayoutError) as raised:
        _build(second)
    assert "even at 12 pt" in raised.value.problems[0].message


FACES = ROOT / "samples" / "packs" / "thornbury-vane" / "templates" / "layout" / "house"
FOOT = ("Acme Law LLP is registered in Massachusetts, no. 123456.", "Bank of Boston")
WHOLE = f"""\
color: "#7A1F3D"
head: [Acme Law LLP, "12 Court Street, Boston", office@acme.example]
head at: right
logo: mark.png
logo at: left
logo height: 30 pt
foot: ["{FOOT[0]}", "{FOOT[1]}"]
faces:
  regular: house/Regular.ttf
  bold: house/Bold.ttf
  italic: house/Italic.ttf
  bold italic: house/BoldItalic.ttf
margins: {{left: 2 cm, right: 25 mm, top: 0.8 in}}
sizes: {{title: 20 pt, smallest: 9 pt, largest: 11 pt}}
"""


def _font(name: str, change: Callable[[TTFont], None] = lambda font: None) -> bytes:
    font, made = TTFont(FACES / f"Caladea-{name}.ttf"), io.BytesIO()
    change(font)
    font.save(made)
    return made.getvalue()


def _files(style: str = WHOLE, **fonts: bytes) -> dict[str, str | bytes]:
    found = {name: fonts.get(name) or _font(name) for name in ("Regular", "Bold", "Italic", "BoldItalic")}
    files: dict[str, str | bytes] = {f"templates/layout/house/{name}.ttf": data for name, data in found.items()}
    return files | {"templates/layout/style.yaml": style, "templates/layout/mark.png": _picture()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return open_library((packs.write(tmp_path_factory.mktemp("whole") / "acme", _files()),))


def _lines(data: bytes, folder: Path) -> list[str]:
    """Return the lines of a PDF, each with the places of its ends, in points."""
    (folder / "read.pdf").write_bytes(data)
    found = run(need("pdftotext"), "-bbox-layout", folder / "read.pdf", "-")
    lines = re.findall(r'<line xMin="([\d.]+)".*?>(.*?)</line>', found, re.DOTALL)
    return [" ".join(re.findall(r">([^<]+)</word>", words)) for _, words in lines]


def test_a_whole_look_is_that_of_the_pdf(whole: Library, tmp_path: Path) -> None:
    made = _build(whole)
    assert made.fitted.pages_by == "agreementgen"
    assert made.fitted.word_fit.sizes == made.fitted.sizes
    assert 9 <= made.fitted.sizes.body <= 11
    with pikepdf.open(io.BytesIO(made.files["pdf"])) as pdf:
        names = {str(font.BaseFont).split("+")[1] for page in pdf.pages for font in page.Resources.Font.values()}
        assert names == {"Caladea-Regular", "Caladea-Bold"}
        drawn = pdf.pages[0].Contents.read_bytes().decode("latin-1")
        assert "q 90.000 0 0 30.000 56.700 750.000 cm" in drawn
        # The title, in 20 pt; the text begins 57.6 pt below the edge of the paper and 2 cm beside it.
        assert re.search(r"20 0 0 20 56\.700 7\d\d", drawn)
    words = pdf_text(made.files["pdf"], tmp_path)
    for said in ("12 Court Street, Boston", "office@acme.example", *FOOT):
        assert words.count(said) == made.fitted.pages


def test_the_word_file_has_the_same_margins_fonts_and_sizes(whole: Library) -> None:
    data = _build(whole).files["docx"]
    word = docx.Document(io.BytesIO(data))
    section = word.sections[0]
    margins = (section.top_margin, section.right_margin, section.bottom_margin, section.left_margin)
    assert [round(margin.pt, 1) for margin in margins if margin is not None] == [57.6, 70.8, 63.2, 56.7]
    assert [line.text for line in section.header.paragraphs] == [
        "Acme Law LLP",
        "12 Court Street, Boston",
        "office@acme.example",
    ]
    assert [line.text for line in section.footer.paragraphs][1:] == list(FOOT)
    assert word_page.read_body_font(data) == "Caladea"
    assert {word.styles[name].font.name for name in ("Title", "Key Terms Heading")} == {"Caladea"}
    assert word.styles["Title"].font.size.pt == 20
    # Beside the title, in the type of the text.
    assert word.styles["Effective Date"].font.size.pt == word.styles["Agreement Body"].font.size.pt == 11


def test_a_whole_look_is_that_of_weasyprints_page_too(whole: Library, tmp_path: Path) -> None:
    text = REFERRAL.read_text(encoding="utf-8").replace("Northshore Web Studio LLC", "Northshore 東京 LLC")
    made = _build(whole, text)
    assert made.fitted.pages_by == "weasyprint"
    words = pdf_text(made.files["pdf"], tmp_path)
    for said in ("12 Court Street, Boston", "office@acme.example", *FOOT):
        assert words.count(said) == made.fitted.pages
    with pikepdf.open(io.BytesIO(made.files["pdf"])) as pdf:
        # The firm's face stands where that page looks for ours.
        assert whole.layout["fonts/Carlito-Regular.ttf"].data == whole.layout["house/Regular.ttf"].data
        assert any(isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Image" for each in pdf.objects)


@pytest.mark.office
def test_libreoffice_breaks_its_lines_where_the_pdf_does(whole: Library, tmp_path: Path) -> None:
    made = _build(whole)
    (tmp_path / "word").mkdir()
    office = word_page.convert_to_pdf({"deal": made.files["docx"]}, tmp_path / "word", whole.layout)[
        "deal"
    ].read_bytes()
    assert pages(office, tmp_path) == made.fitted.pages
    ours, theirs = (_lines(data, tmp_path) for data in (made.files["pdf"], office))
    # What is beside each other is told in another order.
    assert sorted(ours) == sorted(theirs)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda font: setattr(font["OS/2"], "fsType", 2), "its maker forbids to embed it in documents"),
        (lambda font: setattr(font["OS/2"], "fsType", 0x104), "its maker forbids to embed a part of it"),
        (lambda font: setattr(font["OS/2"], "fsType", 0x200), "its maker lets only its bitmaps be embedded"),
        (lambda font: [table.cmap.pop(code, None) for table in font["cmap"].tables for code in (0x24, 0x201C)], "it lacks $ “"),
    ],
)  # fmt: skip
def test_a_font_that_cannot_be_used_is_named_with_the_cause(
    tmp_path: Path, change: Callable[[TTFont], None], reason: str
) -> None:
    with pytest.raises(PackError) as raised:
        open_library((packs.write(tmp_path / "acme", _files(Bold=_font("Bold", change))),))
    (problem,) = raised.value.problems
    assert (problem.code, problem.message) == ("font-unfit", f'the font "house/Bold.ttf" cannot be used: {reason}')
    assert str(problem.place).endswith("templates/layout/style.yaml:10:9")


def test_a_postscript_font_is_embedded_as_one(tmp_path: Path) -> None:
    """With the outlines of ours, drawn as PostScript has them."""

    def draw_anew(font: TTFont) -> None:
        glyphs, strings = font.getGlyphSet(), {}
        for name in font.getGlyphOrder():
            pen = T2CharStringPen(glyphs[name].width, glyphs)
            glyphs[name].draw(pen)
            strings[name] = pen.getCharString()
        for table in ("glyf", "loca", "fpgm", "prep", "cvt ", "gasp"):
            if table in font:
                del font[table]
        FontBuilder(font=font).setupCFF("House-Regular", {"FullName": "House"}, strings, {})
        font.sfntVersion = "OTTO"
        font["maxp"].tableVersion = 0x00005000

    library = open_library((packs.write(tmp_path / "acme", _files(Regular=_font("Regular", draw_anew))),))
    made = _build(library)
    assert made.fitted.pages_by == "agreementgen"
    with pikepdf.open(io.BytesIO(made.files["pdf"])) as pdf:
        kinds = {str(font.DescendantFonts[0].Subtype) for font in pdf.pages[0].Resources.Font.values()}
        assert kinds == {"/CIDFontType0", "/CIDFontType2"}
        assert pdf.check_pdf_syntax() == []
    assert "Refer each other clients who need web design" in pdf_text(made.files["pdf"], tmp_path)
    (tmp_path / "deal.pdf").write_bytes(made.files["pdf"])
    assert "error" not in run(need("pdffonts"), tmp_path / "deal.pdf").casefold()
    assert re.search(r"CID Type 0C +Identity-H +yes yes yes", run(need("pdffonts"), tmp_path / "deal.pdf"))


def test_faces_are_said_in_one_place(tmp_path: Path) -> None:
    folder = packs.write(tmp_path / "acme", _files())
    with (folder / "pack.yaml").open("a", encoding="utf-8") as file:
        file.write("faces: {regular: house/Regular.ttf, bold: house/Bold.ttf}\n")
    with pytest.raises(PackError) as raised:
        open_library((folder,))
    assert [(problem.code, problem.message) for problem in raised.value.problems] == [
        ("not-applicable", '"style.yaml" says the faces, too')
    ]


def test_a_letter_that_only_the_bold_face_lacks_is_printed_by_a_font_that_has_it(tmp_path: Path) -> None:
    def drop(font: TTFont) -> None:
        for table in font["cmap"].tables:
            table.cmap.pop(0x10D, None)

    files = _files(re.sub("(?s)margins.*", "", WHOLE), Bold=_font("Bold", drop))
    library = open_library((packs.write(tmp_path / "acme", files),))
    text = REFERRAL.read_text(encoding="utf-8").replace("Northshore Web Studio LLC", "Northčhore Web Studio LLC")
    assert "č" in text
    built = _build(library, text)
    # Our own page would show an empty box.
    assert built.fitted.pages_by == "weasyprint"
    assert "Northčhore Web Studio LLC" in pdf_text(built.files["pdf"], tmp_path)


def test_the_word_file_keeps_to_the_smallest_type_on_a_page_of_its_own(tmp_path: Path) -> None:
    files = {
        "templates/layout/style.yaml": "sizes: {smallest: 11 pt}\n",
        "templates/layout/reference.docx": adopt_letterhead(
            SourceFile("x.docx", letterheads.acme(side=4.5)), OURS
        ).file.data,
    }
    library = open_library((packs.write(tmp_path / "acme", files),))
    fitted = _build(library).fitted
    assert (fitted.sizes.body >= 11, fitted.word_fit.sizes.body, fitted.word_fit.fits) == (True, 11, False)


def test_a_style_takes_the_place_of_that_of_a_pack_below_with_its_faces(tmp_path: Path) -> None:
    below = packs.write(tmp_path / "below", _files())
    plain = packs.write(tmp_path / "plain", {"templates/layout/style.yaml": 'color: "#1F5F3D"\n'})
    other = _files("faces: {regular: Own.ttf, bold: Own.ttf}\n") | {
        "templates/layout/Own.ttf": (ROOT / "templates/layout/fonts/Carlito-Italic.ttf").read_bytes()
    }
    found = {}
    for name, above in (("plain", plain), ("other", packs.write(tmp_path / "other", other))):
        layout = open_library((below, above)).layout
        faces, page = letters_of_layout(layout).faces, word_page.word_page_of(layout)
        found[name] = (
            faces["F1"].name,
            faces["F5"].name,
            page.geometry.font,
            page.is_pdf_page and has_our_page(layout),
        )
    assert found == {
        "plain": ("Carlito", "Caladea-Bold", "Calibri", True),
        "other": ("Carlito-Italic", "Carlito-Italic", "Carlito", True),
    }


def test_a_pack_that_was_opened_before_in_another_version_keeps_its_logo(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"templates/layout/style.yaml": STYLE, "templates/layout/mark.png": _picture()}
    for version in ("1", "2"):
        pack = packs.write(tmp_path / version / "acme", files)
        (pack / "pack.yaml").write_text((pack / "pack.yaml").read_text().replace("1.2", version))
        assert 'url("mark.png")' in house_style_sheet(open_library((pack,)).layout)
