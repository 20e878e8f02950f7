"""What a law firm's designer may break: styles of reference.docx, files a page asks for, Jinja in its HTML."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from agreementgen.core.document import Clause, Document, Paragraph, PartyBox, Run, Signature
from agreementgen.core.problems import PackError
from agreementgen.library.files import SourceFile
from agreementgen.library.library import Library
from agreementgen.render import docx, docx_writer, pdf
from agreementgen.render.measures import Sizes

# -- reference.docx


def without_style(data: bytes, style: str) -> bytes:
    """Return a Word file without one style, as if it had been renamed in Word."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "word/styles.xml":
                assert f'w:val="{style}"'.encode() in part
                part = part.replace(f'<w:name w:val="{style}"/>'.encode(), b'<w:name w:val="Renamed"/>')
            new.writestr(name, part)
    return buffer.getvalue()


SMALL = Document(
    title="Small",
    effective="today",
    language="en-US",
    paper="letter",
    parties=(PartyBox("Northshore LLC", "Northshore", ("a line",)),) * 2,
    terms_title="Key terms",
    terms=(),
    clauses=(Clause("a", "a", 1, "Scope", (Paragraph((Run("Text."),)),)),),
    signatures=(Signature("Northshore LLC", "Dana", "Date"),) * 2,
    schedules=(),
    footer="Small",
)


@pytest.mark.parametrize("style", docx_writer.AGREEMENT_STYLES)
def test_a_style_that_is_missing_in_the_word_file(library: Library, style: str) -> None:
    reference_file = library.layout["reference.docx"]
    changed = SourceFile(reference_file.name, without_style(reference_file.data, style))
    with pytest.raises(PackError) as refused:
        docx.write_docx(SMALL, changed, Sizes(9.0))
    (problem,) = refused.value.problems
    assert problem.message == f'the style "{style}" is missing'
    assert problem.place.file == "templates/layout/reference.docx"


# -- what a layout asks for

WATCHED: list[list[str]] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    asked = event.startswith(("socket.connect", "socket.getaddrinfo", "urllib"))
    if WATCHED and (asked or (event == "open" and "secret" in str(arguments[0]))):
        WATCHED[-1].append(f"{event} {arguments[0]}")


@pytest.fixture(scope="module")
def _watching() -> None:
    sys.addaudithook(_watch)


@pytest.fixture
def reached(_watching: None) -> Iterator[list[str]]:
    """Yield what is asked of the network, or of a file with "secret" in its name, while a test runs."""
    WATCHED.append([])
    yield WATCHED[-1]
    WATCHED.pop()


URL = "http://example.invalid/x.png"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}</svg>'


@pytest.mark.parametrize(
    ("file", "addition", "asked"),
    [
        ("agreement.html", f'<img src="{URL}">', URL),
        ("agreement.html", '<img src="file:///SECRET">', "file:///SECRET"),
        ("agreement.html", '<img src="missing.png">', "missing.png"),
        ("agreement.html", '<img src="../../secret.png">', "secret.png"),
        ("agreement.html", '<img src="data:image/png;base64,AAAA">', "data:image/png"),
        ("agreement.html", '<img src="https://127.0.0.1:9/x.png">', "https://127.0.0.1:9/x.png"),
        ("agreement.html", f'<link rel="stylesheet" href="{URL}">', URL),
        ("agreement.html", '<link rel="stylesheet" href="missing.css">', "missing.css"),
        ("agreement.html", f'<link rel="attachment" href="{URL}">', URL),
        ("agreement.html", '<link rel="attachment" href="file:///SECRET">', "file:///SECRET"),
        ("agreement.html", '<p><a rel="attachment" href="file:///SECRET">x</a></p>', "file:///SECRET"),
        ("agreement.html", f'<object data="{URL}"></object>', URL),
        ("agreement.html", f'<embed src="{URL}">', URL),
        ("agreement.html", SVG.format(f'<image href="{URL}" width="9" height="9"/>'), URL),
        ("agreement.html", SVG.format('<image href="file:///SECRET" width="9" height="9"/>'), "file:///SECRET"),
        ("agreement.html", SVG.format(f"<style>@import url({URL});</style>"), "the layout"),
        ("agreement.html", '<img src="inner.svg">', URL),
        ("agreement.html", f"<style>@import url({URL});</style>", URL),
        ("agreement.html", f'<p style="background: url({URL})">x</p>', URL),
        ("agreement.css", f"body {{ background: url({URL}) }}", URL),
        ("agreement.css", "body { background: url(missing.png) }", "missing.png"),
        ("agreement.css", f"li::marker {{ content: url({URL}) }} h1::before {{ content: url({URL}) }}", URL),
        ("agreement.css", f"@font-face {{ font-family: X; src: url({URL}) }} h1 {{ font-family: X }}", URL),
        (
            "agreement.css",
            '@font-face { font-family: Y; src: url("file:///SECRET") } h1 { font-family: Y }',
            "file:///SECRET",
        ),
    ],
)
def test_a_layout_reaches_nothing_outside_its_folder(
    library: Library, tmp_path: Path, reached: list[str], file: str, addition: str, asked: str
) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"not to be read")
    addition, asked = (text.replace("/SECRET", secret.as_posix()) for text in (addition, asked))
    source = library.layout[file]
    text = source.text.replace("</body>", f"{addition}</body>") if file.endswith(".html") else source.text + addition
    inner = SVG.format(f'<image href="{URL}" width="9" height="9"/>')
    layout = {**library.layout, file: SourceFile(source.name, text.encode())}
    layout["inner.svg"] = SourceFile("templates/layout/inner.svg", inner.encode())
    reached.clear()
    with pytest.raises(PackError) as refused:
        pdf.write_pdf(pdf.lay_out(SMALL, layout, Sizes(9.0)))
    assert asked in str(refused.value)
    assert reached == []


