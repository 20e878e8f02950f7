"""script/bench: its ways to the same documents lead to the same words, and its rows can be measured. No times are judged."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, letters, need, pdf_text, run, word_text

from agreementgen import pipeline
from agreementgen.library.library import Library
from agreementgen.pipeline import BuiltAgreement

BENCH = ROOT / "script" / "bench.d"


@pytest.fixture(scope="module", autouse=True)
def bench() -> Iterator[None]:
    """Let the modules of script/bench be imported, as the script itself does."""
    for extra in ("docxtpl", "typst"):
        pytest.importorskip(extra, reason=f"{extra} comes with the extra bench")
    sys.path.insert(0, str(BENCH))
    yield
    sys.path.remove(str(BENCH))


@pytest.fixture(scope="module")
def built(library: Library) -> list[BuiltAgreement]:
    from varied import deal

    deals = [pipeline.read(deal(number).encode(), f"{number}.yaml", library) for number in range(3)]
    return [pipeline.build(each, library) for each in deals]


def test_deals_differ_in_their_words_and_not_in_their_paragraphs(built: list[BuiltAgreement]) -> None:
    texts = [word_text(each.files["docx"]) for each in built]
    assert len(set(texts)) == len(texts)
    assert len({text.count("\n") for text in texts}) == 1
    assert {each.fitted.pages for each in built} == {1}


def test_docxtpl_makes_our_words(built: list[BuiltAgreement]) -> None:
    import rivals
    from filling import filled

    template, contexts = rivals.template([each.files["docx"] for each in built])
    assert "{{ t" in word_text(template)
    for each, context in zip(built, contexts, strict=True):
        assert word_text(filled(template, context)) == word_text(each.files["docx"])


@pytest.mark.parametrize("natural", [True, False])
def test_plain_weasyprint_makes_our_words(
    built: list[BuiltAgreement], library: Library, tmp_path: Path, natural: bool
) -> None:
    import rivals

    fitted = built[0].fitted
    plain = rivals.weasyprint(rivals.page(fitted.document, library, fitted.sizes, natural))
    assert letters(pdf_text(plain, tmp_path)) == letters(pdf_text(built[0].files["pdf"], tmp_path))


def test_typst_makes_a_page_with_our_words(built: list[BuiltAgreement], tmp_path: Path) -> None:
    import rivals

    need("pdfinfo")
    fitted = built[0].fitted
    made = rivals.typst_compiler()(rivals.typst_source(fitted.document, fitted.sizes))
    words = sorted(pdf_text(made, tmp_path).split())
    ours = sorted(pdf_text(built[0].files["pdf"], tmp_path).split())
    assert abs(len(words) - len(ours)) < 0.02 * len(ours)
    assert "Pages:           1\n" in run("pdfinfo", tmp_path / "read.pdf")


def test_one_document_at_a_time(library: Library) -> None:
    import gc

    import rows

    try:
        found = list(rows.One(1, library).rows())
    finally:
        gc.unfreeze()
    assert [row.what for row in found if row.goal] == [
        "PDF, from the deal file",
        "DOCX, from the drafted document",
        "PDF and DOCX, from the deal file",
        "RACI chart of 18 roles, PDF",
    ]
    assert all(row.ratio is None or row.ratio > 0 for row in found)
    assert rows.fit_row(2, library).ratio >= 1


@pytest.mark.slow
@pytest.mark.office
def test_whole_programs(library: Library, tmp_path: Path) -> None:
    import rows

    need("soffice")
    whole = rows.Whole(3, library, tmp_path)
    found: list[Any] = [*whole.many(), whole.cold(1), whole.check(1), *whole.lasting(2)]
    # So few deals get no workers, whose memory the last row tells.
    assert all(row.ratio > 0 for row in found[:-1])
    assert not found[0].goal  # three deals say nothing of a thousand
    assert len(list((tmp_path / "out").glob("*.pdf"))) == 3
    assert len(list((tmp_path / "word").glob("*.pdf"))) == 3


def test_the_script_says_how_it_is_used() -> None:
    done = subprocess.run([sys.executable, str(BENCH), "--help"], capture_output=True, text=True, check=True)
    assert "--full" in done.stdout
    assert "script/bench" in done.stdout
