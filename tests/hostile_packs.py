"""Packs that are hostile or broken, each made by one change of a good one.

`CASES` gives for each name how the pack is made, when it is refused (when it is opened, or when a document is built)
and words of the line that refuses it. Run as a program with a folder and names of cases, this file tries them one after
the other in one process with a gigabyte of memory, and prints what happened to each as a line of JSON.
"""

from __future__ import annotations

import json
import os
import random
import socket
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import hostile_word
import packs

ROOT = Path(__file__).resolve().parent.parent
SECONDS, BYTES = 10, 1 << 30
URL = "http://192.0.2.7/x"
Make = Callable[[Path], None]


@dataclass(frozen=True)
class Case:
    make: Make
    says: str
    built: bool = False


CASES: dict[str, Case] = {}


def case(name: str, make: Make, says: str, built: bool = False) -> None:
    assert name not in CASES, name
    CASES[name] = Case(make, says, built)


def put(name: str, data: str | bytes) -> Make:
    """Return a function that writes one file of a pack."""

    def make(pack: Path) -> None:
        packs.write(pack, {name: data})

    return make


def head(text: str) -> Make:
    def make(pack: Path) -> None:
        packs.write(pack, {}, text)

    return make


def clause(body: str, more: str = "") -> Make:
    return put(
        "clauses/general/general-short.md", packs.clause("general-short", body, "General", f"position: short\n{more}")
    )


def topic(text: str) -> Make:
    return put("clauses/extra/topic.yaml", text)


# -- the tree


def link(name: str, target: str) -> Make:
    def make(pack: Path) -> None:
        packs.write(pack, {})
        (pack / name).parent.mkdir(parents=True, exist_ok=True)
        (pack / name).symlink_to(target.replace("SECRET", str(pack.parent / "secret.md")))

    return make


def pipe(name: str) -> Make:
    def make(pack: Path) -> None:
        packs.write(pack, {})
        (pack / name).parent.mkdir(parents=True, exist_ok=True)
        (pack / name).unlink(missing_ok=True)
        os.mkfifo(pack / name)

    return make


def listening(pack: Path) -> None:
    packs.write(pack, {"clauses/general/x.md": ""})
    here = os.getcwd()
    os.chdir(pack / "clauses" / "general")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("y.md")
    os.chdir(here)


def hole(pack: Path) -> None:
    packs.write(pack, {"templates/layout/logo.png": ""})
    with (pack / "templates/layout/logo.png").open("wb") as stream:
        stream.truncate(1 << 42)


def many(pack: Path) -> None:
    packs.write(pack, {f"clauses/general/x{number}.md": "" for number in range(2_100)})


def heavy(pack: Path) -> None:
    packs.write(pack, {f"templates/layout/x{number}.txt": bytes(4_900_000) for number in range(9)})


def named(*names: str) -> Make:
    def make(pack: Path) -> None:
        packs.write(pack, dict.fromkeys(names, ""))

    return make


def odd_bytes(pack: Path) -> None:
    packs.write(pack, {})
    Path(os.fsdecode(os.fsencode(pack) + b"/bad\xff\xfe.md")).write_bytes(b"")


case("tree: a link to a file outside", link("clauses/general/general-short.md", "SECRET"), "links are not followed")
case("tree: a link to /etc/passwd", link("README.md", "/etc/passwd"), "links are not followed")
case("tree: a link to a folder", link("clauses", "/etc"), "links are not followed")
case("tree: a link to itself", link("templates/loop", "."), "links are not followed")
case("tree: a link to nothing", link("clauses/x.md", "nowhere"), "links are not followed")
case("tree: a link upwards", link("templates/layout/logo.png", "../../../secret.png"), "links are not followed")
case("tree: a link to a device", link("templates/layout/logo.png", "/dev/zero"), "links are not followed")
case("tree: a pipe", pipe("clauses/general/x.md"), "a pipe, socket or device")
case("tree: pack.yaml is a pipe", pipe("pack.yaml"), "a pipe, socket or device")
case("tree: a socket", listening, "a pipe, socket or device")
case("tree: four terabytes of nothing", hole, "larger than 5,000,000 bytes")
case("tree: too many files", many, "more than 2,000 files")
case("tree: too many bytes", heavy, "more than 40,000,000 bytes together")
case("tree: too deep", named("/".join("abcdefghijk") + "/x.md"), "folders stand more than 8 deep")
case("tree: names alike but for case", named("clauses/general/a.md", "clauses/general/A.md"), "the same name as")
case("tree: names alike but for form", named("a\u00e9.md", "ae\u0301.md"), "the same name as")
case("tree: a control character in a name", named("a\x1bb.md"), "a control character")
case("tree: a hidden direction in a name", named("a\u202egnp.md"), "a hidden change of writing direction")
case("tree: a name of Windows's", named("evil\\..\\x.md"), "cannot be used on every system")
case("tree: a name that is no text", odd_bytes, "half a character")
case("tree: a program", named("clauses/general/hook.py"), "this kind of file is not read")
case("tree: a library", named("templates/layout/x.so"), "this kind of file is not read")
case("tree: a Word file with macros", named("templates/layout/x.docm"), "this kind of file is not read")
case("tree: a packed font", named("templates/layout/x.woff2"), "this kind of file is not read")
case("tree: a file that belongs nowhere", named("run.md"), "no place in a pack")

