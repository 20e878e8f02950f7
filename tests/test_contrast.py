"""Colors that weak eyes and grey printers can read, computed from the style sheets and from reference.docx."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from conftest import ROOT
from lxml import etree

LAYOUT = ROOT / "templates" / "layout"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# The light grid of a chart only helps the eye along; what separates rows and parties is darker.
LIGHT_GRID = "d9d9d9"


def luminance(color: str) -> float:
    """Return the relative luminance of "1f3864", as WCAG 2 defines it."""
    full = color if len(color) == 6 else "".join(char * 2 for char in color)
    parts = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def rules_of(sheet: str) -> list[tuple[str, dict[str, str]]]:
    text = re.sub(r"/\*.*?\*/", "", (LAYOUT / sheet).read_text(encoding="utf-8"), flags=re.DOTALL)
    found = []
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", text):
        pairs = (part.split(":", 1) for part in body.split(";") if ":" in part)
        found.append((selector.strip(), {name.strip(): value.strip() for name, value in pairs}))
    return found


def color_in(value: str) -> str:
    found = re.search(r"#([0-9a-f]{6}|[0-9a-f]{3})\b", value)
    return found[1] if found else ""


def test_the_measure_is_right() -> None:
    assert round(contrast("000000", "ffffff"), 1) == 21.0
    assert round(contrast("767676", "ffffff"), 2) == 4.54


@pytest.mark.parametrize("sheet", ["agreement.css", "chart.css"])
def test_the_style_sheet(sheet: str) -> None:
    seen = {"text": 0, "rules": 0}
    for selector, styles in rules_of(sheet):
        ground = color_in(styles.get("background", "")) or "ffffff"
        if color := color_in(styles.get("color", "")):
            # White text stands on the fills of parties, which rules of their own set.
            if color in ("fff", "ffffff") and ground == "ffffff":
                assert selector == ".raci thead .party"
                continue
            assert contrast(color, ground) >= 4.5, selector
            seen["text"] += 1
        elif ground != "ffffff" and not re.search(r"party-", selector):
            assert contrast("000000", ground) >= 4.5, selector
        if re.search(r"\.party-", selector):
            assert contrast("ffffff", ground) >= 4.5, selector
        for name, value in styles.items():
            line = color_in(value)
            if name.startswith("border") and line and line != LIGHT_GRID:
                assert contrast(line, "ffffff") >= 3, (selector, name)
                seen["rules"] += 1
    assert all(seen.values())


def test_reference_docx() -> None:
    styles = zipfile.ZipFile(io.BytesIO((LAYOUT / "reference.docx").read_bytes())).read("word/styles.xml")
    texts = rules = 0
    for style in etree.fromstring(styles).iter(f"{W}style"):
        name = style.find(f"{W}name").get(f"{W}val")
        fill = next((node.get(f"{W}fill") for node in style.iter(f"{W}shd")), "FFFFFF").lower()
        for node in style.iter(f"{W}color"):
            assert contrast(node.get(f"{W}val").lower(), fill) >= 4.5, name
            texts += 1
        for node in style.iter():
            line = (node.get(f"{W}color") or "").lower() if node.get(f"{W}sz") else ""
            if line and line != LIGHT_GRID:
                assert contrast(line, "ffffff") >= 3, name
                rules += 1
    assert texts > 20
    assert rules > 8


@pytest.mark.parametrize(
    ("selector", "style"),
    [
        (".terms th", "Term Label"),
        (".clause h2", "Clause Heading"),
        (".grid th", "Schedule Table Head"),
        ("", "Short Name"),
    ],
)
def test_what_labels_is_black_in_both(selector: str, style: str) -> None:
    for found, styles in rules_of("agreement.css"):
        if selector and found == selector:
            assert "color" not in styles
    root = etree.fromstring(zipfile.ZipFile(LAYOUT / "reference.docx").read("word/styles.xml"))
    (named,) = [one for one in root.iter(f"{W}style") if one.find(f"{W}name").get(f"{W}val") == style]
    assert named.find(f".//{W}color") is None
