"""Who signs, and as what: read in finished documents; and who may not sign, refused with what to write."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import MINIMAL, REFERRAL, letters, need, pdf_text, run, word_pdfs, word_text

from agreementgen import pipeline
from agreementgen.core.problems import InputError, Problem
from agreementgen.deal.signatories import is_same_person, split_trade_name
from agreementgen.library.library import Library

Build = Callable[..., pipeline.BuiltAgreement]
_FIRST_PARTY = re.compile(r"  - name: Rosa Lind\n(?:    .*\n)+")


def deal_of(party: str) -> str:
    """Return a small deal whose first party is as given; where it lives and is written to stands already."""
    lines = "\n".join(f"    {line}" for line in party.strip().split("\n"))
    first = f"  -\n{lines}\n    address: 3 Mill Lane, Burlington, VT 05401\n    email: signer@bakery.example\n"
    text, count = _FIRST_PARTY.subn(first, MINIMAL.read_text(encoding="utf-8"))
    assert count == 1
    return text.replace("Lind Bakery:", "Baker:")


PERSON = "name: Rosa Lind\nshort: Baker\nentity: individual\nsignatory: {name: Rosa Lind}"
OWNER = "name: Bob Finch\nshort: Baker\nentity: sole proprietor\ntrade name: Finch Tech\nsignatory: {name: Bob Finch}"
COMPANY = (
    "name: Finch Tech LLC\nshort: Baker\nentity: LLC\nformed in: Vermont\nsignatory: {name: Bob Finch, title: Manager}"
)

SIGNED = {
    "company": (COMPANY, "Finch Tech LLC", ["By Bob Finch, Manager"], "a Vermont limited liability company"),
    "individual": (PERSON, "Rosa Lind", ["Rosa Lind"], "an individual"),
    "sole proprietor": (
        OWNER,
        "Bob Finch, doing business as Finch Tech",
        ["Bob Finch"],
        "a sole proprietor",
    ),
    "somebody else for a person": (
        "name: Rosa Lind\nshort: Baker\nentity: individual\nsigns under: attorney-in-fact under a power of attorney of May 1, 2026\n"
        "signatory: {name: Sam Ortiz}",
        "Rosa Lind",
        ["By Sam Ortiz, attorney-in-fact under a power of attorney of May 1, 2026"],
        "an individual",
    ),
    "limited partnership": (
        "name: Finch Holdings LP\nshort: Baker\nentity: LP\nformed in: Delaware\nsigns through: Finch GP LLC, its general partner\n"
        "signatory: {name: Jane Roe, title: President}",
        "Finch Holdings LP\nBy Finch GP LLC, its general partner",
        ["By Jane Roe, President"],
        "a Delaware limited partnership",
    ),
    "general partnership": (
        "name: Roe & Finch\nshort: Baker\nentity: general partnership\nformed in: Ohio\nsignatory: {name: Jane Roe, title: Partner}",
        "Roe & Finch",
        ["By Jane Roe, Partner"],
        "an Ohio general partnership",
    ),
    "two signatories": (
        "name: Finch GmbH\nshort: Baker\nentity: foreign entity\nlegal form: Gesellschaft mit beschränkter Haftung\n"
        "formed in: Germany\nsignatory: {name: Jane Roe, title: Geschäftsführerin}\n"
        "second signatory: {name: Tom Poe, title: Prokurist}",
        "Finch GmbH",
        ["By Jane Roe, Geschäftsführerin", "By Tom Poe, Prokurist"],
        "Gesellschaft mit beschränkter Haftung formed in Germany",
    ),
    "nonprofit with a trade name": (
        "name: Friends of the Mill, Inc.\nshort: Baker\nentity: nonprofit\nformed in: Maine\ntrade name: Mill Shop\n"
        "signatory: {name: Jane Roe, title: Chair}",
        "Friends of the Mill, Inc., doing business as Mill Shop",
        ["By Jane Roe, Chair"],
        "a Maine nonprofit corporation",
    ),
    "United Kingdom": (
        "name: Thames Web Ltd\nshort: Baker\nentity: Ltd\nformed in: England and Wales\nregistration number: '01234567'\n"
        "signatory: {name: Zoe Hill, title: Director}",
        "Thames Web Ltd",
        ["By Zoe Hill, Director"],
        "a private limited company formed in England and Wales, no. 01234567",
    ),
    "Ireland": (
        "name: Liffey DAC\nshort: Baker\nentity: designated activity company\nformed in: Ireland\nregistration number: '555123'\n"
        "signatory: {name: Aoife Byrne, title: Director}",
        "Liffey DAC",
        ["By Aoife Byrne, Director"],
        "a designated activity company formed in Ireland, no. 555123",
    ),
    "Ireland, unlimited": (
        "name: Liffey Unlimited Company\nshort: Baker\nentity: unlimited company\nformed in: Ireland\n"
        "signatory: {name: Aoife Byrne, title: Director}",
        "Liffey Unlimited Company",
        ["By Aoife Byrne, Director"],
        "an unlimited company formed in Ireland",
    ),
    "Australia": (
        "name: Yarra Pty Ltd\nshort: Baker\nentity: Pty Ltd\nformed in: Victoria\nregistration number: ACN 123 456 789\n"
        "signatory: {name: Kim Lee, title: Director}",
        "Yarra Pty Ltd",
        ["By Kim Lee, Director"],
        "a proprietary limited company formed in Victoria, no. ACN 123 456 789",
    ),
    "Canada": (
        "name: Maple ULC\nshort: Baker\nentity: ULC\nformed in: Nova Scotia\nsignatory: {name: Guy Roy, title: President}",
        "Maple ULC",
        ["By Guy Roy, President"],
        "a Nova Scotia unlimited liability company",
    ),
}


@pytest.mark.parametrize("kind", SIGNED)
def test_each_kind_of_party_signs_as_what_it_is(kind: str, build: Build, tmp_path: Path) -> None:
    party, above, below, box = SIGNED[kind]
    built = build(deal_of(party))
    signatures = built.fitted.document.signatures
    assert [(one.party, one.signatory) for one in signatures[:-1]] == [(above, each) for each in below]
    assert signatures[-1].signatory == "By Theo Marsh, Member"
    printed = {
        "txt": built.files["txt"].decode(),
        "pdf": pdf_text(built.files["pdf"], tmp_path),
        "docx": word_text(built.files["docx"]),
    }
    for name, text in printed.items():
        words = letters(text)
        for signed in below:
            assert letters(above) in words, name
            assert letters(f"{signed}Date") in words, name
        assert letters(box) in words, name
        assert letters("signer@bakery.example") in words, name


@pytest.mark.parametrize("party", [PERSON, OWNER], ids=["individual", "sole proprietor"])
def test_a_person_signs_by_nobody(party: str, build: Build) -> None:
    text = build(deal_of(party), ("txt",)).files["txt"].decode()
    signed = text.rsplit("Maple Street Coffee LLC", 1)[0].split("General.")[-1]
    assert "Date" in signed
    assert not re.search(r"\bBy (?!signing)", signed)


def refuse(party: str, library: Library) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as refused:
        pipeline.read(deal_of(party).encode(), "deal.yaml", library)
    return refused.value.problems


TITLE = "parties.1.signatory.title"
REFUSED = {
    "a company without a person": (
        COMPANY.replace("{name: Bob Finch, title: Manager}", "{title: Manager}"),
        "missing",
        "parties.1.signatory.name",
        "Dana Reyes, Managing Member",
    ),
    "a company without a title": (
        COMPANY.replace(", title: Manager", ""),
        "missing",
        TITLE,
        '"title: Managing Member"',
    ),
    "a cooperative without a title": (
        COMPANY.replace(", title: Manager", "").replace("entity: LLC", "entity: cooperative"),
        "missing",
        TITLE,
        '"title: Director"',
    ),
    "a company in the place of the person": (
        COMPANY.replace("name: Bob Finch", "name: Acme Management LLC"),
        "signer-is-company",
        "parties.1.signatory.name",
        '"signs through: Acme Management LLC, its manager"',
    ),
    "a company that signs for itself": (
        "name: Finch Union\nshort: Baker\nentity: cooperative\nformed in: Ohio\nsignatory: {name: Finch Union, title: Coop}",
        "signer-is-company",
        "parties.1.signatory.name",
        "name the person who signs",
    ),
    "a person signed for": (
        PERSON.replace("{name: Rosa Lind}", "{name: Sam Ortiz, title: Attorney}"),
        "signer-not-party",
        "parties.1.signatory.name",
        '"signs under: attorney-in-fact under a power of attorney of May 1, 2026"',
    ),
    "a trade name": (
        OWNER.replace("name: Bob Finch\nshort", "name: Finch Tech\nshort").replace("trade name: Finch Tech\n", ""),
        "trade-name-alone",
        "parties.1.name",
        'write the owner as in "name: Bob Finch", and "trade name: Finch Tech"',
    ),
    "a trade name that begins with its owner": (
        OWNER.replace("name: Bob Finch\nshort", "name: Bob Finch Web Studio\nshort").replace(
            "trade name: Finch Tech\n", ""
        ),
        "trade-name-alone",
        "parties.1.name",
        '"trade name: Bob Finch Web Studio"',
    ),
    "d/b/a without its owner": (
        COMPANY.replace("name: Finch Tech LLC", "name: Finch Tech d/b/a Finch"),
        "trade-name-alone",
        "parties.1.name",
        "the registered name with its legal form",
    ),
    "t/a of another": (
        PERSON.replace("name: Rosa Lind\nshort", "name: Ann Wu t/a Wu Bakery\nshort"),
        "trade-name-alone",
        "parties.1.name",
        '"trade name: Wu Bakery"',
    ),
    "authority not confirmed": (
        COMPANY.replace("title: Manager", "title: Manager, authority confirmed: no"),
        "signer-not-confirmed",
        "parties.1.signatory.authority confirmed",
        "an operating agreement, a resolution, the register",
    ),
    "a second signatory without a title": (
        COMPANY + "\nsecond signatory: {name: Tom Poe}",
        "missing",
        "parties.1.second signatory.title",
        "Managing Member",
    ),
    "a second signatory not confirmed": (
        COMPANY + "\nsecond signatory: {name: Tom Poe, title: Manager, authority confirmed: no}",
        "signer-not-confirmed",
        "parties.1.second signatory.authority confirmed",
        '"yes"',
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_who_may_not_sign_is_refused_with_what_to_write(kind: str, library: Library) -> None:
    party, code, field, hint = REFUSED[kind]
    (problem,) = refuse(party, library)
    assert (problem.code, problem.field) == (code, field)
    assert hint in problem.hint
    assert problem.place.line > 1


def test_an_owner_before_a_trade_name_stands_as_typed(build: Build) -> None:
    """Deal files of before there was "trade name"."""
    typed = PERSON.replace("name: Rosa Lind\nshort", 'name: "Rosa Lind, trading as Lind Bakery"\nshort')
    built = build(deal_of(typed), ("txt",))
    assert "Rosa Lind, trading as Lind Bakery (Baker)" in built.files["txt"].decode()


def test_a_title_may_stand_behind_the_name(build: Build, library: Library) -> None:
    """One answer in the questionnaire; what is no title does not count as one."""
    built = build(
        deal_of(COMPANY.replace("{name: Bob Finch, title: Manager}", '{name: "Bob Finch, Manager"}')), ("txt",)
    )
    assert built.fitted.document.signatures[0].signatory == "By Bob Finch, Manager"
    (problem,) = refuse(COMPANY.replace("{name: Bob Finch, title: Manager}", '{name: "Bob Finch, Jr."}'), library)
    assert (problem.code, problem.field) == ("missing", TITLE)


def test_a_persons_title_is_not_printed_and_told(build: Build) -> None:
    built = build(deal_of(PERSON.replace("{name: Rosa Lind}", "{name: Rosa Lind, title: Owner}")), ("txt",))
    assert "Owner" not in built.files["txt"].decode()
    assert [(one.code, one.field) for one in built.warnings] == [("not-printed", TITLE)]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Bob Finch d/b/a Finch Tech", ("Bob Finch", "Finch Tech")),
        ("Bob Finch (dba Finch Tech)", ("Bob Finch", "Finch Tech")),
        ("Acme LLC DBA Finch", ("Acme LLC", "Finch")),
        ("dba Finch Tech", ("", "Finch Tech")),
        ("Oracle DBA Group LLC", ("Oracle DBA Group LLC", "")),
        ("Adba Tools LLC", ("Adba Tools LLC", "")),
    ],
)
def test_names_that_hold_a_trade_name(name: str, parts: tuple[str, str]) -> None:
    assert split_trade_name(name) == parts


@pytest.mark.parametrize(
    ("name", "other", "same"),
    [
        ("Dana M. Reyes", "Dana Reyes", True),
        ("Dr. Dana Reyes, DDS", "D. Reyes", True),
        ("José Núñez", "Jose Nunez", True),
        ("佐藤 美咲", "佐藤 美咲", True),
        ("Tanaka Yuki", "Yuki Tanaka", True),
        ("Dana Reyes", "Sam Reyes", False),
        ("Dana Reyes Web Studio", "Dana Reyes", False),
        ("Finch", "Bob Finch", False),
    ],
)
def test_names_of_one_person(name: str, other: str, same: bool) -> None:
    assert is_same_person(name, other) is same


# -- room to sign

DPI = 288


def rooms_to_sign(pdf: bytes, folder: Path) -> list[float]:
    """Return, in points, the white height above each line to sign on at the left, up to the name above it."""
    from PIL import Image

    need("pdftoppm")
    path = folder / "signed.pdf"
    path.write_bytes(pdf)
    run("pdftoppm", "-r", str(DPI), "-gray", "-f", "1", "-l", "1", "-singlefile", path, folder / "signed")
    page = Image.open(folder / "signed.pgm")
    boxes = run("pdftotext", "-bbox", "-f", "1", "-l", "1", path, "-")
    dates = re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)"[^>]*>Date</word>', boxes)
    left = [float(y) for x, y in dates if float(x) < page.width * 72 / DPI / 2]
    assert left
    scale = DPI / 72
    # The name and the line begin at the left margin; a strip of it is dark where there is either.
    strip = page.crop((round(44 * scale), 0, round(180 * scale), page.height))
    rooms = []
    for y in left:
        row = round((y + 3) * scale)
        while strip.crop((0, row, strip.width, row + 1)).getextrema()[1] > 160:  # not yet a line from end to end
            row -= 1
        while strip.crop((0, row, strip.width, row + 1)).getextrema()[0] < 160:
            row -= 1
        line = row
        while strip.crop((0, row, strip.width, row + 1)).getextrema()[0] >= 160:
            row -= 1
        rooms.append((line - row) / scale)
    return rooms


LONG_TITLE = COMPANY.replace(
    "title: Manager", "title: 'Manager, Chief Executive and Head of all Design, Sales and Work'"
)
SIGNERS = {
    "reference": None,
    "limited partnership": SIGNED["limited partnership"][0],
    "two signatories": SIGNED["two signatories"][0],
    "long title": LONG_TITLE,
}


@pytest.mark.parametrize("kind", SIGNERS)
def test_there_is_room_to_sign(kind: str, build: Build, tmp_path: Path) -> None:
    """In the PDF, and in the Word file as LibreOffice prints it; the reference deal is the fullest page there is."""
    party = SIGNERS[kind]
    built = build(deal_of(party) if party else REFERRAL, ("pdf", "docx"))
    assert any(signature.spare_lines for signature in built.fitted.document.signatures) == (kind == "long title")
    for name, pdf in {"pdf": built.files["pdf"], **word_pdfs({"docx": built.files["docx"]}, tmp_path)}.items():
        assert min(rooms_to_sign(pdf, tmp_path)) >= 20, name
        assert len(set(heights_of_lines(pdf, tmp_path)[:2])) == 1, name
        # Both break every line at the same word.
        assert read_lines(pdf, tmp_path) == read_lines(built.files["pdf"], tmp_path), name


def read_lines(pdf: bytes, folder: Path) -> list[str]:
    """Return the lines of all pages, sorted: who reads columns of two files may take them in another order."""
    path = folder / "lines.pdf"
    path.write_bytes(pdf)
    lines = re.findall(r"(?s)<line [^>]*>(.*?)</line>", run("pdftotext", "-bbox-layout", path, "-"))
    return sorted(" ".join(re.findall(r">([^<]*)</word>", line)) for line in lines)


def heights_of_lines(pdf: bytes, folder: Path) -> list[float]:
    """Return how high the lines to sign on stand, a pair after the other: where the words below them begin."""
    path = folder / "level.pdf"
    path.write_bytes(pdf)
    boxes = run("pdftotext", "-bbox", "-f", "1", "-l", "1", path, "-")
    return [round(float(y), 1) for y in re.findall(r'yMin="([\d.]+)"[^>]*>Date</word>', boxes)]


def test_a_full_page_keeps_the_room(build: Build) -> None:
    """A deal whose page has nothing to spare gets the least room there is, and no less."""
    fitted = build(REFERRAL, ()).fitted
    assert fitted.sizes.body == 9
    assert fitted.sizes.signing_room >= 20.5
    assert fitted.free_share >= 0.02