# -- pack.yaml and the other YAML


def pack_yaml(data: str | bytes) -> Make:
    return put("pack.yaml", data)


LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 30))
case("yaml: empty", pack_yaml(""), "the file is empty")
case("yaml: a list", pack_yaml("- a\n- b\n"), "must hold facts")
case("yaml: aliases that double", pack_yaml(LAUGHS), "which is not read")
case("yaml: an object of Python's", pack_yaml("id: !!python/object/apply:os.system ['id']\n"), "which is not read")
case("yaml: a merge", head("<<: {footer: x}\n"), '"<<" has a special meaning')
case("yaml: brackets without end", pack_yaml("id: " + "[" * 30_000), "nested more than 32 levels deep")
case("yaml: lines without end", pack_yaml("".join("  " * n + f"a{n}:\n" for n in range(400))), "nested more than 32")
case("yaml: a megabyte and more", pack_yaml("# " + "x" * 1_100_000), "larger than 200,000 bytes")
case(
    "yaml: a flood of files",
    lambda pack: packs.write(pack, {f"samples/x{n}.yaml": "a: [" + "b," * 95_000 + "]" for n in range(30)}) and None,
    "hold more than 3,000,000 bytes together",
)
case("yaml: one line of 190,000 letters", head("contact: [" + "b," * 95_000 + "]\n"), "names and values")
case("yaml: brackets side by side", head("contact: [" + "[]," * 63_000 + "]\n"), "must be a text")
case("yaml: a thousand anchors", head("contact:\n" + "- &b c\n" * 25_000), "names and values")
case("yaml: two documents", head("---\nid: other\n"), "a second deal begins here")
case("yaml: the same name twice", head("id: other\n"), "stands twice here")
case("yaml: nothing between", pack_yaml(b"id: a\x00b\n"), "U+0000")
case("yaml: a hidden direction", head("footer: \u202eevil\n"), "a hidden change of writing direction")
case("yaml: a private character", head("footer: \ue000\n"), "a private-use character")
case("yaml: UTF-16", pack_yaml("id: acme\n".encode("utf-16")), "UTF-16")
case("yaml: Latin-1", pack_yaml("id: acme\nname: Caf\u00e9\n".encode("latin-1")), "not stored as UTF-8")
case("yaml: a ZIP", pack_yaml(b"PK\x03\x04" + bytes(100)), "a Word, Excel or ZIP file")
case("yaml: an id that is a path", pack_yaml(packs.HEAD.format(id="../../evil")), "cannot be the id of a pack")
case("yaml: made for the future", pack_yaml(packs.HEAD.format(id="a").replace("0.1.0", "99.0")), "update agreementgen")
case(
    "yaml: a version without end", pack_yaml(packs.HEAD.format(id="a").replace("1.2", "9" * 5_000)), "is not a version"
)
case("yaml: a font outside", head("faces: {regular: ../../../secret.ttf, bold: /etc/passwd}\n"), "is not in the layout")
case("yaml: 100,000 mistakes", head("".join(f"k{n}: 1\n" for n in range(15_000))), "names and values")
case("yaml: a deep translation", put("translations.yaml", "questions: " + "{a: " * 5_000), "nested more than 32")

# -- clauses, conditions, rows, outlines: the language

