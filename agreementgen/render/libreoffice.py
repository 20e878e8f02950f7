"""Counting a Word file's pages with LibreOffice, where it is installed: a second opinion on the fit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from agreementgen.core.problems import InputError, LayoutError, Place, Problem
from agreementgen.library.snapshot import home_folder

_TIMEOUT_SECONDS = 120
_FONTS_CONF = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{fonts}</dir><cachedir>{cache}</cachedir>
<alias binding="same"><family>Calibri</family><prefer><family>Carlito</family></prefer></alias>
<alias binding="same"><family>Cambria</family><prefer><family>Caladea</family></prefer></alias></fontconfig>"""


def find_libreoffice() -> str | None:
    """Return the path of LibreOffice, or None."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert_to_pdf(files: Mapping[str, bytes], folder: Path) -> dict[str, Path]:
    """Convert Word files (name to content) to PDFs in `folder` with the fonts that travel with the program."""
    office = find_libreoffice()
    if office is None:
        hint = "install it, or leave --verify out"
        raise InputError(
            Problem("LibreOffice is not installed", hint, "", Place("--verify"), code="libreoffice-missing")
        )
    (folder / "fonts.conf").write_text(
        _FONTS_CONF.format(fonts=home_folder() / "templates" / "layout" / "fonts", cache=folder / "cache"),
        encoding="utf-8",
    )
    for name, data in files.items():
        (folder / f"{name}.docx").write_bytes(data)
    command = [
        office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "pdf",
        "--outdir", str(folder), *(str(folder / f"{name}.docx") for name in files),
    ]  # fmt: skip
    environment = {**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=_TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise LayoutError(
            Problem(
                f"LibreOffice did not answer within {_TIMEOUT_SECONDS} seconds", "try again", code="libreoffice-failed"
            )
        ) from None
    made = {name: folder / f"{name}.pdf" for name in files}
    missing = [name for name, path in made.items() if not path.is_file()]
    if missing:
        said = done.stderr.decode(errors="replace").strip()[-300:]
        raise LayoutError(
            Problem(f"LibreOffice could not open {', '.join(missing)}: {said}", code="libreoffice-failed")
        )
    return made


def verify_page_counts(files: Mapping[str, bytes], pages: Mapping[str, int]) -> None:
    """Raise LayoutError where LibreOffice lays a Word file out on another number of pages than the PDF has."""
    with tempfile.TemporaryDirectory() as name:
        problems = []
        for stem, path in convert_to_pdf(files, Path(name)).items():
            count = len(re.findall(rb"/Type\s*/Page[^s]", path.read_bytes()))
            if count != pages[stem]:
                message = f"the Word file has {count} pages in LibreOffice, the PDF {pages[stem]}"
                hint = "shorten the deal a little, or send the PDF"
                problems.append(Problem(message, hint, "", Place(f"{stem}.docx"), code="fit-pages-differ"))
    if problems:
        raise LayoutError(problems)