def test_a_drawing_that_uses_one_of_elsewhere_is_not_fetched(library: Library, reached: list[str]) -> None:
    source = library.layout["agreement.html"]
    text = source.text.replace("</body>", SVG.format(f'<use href="{URL}#a"/>') + "</body>")
    layout = {**library.layout, "agreement.html": SourceFile(source.name, text.encode())}
    reached.clear()
    assert pdf.write_pdf(pdf.lay_out(SMALL, layout, Sizes(9.0))).startswith(b"%PDF")
    assert reached == []


@pytest.mark.parametrize(
    ("addition", "said"),
    [
        ("{{ nope }}", "'nope' is undefined"),
        ("{% if %}", "Expected an expression"),
        ("{{ document.nope }}", "has no attribute 'nope'"),
        ("{{ ''.__class__.__mro__ }}", '"__mro__" is not a fact'),
        ("{% for i in range(10**9) %}{% endfor %}", "layout cannot be filled in"),
        ("{{ 9**9**9 }}", "layout cannot be filled in"),
        ("{{ 1 / 0 }}", "layout cannot be filled in"),
        ("{{ document.title + 5 }}", "layout cannot be filled in"),
        ("{% include 'missing.html' %}", "include (write a macro"),
        ("{% from '../referral.yaml' import x %}", "referral.yaml"),
        ("{% from 'missing.html' import x %}", "missing.html"),
        ("{{ lipsum(100000) }}", "layout cannot be filled in"),
    ],
)
def test_a_layout_that_cannot_be_filled_in(library: Library, addition: str, said: str) -> None:
    source = library.layout["agreement.html"]
    changed = SourceFile(source.name, source.text.replace("</body>", f"\n{addition}</body>").encode())
    line = source.text[: source.text.index("</body>")].count("\n") + 2
    with pytest.raises(PackError) as refused:
        pdf.lay_out(SMALL, {**library.layout, "agreement.html": changed}, Sizes(9.0))
    assert said in str(refused.value)
    assert refused.value.problems[0].place.line == line


@pytest.mark.parametrize(
    ("html", "is_wide"),
    [
        ("<td>Build a bridge with a span = 1200 m</td>", False),
        ('<td colspan="2">span = 1200 m</td>', False),
        ('<td colspan="1200">x</td>', True),
        ("<col span = 99999>", True),
        ('<td title=">" colspan="1200" id="<">x</td>', True),
        ('<td " colspan="1200">x</td>', True),
    ],
)
def test_a_length_in_a_fact_is_no_cell_that_spans_too_many(html: str, is_wide: bool) -> None:
    assert pdf._has_wide_span(html) == is_wide
