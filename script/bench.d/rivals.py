"""Other ways to the same documents: plain WeasyPrint, docxtpl, LibreOffice, Typst. Each gets what it needs, ready."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from varied import ROOT

from agreementgen.core.document import Document, ItemList, runs_of_block
from agreementgen.library.library import Library
from agreementgen.render import pdf
from agreementgen.render.measures import PAPER_SIZES, Sizes

LAYOUT = ROOT / "templates" / "layout"

# -- WeasyPrint


def page(document: Document, library: Library, sizes: Sizes, natural: bool) -> str:
    """Return the page as one HTML text; `natural` as one writes it without having measured."""
    text = pdf.document_html(document, library.layout)
    if natural:
        text = re.sub(r"<h2>\d+\. ", "<h2>", text)
    more = Path(__file__).with_name("natural.css").read_text(encoding="utf-8") if natural else ""
    return text.replace("</head>", f"<style>{pdf.document_style_sheet(document, sizes)}{more}</style></head>")


def weasyprint(text: str, **options: Any) -> bytes:
    import weasyprint

    return bytes(weasyprint.HTML(string=text, base_url=LAYOUT.as_uri() + "/").write_pdf(**options))


# -- docxtpl

# Matches the texts of a Word file's body.
_TEXT = re.compile(r"(<w:t(?: [^>]*)?>)([^<]*)(</w:t>)")


def template(files: Sequence[bytes]) -> tuple[bytes, list[dict[str, str]]]:
    """Return a template made from our Word files of some deals, and for each deal what to fill in.

    A text that differs from deal to deal becomes a tag; all others stand in the template.
    """
    bodies = [zipfile.ZipFile(BytesIO(data)).read("word/document.xml").decode() for data in files]
    texts = [[_plain(match[2]) for match in _TEXT.finditer(body)] for body in bodies]
    if len({len(each) for each in texts}) != 1:
        raise ValueError("the deals do not have the same paragraphs")
    varying = [index for index in range(len(texts[0])) if len({each[index] for each in texts}) > 1]
    place = iter(range(len(texts[0])))

    def tagged(match: re.Match[str]) -> str:
        index = next(place)
        return f"{match[1]}{{{{ t{index} }}}}{match[3]}" if index in varying else match[0]

    body = _TEXT.sub(tagged, bodies[0])
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(files[0])) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, body if name == "word/document.xml" else old.read(name))
    return buffer.getvalue(), [{f"t{index}": each[index] for index in varying} for each in texts]


def _plain(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


# -- LibreOffice


def office_is_here() -> bool:
    return shutil.which("soffice") is not None


def office(files: Sequence[Path], profile: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start one call of LibreOffice, with a profile of its own, that makes PDFs of Word files."""
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "pdf"]
    command += ["--outdir", str(folder), *map(str, files)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def fill(jobs: int, folder: Path) -> list[list[Path]]:
    """Fill in the template of `folder` for all its contexts, in `jobs` processes; return the files of each."""
    runs = [
        subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("filling.py")), str(folder), str(part), str(jobs)]
        )
        for part in range(jobs)
    ]
    if any(run.wait() for run in runs):
        raise RuntimeError("docxtpl failed")
    return [sorted(folder.glob(f"part{part}-*.docx")) for part in range(jobs)]


# -- Typst

_TYPST = """\
#set document(title: {title})
#set page(width: {width}pt, height: {height}pt, margin: 43.2pt, footer: [#text(8pt)[{footer} #h(1fr) Page 1 of 1]])
#set text(font: "Carlito", size: {body}pt, lang: "en", hyphenate: false)
#set par(leading: {leading}pt, spacing: {gap}pt)
#let navy = rgb("#1f3864")
#grid(columns: (1fr, auto), align: bottom,
  heading(level: 1, text(font: "Caladea", 18pt, navy)[{title_text}]), text(gray)[{effective}])
#line(length: 100%, stroke: 1.5pt + navy)
#grid(columns: (1fr, 1fr), gutter: 8pt, {parties})
#table(columns: ({label}%, 1fr, {label}%, 1fr), stroke: (bottom: 0.5pt + gray), inset: (x: 0pt, y: 1pt),
  table.header(table.cell(colspan: 4)[*{terms_title}*]), {terms})
#columns(2, gutter: 14pt)[
{clauses}
]
#grid(columns: (1fr, 1fr), gutter: 14pt, {signatures})
"""


def typst_source(document: Document, sizes: Sizes) -> bytes:
    """Return an equivalent page for Typst. (Its columns are filled, not balanced.)"""

    def said(text: str) -> str:
        return "#" + quoted(text)

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    parties = ", ".join(
        f"[*{said(box.name)}* \\ " + " \\ ".join(said(line) for line in box.lines) + "]" for box in document.parties
    )
    terms: list[str] = []
    for pair in document.terms:
        for row in (pair.left, pair.right):
            if row:
                span = "" if pair.right else "table.cell(colspan: 3)"
                terms += [f"[*{said(row.label)}*]", f"{span}[{said(''.join(run.text for run in row.runs))}]"]
    clauses: list[str] = []
    for clause in document.clauses:
        clauses.append(f"#text(navy)[*{said(f'{clause.number}. {clause.heading}.')}*]")
        for block in clause.blocks:
            mark = "+ " if isinstance(block, ItemList) else ""
            clauses += [mark + said("".join(run.text for run in runs)) for runs in runs_of_block(block)]
        clauses.append("")
    signatures = ", ".join(
        f"[*{said(each.party)}* #v({sizes.signing_room}pt) #line(length: 100%) {said(each.signatory)} #h(1fr) "
        f"{said(each.date_label)}]"
        for each in document.signatures
    )
    width, height = PAPER_SIZES[document.paper]
    return _TYPST.format(
        title=quoted(document.title), title_text=said(document.title), width=width, height=height,
        footer=said(document.footer), body=sizes.body, leading=sizes.line_height - sizes.body * 0.75,
        gap=sizes.clause_gap + 3,
        effective=said(document.effective), parties=parties, label=round(sizes.label_share * 100),
        terms_title=said(document.terms_title), terms=", ".join(terms), clauses="\n".join(clauses),
        signatures=signatures,
    ).encode()  # fmt: skip


def typst_compiler() -> Callable[[bytes], bytes]:
    """Return a function that makes a PDF of Typst source, with the fonts read once."""
    import typst

    compiler = typst.Compiler(font_paths=[str(LAYOUT / "fonts")], ignore_system_fonts=True)

    def compiled(source: bytes) -> bytes:
        made = compiler.compile(source, format="pdf")
        assert isinstance(made, bytes)
        return made

    return compiled