case("clause: attributes of Python's", clause("{{ law.__class__.__mro__ }}"), '"law.__class__" is not a fact')
case("clause: attributes of a text", clause("{{ ''.__class__ }}"), "an attribute of something that is not a fact")
case("clause: a call", clause("{{ cycler.__init__.__globals__.os.popen('id').read() }}"), "is not allowed in clauses")
case("clause: lipsum", clause("{{ lipsum(n=100000) }}"), "a call is not allowed")
case("clause: import", clause("{% import 'os' as os %}"), '"import" is not allowed in clauses')
case("clause: include", clause("{% include '/etc/passwd' %}"), '"include" is not allowed in clauses')
case("clause: macro", clause("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"), '"macro" is not allowed in clauses')
case("clause: set", clause("{% set x = 1 %}"), '"set" is not allowed in clauses')
case("clause: raw", clause("{% raw %}{{ x }}{% endraw %}"), "{% raw %} is not allowed")
case("clause: powers", clause("{{ 9**9**9 }}"), "calculating with ** is not allowed")
case("clause: products", clause("{{ 'x' * 1000000000 }}"), "calculating with * is not allowed")
case("clause: formats", clause("{{ '%999999999d' % 1 }}"), "calculating with % is not allowed")
case("clause: center", clause("{{ law|center(1000000000) }}"), '"center" is not a filter of ours')
case("clause: range", clause("{% for x in range(1000000000) %}{% endfor %}"), "a for runs over a list of facts only")
case("clause: never closed", clause("{% if law %}" * 500), "is never closed")
case("clause: ifs in ifs", clause("{% if law %}" * 400 + "x" + "{% endif %}" * 400), "nested")
case("clause: brackets", clause("{{ " + "(" * 9_000 + "law" + ")" * 9_000 + " }}"), "nested too deeply")
case("clause: not not not", clause("{% if " + "not " * 4_500 + "law %}x{% endif %}"), "nested too deeply")
case("clause: and and and", clause("{% if law" + " and law" * 2_000 + " %}x{% endif %}"), "levels deep")
case("clause: a long number", clause("{{ " + "9" * 9_000 + " }}"), "a number with too many digits")
case("clause: too long", clause("words " * 4_000), "more than 20,000 characters")
case("clause: thousands of mistakes", clause("{{ nope }}\n" * 1_500), '"nope" is not a fact')
case("clause: a private character", clause("Text \ue001."), "a private-use character")
case("clause: a null", clause("Text \x00."), "U+0000")
case("clause: no head", put("clauses/general/general-short.md", "Text.\n"), 'a clause begins with "---"')
case(
    "clause: a deep head",
    put("clauses/general/general-short.md", "---\n" + "- " * 3_000 + "\n---\nText.\n"),
    "nested more than 32",
)
case("clause: a hostile condition", clause("Text.", "when: \"''.__class__\"\n"), "an attribute of something")
case("clause: a condition without end", clause("Text.", f"when: {'(' * 3_000}law{')' * 3_000}\n"), "nested too deeply")
case(
    "clause: a comparison without end",
    clause("Text.", f"when: law in [{', '.join(['1'] * 4_000)}]\n"),
    "more than 200 comparisons",
)
case(
    "clause: a table for no page",
    clause("|a" * 2_000 + "|\n" + "|-" * 2_000 + "|\n" + "|x|\n" * 1_500),
    "at most 20 columns",
    True,
)
case("clause: three lists in each other", clause("- a\n  - b\n    - c\n"), "holds no third one", True)


def flood(pack: Path) -> None:
    """Write texts of which each is right, and of which there are far too many."""
    text = "{% if law %}{{ law }}{% endif %}\n\n" * 500
    names = {f"clauses/general/x{n}.md": packs.clause(f"x{n}", text, more=f"rank: {n + 1_000}\n") for n in range(40)}
    packs.write(pack, dict(names))


case("clause: a flood of them", flood, "words inside tags")
case(
    "row: hostile",
    topic("title: X\nkey terms: [{id: x, label: X, says: \"{{ ''.__class__ }}\"}]\n"),
    "an attribute of something",
)
case("topic: no type", topic("title: X\nquestions: {a: {type: code, prompt: P}}\n"), '"code" is not a type')
case(
    "topic: a name of Python's",
    topic("title: X\nquestions: {__class__: {type: text, prompt: P}}\n"),
    "cannot be written in clauses",
)
case(
    "topic: a hostile condition",
    topic("title: X\nquestions: {a: {type: text, prompt: P, when: x.y()}}\n"),
    "is not allowed",
)
case("topic: a hostile figure", topic("title: X\ncalculated: {f: {label: L, multiply: [9**9]}}\n"), "is not a fact")
case(
    "topic: deep",
    topic("title: X\nquestions: " + "{a: {type: group, questions: " * 40 + "}}" * 40),
    "nested more than 32",
)
case(
    "outline: hostile",
    lambda pack: put(
        "templates/referral.yaml",
        (ROOT / "templates/referral.yaml").read_text().replace("footer:", "footer: \"{{ ''.__class__ }}\" #"),
    )(pack),
    "an attribute of something",
)
case("outline: not YAML", put("templates/referral.yaml", "a: [1, 2\nb: }"), "referral.yaml")

# -- layouts


