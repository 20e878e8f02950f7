"""The check of a pack's page: places to the letter, near names, and what may stand in a layout."""

from __future__ import annotations

import hostile_packs
import pytest

from agreementgen.library.files import SourceFile
from agreementgen.library.library import Library
from agreementgen.packs import markup, page_files
from agreementgen.packs.page_files import check_page

PNG = hostile_packs.png(9, 9, bytes(28 * 9))


def problems(library: Library, **texts: str | bytes) -> list[str]:
    """Return what is wrong with the files of a pack's layout; "_" in a name stands for the full stop."""
    own = {}
    for key, text in texts.items():
        name = key.replace("_", ".")
        own[name] = SourceFile(f"acme/{name}", text if isinstance(text, bytes) else text.encode())
    return [str(problem).split("\n")[0] for problem in check_page(own, {**library.layout, **own})]


PAGE = "{# A\n  remark. #}<p>\n  {{ names }} {% if names %}é{% endif %}"


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"agreement_html": PAGE + '<img src="x.png" alt="Logo"></p>'}, 'acme/agreement.html:3:41: "x.png" is not in the layout'),
        ({"agreement_html": PAGE + '<img src="logo.png"></p>', "logo_png": PNG}, "acme/agreement.html:3:41: <img> has no alt"),
        ({"agreement_html": "<style>\np { color: red;\n  background: url(x.png) }</style>"}, 'acme/agreement.html:3:15: "x.png"'),
        ({"agreement_html": "<p>\r\n<b style='background: url(//h/x)'>a</b></p>"}, 'acme/agreement.html:2:1: the address "//h/x" leads elsewhere'),
        ({"agreement_html": "<p>\n{{ a.b() }}</p>"}, "acme/agreement.html:2:1: only macros"),
        ({"agreement_html": "<p>\n{{ a"}, "acme/agreement.html:2:1: the layout is not readable"),
        ({"agreement_css": "/* a */\np {\n  background: url( 'x.png' ) }"}, 'acme/agreement.css:3:15: "x.png"'),
        ({"agreement_css": "p { color: red }\n@media print { p { a: url(http://h/x) } }"}, "acme/agreement.css:2:23: the address"),
        ({"agreement_css": "@import 'more.css';", "more_css": "@import 'agreement.css';"}, "acme/agreement.css:1:1: style sheets are imported"),
        ({"logo_svg": hostile_packs.SVG + "\n <g>\n  <script/></g></svg>"}, "acme/logo.svg:3:3: the drawing cannot be used: <script>"),
        ({"logo_svg": "<svg>\n<g></svg>"}, "acme/logo.svg:2:6: the drawing is not readable: mismatched tag"),
        ({"agreement_css": b"p {}\n\xff"}, "acme/agreement.css:2:1: the file is not stored as UTF-8"),
    ],
)  # fmt: skip
def test_what_is_wrong_has_its_place(library: Library, texts: dict[str, str | bytes], said: str) -> None:
    assert any(line.startswith(said) for line in problems(library, **texts)), problems(library, **texts)


def test_a_name_that_is_nearly_right(library: Library) -> None:
    own = {
        "agreement.css": SourceFile("a.css", b"p { background: url(Logo.png) }"),
        "logo.png": SourceFile("b.png", PNG),
    }
    (problem,) = check_page(own, {**library.layout, **own})
    assert problem.hint == 'did you mean "logo.png"?'


@pytest.mark.parametrize(
    ("address", "beside", "name"),
    [
        ("logo.png", "", "logo.png"),
        ("my%20logo.png", "", "my logo.png"),
        ("../logo.png", "css/a.css", "logo.png"),
        ("fonts/A.ttf", "css/a.css", "css/fonts/A.ttf"),
        ("../../../etc/passwd", "", "etc/passwd"),
        (" logo.png ", "", "logo.png"),
        ("/logo.png", "", None),
        ("\\\\host\\logo.png", "", None),
        ("//host/logo.png", "", None),
        ("HTTP://host/logo.png", "", None),
        ("file:logo.png", "", None),
        ("javascript:1", "", None),
        ("c:/logo.png", "", None),
        ("http://[", "", None),
        ("http://layout.invalid/logo.png", "", None),
    ],
)
def test_addresses(address: str, beside: str, name: str | None) -> None:
    """What leads upwards ends at the layout's folder, where no file has such a name."""
    assert markup.file_at_address(address, beside) == name


def test_drawings_may_name_their_own_parts() -> None:
    good = '<defs><pattern id="p"><rect/></pattern></defs><g fill="url(#p)"><use href="#g"/></g><g id="g" style="fill: url(#p)"/>'
    assert page_files.check_drawing((hostile_packs.SVG + good + "</svg>").encode(), "x.svg") == []


def test_pillow_is_as_lenient_afterwards_as_before() -> None:
    """WeasyPrint wants it lenient, the check does not."""
    from PIL import ImageFile

    before = ImageFile.LOAD_TRUNCATED_IMAGES
    for lenient in (True, False):
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient
        found, _ = page_files.check_picture(PNG[:45], "x.png")
        assert len(found) == 1
        assert ImageFile.LOAD_TRUNCATED_IMAGES is lenient
    ImageFile.LOAD_TRUNCATED_IMAGES = before
