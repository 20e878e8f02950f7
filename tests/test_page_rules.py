"""Lines, heights and edges of finished pages, as literal lengths in points, read from the PDF's own instructions."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest
from conftest import MINIMAL, REFERRAL, ROOT, need, run

from agreementgen import pipeline
from agreementgen.library.library import Library

Build = Callable[..., pipeline.BuiltAgreement]
NAVY, GREY, BLACK = (31, 56, 100), (140, 140, 140), (0, 0, 0)
Rule = tuple[tuple[int, ...], float, float]


def read_rules(data: bytes) -> list[tuple[Rule, float, float]]:
    """Return the level rules of the first page: color, height and width; where each begins, and how high it stands."""
    color: tuple[int, ...] = ()
    found = []
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for operands, operator in pikepdf.parse_content_stream(pdf.pages[0]):
            if str(operator) == "rg":
                color = tuple(round(float(part) * 255) for part in operands)  # type: ignore[arg-type]
            if str(operator) == "re":
                x, y, width, height = (float(part) for part in operands)  # type: ignore[arg-type]
                found.append(((color, round(height, 2), round(width, 1)), round(x, 1), y))
    return [rule for rule in found if rule[0][1] < 3]


def count_rules(data: bytes) -> Counter[Rule]:
    return Counter(rule for rule, _, _ in read_rules(data))


def test_the_rules_of_a_full_page(build: Build) -> None:
    """Below the title and above what is signed, 1.5 pt; where a group begins, 1 pt; below rows, 0.5 pt and grey.

    Rules of rows beside each other stop at the gutter of 14 pt. Signature and date have lines of their own.
    """
    pdf = build(REFERRAL, ("pdf",)).files["pdf"]
    assert count_rules(pdf) == {
        (NAVY, 1.5, 525.6): 2,
        (NAVY, 1.0, 525.6): 1,
        (NAVY, 1.0, 255.8): 8,
        (GREY, 0.5, 255.8): 10,
        (GREY, 0.5, 525.6): 3,
        (BLACK, 0.5, 189.3): 2,
        (BLACK, 0.5, 56.3): 2,
    }
    assert {at for rule, at, _ in read_rules(pdf) if rule[2] == 255.8} == {43.2, 313.0}
    assert {at for rule, at, _ in read_rules(pdf) if rule[0] == BLACK} == {43.2, 242.7, 313.0, 512.5}


def test_blocks_to_sign_in(library: Library) -> None:
    """Where a page of key terms has room: a line for the signature and one for the date, 24 pt of room above each."""
    deal = pipeline.read(REFERRAL.read_bytes(), "deal.yaml", library)
    built = pipeline.build(deal, library, ("pdf",), layout="one-plus-one")
    pdf = built.files["pdf"]
    lines = [(at, y) for rule, at, y in read_rules(pdf) if rule == (BLACK, 0.5, 220.0)]
    assert sorted(at for at, _ in lines) == [77.2, 77.2, 347.0, 347.0]
    heights = sorted({round(y, 2) for _, y in lines}, reverse=True)
    assert len(heights) == 2
    # Between the lines stand the name, 2 pt and the room.
    assert heights[0] - heights[1] - built.fitted.sizes.line_height - 2 >= 24
    assert built.fitted.sizes.signing_room >= 24


def test_a_short_deal_has_large_type_and_high_lines(build: Build, tmp_path: Path) -> None:
    """12 pt, in lines of 1.3 times as much."""
    need("pdftotext")
    path = tmp_path / "minimal.pdf"
    path.write_bytes(build(MINIMAL, ("pdf",)).files["pdf"])
    boxes = run("pdftotext", "-bbox-layout", path, "-")
    tops = [float(y) for y in re.findall(r'<line xMin="43\.2[0-9]*" yMin="([\d.]+)"', boxes)]
    steps = Counter(round(below - above, 1) for above, below in pairwise(tops))
    assert steps.most_common(1)[0][0] == 15.6


@pytest.mark.parametrize("sample", ["joint-venture", "three-party-venture"])
def test_amounts_stand_at_the_right_of_their_column(build: Build, tmp_path: Path, sample: str) -> None:
    need("pdftotext")
    path = tmp_path / "venture.pdf"
    path.write_bytes(build(ROOT / "samples" / f"{sample}.yaml", ("pdf",)).files["pdf"])
    boxes = run("pdftotext", "-bbox", path, "-")
    behind = boxes[boxes.index(">Contributions</word>", boxes.index(">Schedule</word>\n")) :]
    amounts = re.findall(r'xMax="([\d.]+)" yMax="[\d.]+">(\$[\d,]+)</word>', behind)
    edges = Counter(round(float(x)) for x, _ in amounts)
    edge, count = edges.most_common(1)[0]
    assert count >= 3
    # Amounts of different lengths, at that.
    assert len({len(text) for x, text in amounts if round(float(x)) == edge}) > 1
