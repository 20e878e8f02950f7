"""The tags of our own PDFs, read back: what PDF/UA-1 asks for, and the same words for every reader."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from commands import run_here
from conftest import REFERRAL, ROOT, pdf_text
from deals import RICH
from pdfminer.converter import PDFLayoutAnalyzer
from pdfminer.layout import LTChar, LTPage
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage

from agreementgen import pipeline
from agreementgen.library.library import Library
from agreementgen.pipeline import BuiltAgreement

Build = Callable[..., BuiltAgreement]


AGREEMENTS = ("rich", "chart")
TITLES = {
    "chart alone": "Who does what: Referral Agreement",
    "memo": "Review memo: Referral Agreement: Northshore and Bay Rank",
    "statement": "Statement: April 2027: ",
    "letter": "Notice of ending: April 30, 2027",
    "redline": "Referral Agreement (changes)",
}
OTHERS = tuple(TITLES)


@pytest.fixture(scope="module")
def built(build: Build, library: Library, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    text = REFERRAL.read_text(encoding="utf-8")
    attached = text.replace("\nraci:\n", "\nraci:\n  attach: yes\n")
    found = {name: build(deal, ("pdf",)).files["pdf"] for name, deal in zip(AGREEMENTS, (RICH, attached), strict=True)}
    deal = pipeline.read(text.encode(), "referral.yaml", library)
    found["chart alone"] = pipeline.build_chart(deal, library, ("pdf",)).files["pdf"]
    folder = tmp_path_factory.mktemp("flow")
    (folder / "new.yaml").write_text(
        text.replace("fee: 10%", "fee: 12%").replace("\nraci:\n", "\nraci:\n  attach: yes\n")
    )
    book = ROOT / "samples" / "ledger" / "referral-2027.xlsx"
    for name, words in {
        "memo": ("review", REFERRAL),
        "statement": ("statement", REFERRAL, book, "--period", "2027-04"),
        "letter": ("letter", REFERRAL, "ending", "--dated", "2027-04-30", "--from", "Bay Rank"),
        "redline": ("compare", REFERRAL, "new.yaml"),
    }.items():
        done = run_here(*map(str, words), "-f", "pdf", "-o", name, folder=folder)
        assert done.returncode == 0, done.stderr
        (path,) = (folder / name).glob("*.pdf")
        found[name] = path.read_bytes()
    return found


@pytest.fixture(params=[*AGREEMENTS, *OTHERS])
def file(request: pytest.FixtureRequest, built: dict[str, bytes]) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(built[request.param])) as opened:
        assert opened.docinfo.Producer == "agreementgen"
        assert opened.check_pdf_syntax() == []
        yield opened


def each_element(element: Any) -> Iterator[Any]:
    if isinstance(element, pikepdf.Dictionary) and "/S" in element:
        yield element
        for kid in list_kids(element):
            yield from each_element(kid)


def list_kids(element: Any) -> list[Any]:
    kids = element.get("/K", [])
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def elements(file: pikepdf.Pdf) -> list[Any]:
    return list(each_element(file.Root.StructTreeRoot.K))


def kinds_in(element: Any) -> list[str]:
    return [str(kid.S) for kid in list_kids(element) if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]


def test_everything_written_is_an_artifact_or_belongs_to_one_element(file: pikepdf.Pdf) -> None:
    said: dict[tuple[int, int], int] = {}
    page_numbers = {page.obj.objgen: number for number, page in enumerate(file.pages)}
    for element in elements(file):
        for kid in list_kids(element):
            if isinstance(kid, int):
                key = page_numbers[element.Pg.objgen], kid
            elif isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/MCR":
                key = page_numbers[kid.Pg.objgen], int(kid.MCID)
            else:
                continue
            said[key] = said.get(key, 0) + 1
    found = set()
    for number, page in enumerate(file.pages):
        depth = 0
        for operands, operator in pikepdf.parse_content_stream(page):
            match str(operator):
                case "BDC":
                    assert depth == 0
                    depth += 1
                    if "/MCID" in operands[1]:
                        found.add((number, int(operands[1]["/MCID"])))
                    else:
                        assert operands[0] == "/Artifact"
                case "EMC":
                    depth -= 1
                case "TJ" | "f" | "S":
                    assert depth == 1, "something is drawn that no reader can place"
        assert depth == 0
    assert found == set(said)
    assert set(said.values()) == {1}
    parents = file.Root.StructTreeRoot.ParentTree.Nums
    for number, page in enumerate(file.pages):
        assert page.obj.StructParents == number == parents[2 * number]
        owners = list(parents[2 * number + 1])
        assert len(owners) == len({mcid for at, mcid in found if at == number})
        assert page.obj.Tabs == "/S"


def test_heads_of_tables_say_what_they_head(file: pikepdf.Pdf) -> None:
    found = elements(file)
    heads = [element for element in found if element.S == "/TH"]
    assert len(heads) >= 5
    assert {str(head.A.Scope) for head in heads} <= {"/Column", "/Row"}
    for table in (element for element in found if element.S == "/Table"):
        assert kinds_in(table) in (["/THead", "/TBody"], ["/TBody"])
        rows = [row for group in list_kids(table) for row in list_kids(group)]
        assert {str(row.S) for row in rows} == {"/TR"}
        assert len(set(_widths_of_rows(rows))) == 1
        if kinds_in(table) == ["/TBody"]:
            assert {kinds_in(row)[0] for row in rows} == {"/TH"}


def _widths_of_rows(rows: list[Any]) -> Iterator[int]:
    """Yield how many columns each row has, with cells that come down from above."""
    down = 0
    for row in rows:
        cells = [(int(cell.A.get("/ColSpan", 1)) if "/A" in cell else 1, cell) for cell in list_kids(row)]
        yield sum(width for width, _ in cells) + down
        down = sum(width for width, cell in cells if "/A" in cell and int(cell.A.get("/RowSpan", 1)) > 1)


def test_headings_follow_one_another_and_lists_have_labels(file: pikepdf.Pdf) -> None:
    found = elements(file)
    levels = [int(str(element.S)[2:]) for element in found if re.fullmatch(r"/H\d", str(element.S))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for item in (element for element in found if element.S == "/LI"):
        assert kinds_in(item) == ["/Lbl", "/LBody"]


def test_title_language_and_claim(file: pikepdf.Pdf, request: pytest.FixtureRequest) -> None:
    root = file.Root
    assert (str(root.Lang), bool(root.MarkInfo.Marked), bool(root.ViewerPreferences.DisplayDocTitle)) == (
        "en-US",
        True,
        True,
    )
    metadata = file.open_metadata()
    assert metadata["pdfuaid:part"] == "1"
    assert metadata["dc:title"] == str(file.docinfo.Title)
    assert metadata["dc:title"].startswith(TITLES.get(request.node.callspec.params["file"], "Referral Agreement: "))


def test_fonts_are_embedded_and_every_glyph_has_a_width_and_a_text(file: pikepdf.Pdf) -> None:
    for font in file.pages[0].Resources.Font.values():
        (inner,) = list(font.DescendantFonts)
        data = bytes(inner.FontDescriptor.FontFile2.read_bytes())
        assert data[:4] == b"\x00\x01\x00\x00"
        assert len(data) == int(inner.FontDescriptor.FontFile2.Length1)
        widths = [int(each) for each in list(inner.W)[::2]]
        texts = re.findall(rb"^<([0-9a-f]{4})> <(?!ffff)", bytes(font.ToUnicode.read_bytes()), re.MULTILINE)
        assert [int(text, 16) for text in texts] == widths
        assert int(inner.FontDescriptor.CapHeight) > 500


class _Letters(PDFLayoutAnalyzer):
    """Every character in the order in which it is written."""

    def __init__(self, manager: PDFResourceManager) -> None:
        super().__init__(manager)
        self.letters: list[str] = []

    def receive_layout(self, ltpage: LTPage) -> None:
        self.letters += [item.get_text() for item in ltpage if isinstance(item, LTChar)]


@pytest.mark.parametrize("name", [*AGREEMENTS, *OTHERS])
def test_poppler_and_pdfminer_read_the_same_words(built: dict[str, bytes], tmp_path: Path, name: str) -> None:
    data = built[name]
    manager = PDFResourceManager()
    device = _Letters(manager)
    interpreter = PDFPageInterpreter(manager, device)
    for page in PDFPage.get_pages(io.BytesIO(data)):
        interpreter.process_page(page)
    by_poppler = "".join(pdf_text(data, tmp_path).split())
    assert "".join("".join(device.letters).split()) == by_poppler
    if name in OTHERS:
        return
    # In the order of the document: title, key terms, clauses.
    places = [by_poppler.index(text) for text in ("ReferralAgreement", "Keyterms", "1.Scope.", "2.")]
    assert places == sorted(places)