def page(text: str) -> Make:
    return put(
        "templates/layout/agreement.html",
        '{% extends "built-in/agreement.html" %}{% block footer %}{{ super() }}' + text + "{% endblock %}",
    )


def style(text: str) -> Make:
    return put("templates/layout/agreement.css", '@import "built-in/agreement.css";\n' + text)


LEADS = "leads elsewhere"
case("html: a picture of the network", page(f'<img src="{URL}">'), LEADS)
case("html: a file", page('<img src="file:///etc/passwd">'), LEADS)
case("html: an absolute path", page('<img src="/etc/passwd">'), LEADS)
case("html: a path upwards", page('<img src="../../../secret.png">'), "is not in the layout's folder")
case("html: another host", page('<img src="//192.0.2.7/x.png">'), LEADS)
case("html: ftp", page('<img src="ftp://192.0.2.7/x.png">'), LEADS)
case("html: data", page('<img src="data:image/png;base64,AAAA">'), "holds its data itself")
case("html: a backslash", page('<img src="\\\\192.0.2.7\\x.png">'), LEADS)
case("html: an address filled in", page('<img src="{{ document.title }}">'), "is not written out")
case("html: a style sheet of the network", page(f'<link rel="stylesheet" href="{URL}.css">'), LEADS)
case(
    "html: an attachment", page('<link rel="attachment" href="file:///etc/passwd">'), "<link> is for style sheets only"
)
case("html: a link that attaches", page('<a rel="attachment" href="https://a.example">x</a>'), "attaches no files")
case("html: a link to a file", page('<a href="file:///etc/passwd">x</a>'), "a link leads to")
case("html: a link that runs", page('<a href="javascript:alert(1)">x</a>'), "a link leads to")
case("html: object", page(f'<object data="{URL}"></object>'), "<object> is not allowed")
case("html: embed", page(f'<embed src="{URL}">'), "<embed> is not allowed")
case("html: iframe", page(f'<iframe src="{URL}"></iframe>'), "<iframe> is not allowed")
case("html: script", page("<script>1</script>"), "<script> is not allowed")
case("html: base", page(f'<base href="{URL}">'), "<base> is not allowed")
case("html: refresh", page(f'<meta http-equiv="refresh" content="0;url={URL}">'), "http-equiv is not allowed")
case("html: a drawing inside", page(f'<svg><image href="{URL}"/></svg>'), "<svg> is not allowed")
case("html: something that runs", page('<p onload="x()">a</p>'), "onload is not allowed")
case(
    "html: a picture without words",
    lambda pack: (logo(png(9, 9, bytes(28 * 9)))(pack), page('<img src="logo.png">')(pack))[0],
    "<img> has no alt",
)
case("html: srcset", page(f'<img srcset="{URL} 2x">'), "srcset is not allowed")
case("html: a background", page(f'<p background="{URL}">a</p>'), "background is not allowed")
case("html: a style with an address", page(f'<p style="background: url({URL})">a</p>'), LEADS)
case("html: a style sheet inside", page(f"<style>p {{ background: url({URL}) }}</style>"), LEADS)
case("html: a tag filled in", page("<{{ 'img' }} src='file:///etc/passwd'>"), "the name of a tag cannot be filled in")
case("html: far too wide", page('<table><tr><td colspan="100000">a</td></tr></table>'), "colspan is larger than")
case("html: too deep", page("<div>" * 300 + "</div>" * 300), "tags are nested more than 60")
case("html: not UTF-8", put("templates/layout/agreement.html", b"<p>\xff\xfe</p>"), "not stored as UTF-8")
case("html: safe", page("{{ document.title|safe }}"), "safe is not allowed in layouts")
case("html: attributes of Python's", page("{{ ''.__class__.__mro__[1].__subclasses__() }}"), "can be called")
case("html: a method", page("{{ document.title.format(1) }}"), "can be called")
case("html: include", page("{% include '/etc/passwd' %}"), "include (write a macro")
case(
    "html: extends a file",
    put("templates/layout/agreement.html", '{% extends "/etc/passwd" %}'),
    "is not one of the layouts",
)
case(
    "html: extends what lies above",
    put("templates/layout/agreement.html", '{% extends "../../pack.yaml" %}'),
    "is not one of the layouts",
)
case(
    "html: extends itself",
    put("templates/layout/agreement.html", '{% extends "agreement.html" %}'),
    "uses itself without end",
)
case("html: powers", page("{{ 9**9**9 }}"), "calculating with **")
case("html: joining", page("{% set a = 'x' ~ 'x' %}"), "joining with ~")
case("html: center", page("{{ document.title|center(1000000000) }}"), '"center" is not a filter')
case(
    "html: autoescape",
    page("{% autoescape false %}{{ document.title }}{% endautoescape %}"),
    "is not allowed in layouts",
)
case("html: brackets", page("{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}"), "nested too deeply")
case(
    "html: loops in loops",
    page(
        "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}{% endfor %}{% endfor %}{% endfor %}"
    ),
    "more than 400,000 steps",
    True,
)
case("html: a large range", page("{% for a in range(1000000000) %}{% endfor %}"), "range is for up to 1,000", True)
case(
    "html: a macro that calls itself",
    page("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
    "uses itself without end",
    True,
)
case(
    "html: a macro that doubles",
    page("{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}x{% endmacro %}{{ m(40) }}"),
    "400,000 steps",
    True,
)
case(
    "html: texts that double",
    page(
        "{% set a %}xxxxxxxxxxxxxxxx{% endset %}"
        + "".join(
            f"{{% set {b} %}}{{{{ {a} }}}}{{{{ {a} }}}}{{% endset %}}"
            for a, b in zip("abcdefghijklmnopqrstuvwxyzABCDEFGH", "bcdefghijklmnopqrstuvwxyzABCDEFGHI", strict=True)
        )
        + "{{ I }}"
    ),
    "400,000 steps",
    True,
)
case(
    "html: numbers that grow",
    page("{% set a = 99999 %}{% set b = a * a %}{% set c = b * b %}"),
    "numbers up to 100,000 only",
    True,
)
case("html: replace", page("{% set a = 'x'|replace('x', 'x' * 9) %}"), "numbers up to", True)
case(
    "html: a page without end",
    page(
        "{% for a in range(1000) %}{% for b in range(100) %}"
        + "words and words and words " * 40
        + "{% endfor %}{% endfor %}"
    ),
    "steps",
    True,
)
case("html: something unknown", page("{{ document.nope }}"), "nope", True)
case(
    "html: flex in flex",
    page('<div style="display: flex">' * 14 + "word " * 20 + "</div>" * 14),
    "the layout takes too long",
    True,
)
case(
    "html: columns in columns",
    page('<div style="columns: 2">' * 9 + "word " * 40 + "</div>" * 9),
    "the layout takes too long",
    True,
)
case(
    "html: wide by little",
    page('<table><tr><td colspan="{% for a in range(6) %}9{% endfor %}">a</td></tr></table>'),
    "spans more than 999",
    True,
)

case("css: an address", style(f"h1 {{ background: url({URL}) }}"), LEADS)
case("css: an address in quotes", style(f'h1 {{ background: url("{URL}") }}'), LEADS)
case("css: an address in disguise", style(f"h1 {{ background: \\75 rl({URL}) }}"), LEADS)
case("css: an address after a comment", style(f"h1 {{ background: /* */url({URL}) }}"), LEADS)
case("css: an address in content", style(f"h1::before {{ content: url({URL}) }}"), LEADS)
case("css: an address at the margin", style(f"@page {{ @top-left {{ content: url({URL}) }} }}"), LEADS)
case("css: an address in a condition", style(f"@media print {{ h1 {{ background: url({URL}) }} }}"), LEADS)
case("css: a list image", style(f"li {{ list-style-image: url({URL}) }}"), LEADS)
case("css: image-set", style(f'h1 {{ background: image-set("{URL}" 1x) }}'), "image-set() is not allowed")
case("css: import", style(f"@import url({URL}.css);"), LEADS)
case("css: import of a file", style("@import 'file:///etc/passwd';"), LEADS)
case("css: import of itself", put("templates/layout/agreement.css", '@import "agreement.css";'), "or by themselves")
case("css: a font of the network", style(f"@font-face {{ font-family: X; src: url({URL}.ttf) }}"), LEADS)
case(
    "css: a font by its name",
    style("h1 { font: bold 12pt/14pt Arial, sans-serif }"),
    '"Arial" does not come with the layout',
)
case("css: any font of the machine", style("h1 { font-family: serif }"), '"serif" does not come with the layout')
case("css: a font of the machine", style("@font-face { font-family: X; src: local(Arial) }"), "local() is not allowed")
case(
    "css: a font file outside", style("@font-face { font-family: X; src: url('file:///usr/share/fonts/x.ttf') }"), LEADS
)
case("css: a link", style(f"h1 {{ -weasy-link: url({URL}) }}"), "is not allowed in layouts")
case(
    "css: names that double",
    style(":root {" + "".join(f"--x{n}: var(--x{n - 1}) var(--x{n - 1});" for n in range(1, 40)) + "}"),
    "uses more than one other name",
)
case("css: tabs", style("pre { tab-size: 1000000000 }"), '"tab-size" is not allowed')
case("css: numbers", style("h1 { counter-set: a 1000000000 }"), "larger than 20,000")
case(
    "css: stripes",
    style("h1 { background: repeating-linear-gradient(red, blue 0.0001px) }"),
    "repeating-linear-gradient() is not allowed",
)
case(
    "css: a counter of its own",
    style("@counter-style x { system: symbolic; symbols: x }"),
    '"@counter-style" is not known',
)
case("css: footnotes", style("p { float: footnote }"), "footnotes are not allowed")
case("css: brackets", style("h1 { width: " + "calc(" * 3_000 + "1px" + ")" * 3_000 + " }"), "nested")
case("css: braces", style("h1 " + "{" * 5_000 + "}" * 5_000), "nested")
case("css: not readable", style("h1 { color: red; } } p { : }"), "not readable")
case("css: too long", style("p { color: red }\n" * 20_000), "more than 200,000 letters")
case(
    "css: another encoding",
    put("templates/layout/agreement.css", '@charset "utf-16";\nh1 { color: red }'),
    '"@charset" is not known',
)
case("css: UTF-16", put("templates/layout/agreement.css", "h1 { color: red }".encode("utf-16")), "UTF-16")
case(
    "css: paper of a point",
    style("@page x { size: 20pt 20pt; margin: 0 } .clauses { page: x }"),
    "the layout takes too long",
    True,
)

case("css: no columns at all", style(".clauses { columns: 0 }"), "the layout ", True)
case("css: no page at all", style("html { display: none }"), "the layout cannot be laid out", True)
case("css: no length", style("body { width: -5pt }"), "invalid value", True)
case("css: a heading of no size", style("h1 { transform: scale(0) }"), "the layout cannot be laid out", True)

# -- Word files that are annexes

WITH_ANNEX = {
    "clauses/house/topic.yaml": "title: House\nabout: Rules\nquestions:\n  place: {type: text, prompt: Where?, words: 9, "
    "example: here}\nschedules:\n  - {id: rules, title: Rules, when: house.place, file: rules.docx}\n",
    "clauses/house/house.md": packs.clause(
        "house", "They keep {{ schedule('rules') }}.", "House", "when: house.place\n"
    ),
    **packs.outline_with("house"),
}


def annex(data: Callable[[], bytes]) -> Make:
    def make(pack: Path) -> None:
        packs.write(pack, {**WITH_ANNEX, "clauses/house/rules.docx": data()})

    return make


def paragraphs(text: str, count: int = 1, style: str = "") -> bytes:
    return f"<w:p>{style}<w:r><w:t>{text}</w:t></w:r></w:p>".encode() * count


def with_list(level: str, count: int = 1) -> Make:
    """Return how an annex is made with paragraphs of a list whose first level is this."""
    listed = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="990"/></w:numPr></w:pPr>'
    numbering = (
        f'<w:abstractNum w:abstractNumId="990">{level}</w:abstractNum>'
        '<w:num w:numId="990"><w:abstractNumId w:val="990"/></w:num></w:numbering>'
    ).encode()

    def data() -> bytes:
        parts = hostile_word.replaced(hostile_word.NUMBERING, b"</w:numbering>", numbering)
        body = hostile_word.BODY + paragraphs("Doors are locked.", count, listed)
        return hostile_word.packed(hostile_word.replaced(hostile_word.DOCUMENT, hostile_word.BODY, body, parts))

    return annex(data)


def with_styles_in_a_chain() -> bytes:
    chain = "".join(
        f'<w:style w:type="paragraph" w:styleId="s{n}"><w:basedOn w:val="s{n + 1}"/></w:style>' for n in range(25_000)
    )
    parts = hostile_word.replaced(hostile_word.STYLES, b"</w:styles>", f"{chain}</w:styles>".encode())
    body = (
        hostile_word.BODY + paragraphs("a", 5_000, '<w:pPr><w:pStyle w:val="s0"/></w:pPr>') + paragraphs("{{ nobody }}")
    )
    return hostile_word.packed(
        hostile_word.replaced(hostile_word.DOCUMENT, hostile_word.BODY, body, parts), zipfile.ZIP_STORED
    )


NO_NUMBER = "a list counts from what is no number"
case("annex: a bomb", annex(hostile_word.CASES["zip bomb"][0]), "unpacks to")
case("annex: a folder that defines entities", annex(
    lambda: hostile_word.packed(hostile_word.replaced(
        "_rels/.rels", b"<Relationships", b'<!DOCTYPE r [<!ENTITY a "aaaa">]><Relationships'))), "has a DOCTYPE")  # fmt: skip
case("annex: a list on no level", with_list('<w:lvl w:ilvl="x"/>'), NO_NUMBER)
case("annex: a list that begins at a million", with_list(
    '<w:lvl w:ilvl="0"><w:start w:val="1000000000"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1"/></w:lvl>'
), NO_NUMBER)  # fmt: skip
case("annex: a list of no numbers", with_list(
    '<w:lvl w:ilvl="0"><w:numFmt w:val="ordinalText"/><w:lvlText w:val="%1"/></w:lvl>'
), "counts in a way that an annex cannot show (ordinalText)")  # fmt: skip
case("annex: numbers without end", with_list(
    f'<w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/><w:lvlText w:val="{"%1" * 9_000}"/></w:lvl>', 5_000
), "longer than 100 letters")  # fmt: skip
case("annex: tags without end", annex(lambda: hostile_word.in_body(paragraphs("{{" * 95_000))), "more than 20,000")
case("annex: too long", annex(lambda: hostile_word.stored(paragraphs("a" * 4_000_000))), "longer than 200,000 bytes")
case("annex: paragraphs without end", annex(lambda: hostile_word.stored(paragraphs("b", 70_000))), "longer than")
case("annex: styles without end", annex(with_styles_in_a_chain), "nobody")

# -- drawings, pictures, fonts

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">'


def drawing(inner: str, before: str = "") -> Make:
    return put("templates/layout/logo.svg", f"{before}{SVG}{inner}</svg>")


ENTITIES = (
    '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
USES = "".join(f'<g id="u{n}"><use href="#u{n - 1}"/><use href="#u{n - 1}"/></g>' for n in range(1, 30))
case("svg: a picture of the network", drawing(f'<image href="{URL}"/>'), "<image> is not allowed")
case("svg: an old address", drawing(f'<use xlink:href="{URL}#a"/>'), LEADS)
case("svg: a file", drawing('<use href="file:///etc/passwd#a"/>'), LEADS)
case("svg: script", drawing("<script>1</script>"), "<script> is not allowed")
case("svg: something that runs", drawing('<rect onclick="x()"/>'), "onclick is not allowed")
case("svg: foreign", drawing("<foreignObject><p>x</p></foreignObject>"), "<foreignobject> is not allowed")
case("svg: entities that double", drawing("&i;", ENTITIES), "a DOCTYPE is not allowed")
case(
    "svg: an entity of elsewhere",
    drawing("&x;", '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    "a DOCTYPE is not allowed",
)
case(
    "svg: a DOCTYPE in UTF-16",
    put(
        "templates/layout/logo.svg",
        (f'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE svg SYSTEM "{URL}">{SVG}</svg>').encode("utf-16"),
    ),
    "a DOCTYPE is not allowed",
)
case("svg: a style sheet of elsewhere", drawing("", f'<?xml-stylesheet href="{URL}.css"?>'), "an instruction")
case("svg: an import", drawing(f"<style>@import url({URL}.css);</style>"), LEADS)
case("svg: an address in a style", drawing(f'<rect style="fill: url({URL}#a)"/>'), LEADS)
case("svg: an address in an attribute", drawing(f'<rect fill="url({URL}#a)"/>'), LEADS)
case("svg: another base", drawing(f'<g xml:base="{URL}"/>'), "xml:base is not allowed")
case(
    "svg: parts that double",
    drawing('<g id="u0"><rect/></g>' + USES + '<use href="#u29"/>'),
    "more than 50,000 elements are drawn",
)
case("svg: a part inside itself", drawing('<g id="a"><use href="#a"/></g>'), "is drawn inside itself")
case(
    "svg: patterns inside each other",
    drawing('<pattern id="a"><rect fill="url(#b)"/></pattern><pattern id="b"><rect fill="url(#a)"/></pattern>'),
    "is drawn inside itself",
)
case(
    "svg: no numbers",
    lambda pack: (drawing('<text x="1 q" rotate="z">ab</text>')(pack), page('<img src="logo.svg" alt="Logo">')(pack))[
        0
    ],
    "Failed to render SVG image",
    True,
)
case("svg: too deep", drawing("<g>" * 5_000 + "</g>" * 5_000), "nested more than 40")
case("svg: too many", drawing("<rect/>" * 20_000), "more than 10,000 elements")
case("svg: too large", drawing("<!--" + "x" * 600_000 + "-->"), "more than 500,000 bytes")
case("svg: broken", drawing("<g>"), "the drawing is not readable")
case("svg: no drawing", put("templates/layout/logo.svg", "<html/>"), "<svg> does not stand first")
case("svg: nothing", put("templates/layout/logo.svg", ""), "the drawing is not readable")


def png(width: int, height: int, rows: bytes = b"") -> bytes:
    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", size) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def logo(data: bytes, name: str = "logo.png") -> Make:
    return put(f"templates/layout/{name}", data)


def pixels(pack: Path) -> None:
    whole = png(4_000, 3_900, bytes((4_000 * 3 + 1) * 3_900))
    packs.write(pack, {f"templates/layout/x{number}.png": whole for number in range(4)})


case("picture: a bomb", logo(png(50_000, 50_000)), "larger than 4,000 by 4,000 pixels")
case("picture: a long bomb", logo(png(1, 2_000_000_000)), "larger than 4,000 by 4,000 pixels")
case("picture: many pixels", pixels, "more than 40,000,000 pixels together")
case("picture: cut off", logo(png(100, 100, random.Random(1).randbytes(301 * 100))[:-5_000]), "is not readable as PNG")
case("picture: no picture", logo(b"<script>"), "is not readable as PNG")
case("picture: another kind", logo(b"GIF89a" + bytes(100)), "is not readable as PNG")
case("picture: a JPEG that is none", logo(png(9, 9, bytes(28 * 9)), "logo.jpg"), "is not readable as JPEG")
case("picture: nothing", logo(b""), "is not readable as PNG")

FONT = (ROOT / "templates/layout/fonts/Carlito-Regular.ttf").read_bytes()
case("font: nothing", logo(b"", "x.ttf"), "this is no font")
case("font: a page", logo(b"<html>" * 100, "x.ttf"), "this is no font")
case("font: cut off", logo(FONT[:5_000], "x.ttf"), "this is no font")
case("font: packed", logo(b"wOFF" + FONT[4:], "x.otf"), "this is no font")
case("font: without letters", logo(FONT[:12], "x.ttf"), "this is no font")


# -- trying them in a process of their own


def attempt(case: Case, folder: Path) -> Iterator[str]:
    """Make the pack of a case in `folder`, use it, and yield the lines that refuse it."""
    from agreementgen import pipeline
    from agreementgen.core.problems import AgreementError
    from agreementgen.packs.layering import open_library

    pack = folder / "acme-law"
    (folder / "secret.md").write_text(
        "---\nid: general-short\ntitle: Secret\nwords: 9\nposition: short\n---\nSecret.\n"
    )
    (folder / "secret.png").write_bytes(png(9, 9, bytes(28 * 9)))
    case.make(pack)
    try:
        library = open_library((pack,))
    except AgreementError as error:
        if case.built:
            yield "refused too early"
        yield from (str(problem) for problem in error.problems)
        return
    if not case.built:
        return
    deal = (ROOT / "samples" / "minimal.yaml").read_bytes()
    try:
        pipeline.build(pipeline.read(deal, "minimal.yaml", library), library, ("docx", "pdf"))
    except AgreementError as error:
        yield from (str(problem) for problem in error.problems)


def watch() -> list[str]:
    """Return a list to which is added every file named "secret", or outside of what we need, and every connection."""
    found: list[str] = []

    def note(event: str, said: tuple[object, ...]) -> None:
        if event.startswith(
            (
                "socket.connect",
                "socket.getaddrinfo",
                "socket.sendto",
                "urllib",
                "ftplib",
                "subprocess",
                "os.system",
                "os.exec",
                "os.posix_spawn",
            )
        ):
            found.append(f"{event} {said[0]}")
        elif event == "open" and isinstance(said[0], (str, bytes)):
            path = os.fsdecode(said[0])
            if "secret" in path or path.startswith(("/etc/passwd", "/dev/zero", "//")):
                found.append(f"{event} {path}")

    sys.addaudithook(note)
    return found


def main(folder: Path, names: list[str]) -> None:
    import resource
    import signal

    from agreementgen.library.loading import built_in_library
    from agreementgen.render import pdf

    # What is the same for all cases does not count; and the limit is that of a process that does only this.
    built_in_library()
    pdf.is_available()
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    found = watch()
    for number, name in enumerate(names):
        within = folder / str(number)
        within.mkdir(parents=True)
        found.clear()
        # The signal ends the process, whatever library is at work: a case that takes longer has no line here.
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            lines = list(attempt(CASES[name], within))
        except BaseException as error:
            lines = [f"!! {type(error).__name__}: {error}"]
        signal.setitimer(signal.ITIMER_PROF, 0)
        # Making the pack itself writes the two files.
        touched = [line for line in found if not line.startswith(f"open {within}/secret.")]
        touched += [line for line in found if line.startswith(f"open {within}/secret.")][2:]
        print(json.dumps([name, lines, touched]), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
