"""A firm's look from one short file: the same in Word and PDF, and every line of the text where it was before."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import docx
import packs
import pikepdf
import pytest
from conftest import REFERRAL, pdf_text
from PIL import Image

from agreementgen import pipeline
from agreementgen.core.problems import PackError
from agreementgen.library.library import Library
from agreementgen.packs.layering import open_library

HEAD = "Acme Law LLP · 12 Court Street, Boston"
STYLE = f'color: "#7A1F3D"\nhead: {HEAD}\nlogo: mark.png\n'
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
    ],
)
def test_single_faults(tmp_path: Path, line: str, code: str, hint: str) -> None:
    files = {"templates/layout/style.yaml": f"{line}\n", "templates/layout/mark.png": _picture()}
    with pytest.raises(PackError) as raised:
        open_library((packs.write(tmp_path / "acme", files),))
    assert [(problem.code, problem.hint) for problem in raised.value.problems] == [(code, hint)]
