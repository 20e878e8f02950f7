"""Word templates: what a firm places is there, nothing else happens, and what is wrong is told with its paragraph."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import hostile_word
import packs
import pytest
import word_templates as t
from conftest import ROOT, letters, pages, pdf_text, word_pdfs, word_text
from deals import REFERENCE, reference
from test_codes import other_words

from agreementgen import pipeline
from agreementgen.core.document import Table, text_of_runs
from agreementgen.core.problems import PackError
from agreementgen.draft.drafting import context_of_document, draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.library.files import SourceFile
from agreementgen.library.library import Library
from agreementgen.packs.layering import check_word_files, open_library, template_names_of
from agreementgen.packs.word_dangers import ALLOWED_FIELDS
from agreementgen.packs.word_file import TemplateNames, check_template
from agreementgen.pipeline import BuiltAgreement
from agreementgen.render import docx_writer, template_filling, template_text
from agreementgen.render.measures import Sizes

Filled = Callable[..., BuiltAgreement]
Placed = Callable[..., list[str]]
RACI = ("\nraci:\n", "\nraci:\n  attach: yes\n")


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    """Return a function that builds a deal with a template made of blocks."""

    def make(
        *blocks: str, deal: str = REFERENCE, formats: tuple[str, ...] = ("docx",), name: str = "agreement"
    ) -> BuiltAgreement:
        pack = packs.write(tmp_path / "acme-law", {f"templates/layout/{name}.docx": t.template(*blocks)})
        library = open_library((pack,))
        return pipeline.build(pipeline.read(deal.encode(), "deal.yaml", library), library, formats)

    return make


@pytest.fixture(scope="module")
def placed(library: Library) -> Callable[..., list[str]]:
    """Return a function that fills one deal into a template and returns its paragraphs: no pack, no fit."""
    deal = pipeline.read(REFERENCE.encode(), "deal.yaml", library)
    outline = library.outline_of_deal(deal)
    selection = select_clauses(deal, library, outline)
    document = draft_agreement(deal, library, outline, selection)
    setting, resolver = context_of_document(deal, selection, document)
    names = template_names_of(library)

    def make(*blocks: str) -> list[str]:
        source = SourceFile("letter.docx", t.template(*blocks))
        assert check_template(source.data, source.name, names).problems == ()
        return lines(template_filling.fill_template(document, source, Sizes(9.0), setting, resolver, 1).data)

    return make


def lines(data: bytes) -> list[str]:
    """Return the paragraphs with text, without that of the reference.docx behind ours."""
    return [line for line in word_text(data).split("\n") if line.strip() and not line.startswith(END)]


END = "The agreement is written here."


# -- what is placed


def test_all_parts_of_the_agreement_are_there(filled: Filled, tmp_path: Path) -> None:
    """Every word of the PDF's text is in the Word file, in the styles of the template, and no tag is left."""
    built = filled(*t.WHOLE, formats=("docx", "pdf"))
    word = docx.Document(io.BytesIO(built.files["docx"]))
    text = letters(word_text(built.files["docx"]))
    document = built.fitted.document
    for clause in document.clauses:
        assert letters(clause.heading) in text
    for pair in document.terms:
        for row in (pair.left, pair.right):
            assert row is None or letters("".join(run.text for run in row.runs)) in text
    assert "{" not in text
    styles = [paragraph.style.name for paragraph in word.paragraphs]
    assert styles.count("Clause") == len(document.clauses) == 16
    assert "Key Terms Table" in [table.style.name for table in word.tables]
    assert [section._sectPr.find(f"{w('cols')}").get(w("num")) for section in word.sections] == ["1", "2", None]
    # That the forms differ; and this template has no place for the day.
    assert [w.message for w in built.warnings if w.place.file.endswith(".docx")] == [
        "the Word file is laid out by this template, the PDF by the pack's HTML: the pages differ in form",
        "the Word file leaves out facts that the PDF prints: effective (December 1, 2026)",
    ]


def w(name: str) -> str:
    return "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}" + name


def test_the_package_is_valid_open_xml(filled: Filled, tmp_path: Path) -> None:
    loop = t.table(
        t.row("Goal", "Target"),
        t.row("{%tr for goal in goals %}", ""),
        t.row("{{ goal.name }}", "{{ goal.target }}"),
        t.row("{%tr endfor %}", ""),
    )
    data = filled(*t.WHOLE, loop, "{{p raci }}", "{{p clause('brand') }}", deal=reference(RACI)).files["docx"]
    path = tmp_path / "word.docx"
    path.write_bytes(data)
    audit = Path(sys.executable).with_name("openxml-audit")
    done = subprocess.run([audit, "--policy", "strict", path], capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout.decode()


HARD = "A & B <C> Co. {{ title }} {% if %} ]]> &amp; \\u0026 'x' \"y\" ${z} #"
PRINTED = "A & B <C> Co. {{ title }} {% if %} ]]> &amp; \\u0026 ‘x’ “y” ${z} #"


def test_facts_come_through_as_they_were_typed(filled: Filled, tmp_path: Path) -> None:
    """Ampersands, angle brackets, tags, entities: nothing vanishes, is read, or breaks the file. Quotes are curled."""
    deal = REFERENCE.replace("name: Northshore Web Studio LLC", f"name: {yaml(HARD)}")
    built = filled("Between {{ parties.first.name }} and others.", "{{ first.name }}", "{{p parties }}", deal=deal)
    assert lines(built.files["docx"])[:3] == [f"Between {PRINTED} and others.", PRINTED, f"{PRINTED} (Northshore)"]
    again = docx.Document(io.BytesIO(built.files["docx"]))
    assert again.paragraphs[1].text == PRINTED


def yaml(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@pytest.mark.parametrize("cut", range(1, 11))
def test_tags_may_be_split_anywhere(placed: Placed, cut: int) -> None:
    tag = "{{ title }}"
    assert placed(t.paragraph("The ", tag[:cut], tag[cut:], " says")) == ["The Referral Agreement says"]


def test_tags_may_be_split_into_letters_between_marks_of_words_spelling(placed: Placed) -> None:
    inside = "".join(
        f'<w:proofErr w:type="spellStart"/>{t.run(letter)}' for letter in "{% if two %}yes{% else %}no{% endif %}"
    )
    assert placed(f"<w:p>{inside}</w:p>") == ["yes"]


def test_a_fact_looks_like_the_run_in_which_its_tag_begins(filled: Filled) -> None:
    data = filled(f"<w:p>{t.run('a ')}{t.run('{{ ti', bold=True)}{t.run('tle }} b')}</w:p>").files["docx"]
    runs = docx.Document(io.BytesIO(data)).paragraphs[0].runs
    assert [(run.text, bool(run.bold)) for run in runs] == [("a ", False), ("Referral Agreement", True), (" b", False)]


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        (["{# a note #}{{ title }}"], ["Referral Agreement"]),
        (["{{ subtitle }}"], ["Effective date: December 1, 2026"]),
        (["{{ title }}, {{ title }}"], ["Referral Agreement, Referral Agreement"]),
        (["{{ parties.second.short }}"], ["Bay Rank"]),
        (["{{ financial.fee }} of {{ financial.base }}"], ["10% of net collected revenue"]),
        (["{{ scope.excluded|listed }}"], ["joint proposals, resale, and white-label work"]),
        (["{{ parties|listed }}"], ["Northshore and Bay Rank"]),
        (["See {{ ref('confidentiality') }}."], ["See section 8."]),
        (["See {{ term('fee') }}."], ["See Referral fee."]),
        (["With {{ parties.second.name }}."], ["With Bay Rank Digital, Inc."]),
        (["{{ ‘it’ if two else “they” }}"], ["it"]),
        (["{{\u00a0title\u00a0}}"], ["Referral Agreement"]),
        (["a{% if exclusivity.kind == 'none' %}b{% else %}c{% endif %}d"], ["abd"]),
        (["a{% if not two %}b{% elif law %}c{% endif %}d"], ["acd"]),
        (["{% for party in parties %}{{ party.short }}{% if not loop.last %}; {% endif %}{% endfor %}"], ["Northshore; Bay Rank"]),
        (["{%p if two %}", "kept", "{%p else %}", "dropped", "{%p endif %}"], ["kept"]),
        (["{%p if not two %}", "dropped", "{%p if law %}", "x", "{%p endif %}", "{%p endif %}", "end"], ["end"]),
        (["{%p for party in parties %}", "{{ loop.index }}. {{ party.short }}", "{%p endfor %}"], ["1. Northshore", "2. Bay Rank"]),
        (["{%p if has('confidentiality') %}", "secret", "{%p endif %}", "{%p if has('venture') %}", "x", "{%p endif %}"], ["secret"]),
    ],
)  # fmt: skip
def test_the_language(placed: Placed, blocks: list[str], expected: list[str]) -> None:
    assert placed(*blocks) == expected


def test_rows_of_a_table_are_repeated_and_left_out(filled: Filled) -> None:
    goals = t.table(
        t.row("Goal", "Target"),
        t.row("{%tr for goal in goals %}", ""),
        t.row("{{ goal.name }}", "{{ goal.target }}{% if goal.unit %} {{ goal.unit }}{% endif %}"),
        t.row("{%tr endfor %}", ""),
        t.row("{%tr if not two %}", ""),
        t.row("never", "printed"),
        t.row("{%tr endif %}", ""),
    )
    word = docx.Document(io.BytesIO(filled(goals, "end").files["docx"]))
    rows = [[cell.text for cell in row.cells] for row in word.tables[0].rows]
    assert rows == [["Goal", "Target"], ["Revenue from referrals", "$20,000"], ["Client satisfaction", "9 of 10"]]


def test_a_table_without_rows_and_a_cell_without_paragraphs_do_not_break_the_file(filled: Filled) -> None:
    nothing = t.table(t.row("{%tr if not two %}", ""), t.row("x", "y"), t.row("{%tr endif %}", ""))
    inside = "".join(t.paragraph(text) for text in ("{%p if not two %}", "x", "{%p endif %}"))
    empty = t.table(t.row(f"{inside}", "there"))
    word = docx.Document(io.BytesIO(filled(nothing, "between", empty, "end").files["docx"]))
    assert len(word.tables) == 1
    assert [cell.text for cell in word.tables[0].rows[0].cells] == ["", "there"]
    # Word cannot open a file with a cell that does not end with a paragraph.
    assert all(cell[-1].tag == w("p") for cell in word.element.body.iter(w("tc")))


def test_headers_footers_text_boxes_and_links(filled: Filled, tmp_path: Path) -> None:
    box = (
        '<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>'
        + t.paragraph("Box: {{ title }}")
        + "</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    )
    link = f'<w:p><w:hyperlink w:anchor="a">{t.run("Link: {{ ti")}{t.run("tle }}")}</w:hyperlink></w:p>'
    control = f"<w:sdt><w:sdtContent>{t.paragraph('Control: {{ title }}')}</w:sdtContent></w:sdt>"
    data = t.template(box, link, control)
    footer = hostile_word.FOOTER
    archive = zipfile.ZipFile(io.BytesIO(data))
    parts = {name: archive.read(name) for name in archive.namelist()}
    data = t.packed(t.replaced(footer, b"{{ footer }}", b"{{ first.short }}: {{ footer }}", parts))
    library = open_library((packs.write(tmp_path / "acme-law", {"templates/layout/agreement.docx": data}),))
    built = pipeline.build(pipeline.read(REFERENCE.encode(), "deal.yaml", library), library, ("docx",))
    text = word_text(built.files["docx"])
    for word in ("Box", "Link", "Control"):
        assert f"{word}: Referral Agreement" in text
    printed = zipfile.ZipFile(io.BytesIO(built.files["docx"])).read(footer).decode()
    assert "Northshore: Referral Agreement · Northshore and Bay Rank" in re.sub("<[^>]+>", "", printed)


# -- clauses by themselves, and what is not placed


@pytest.mark.office
def test_single_clauses_keep_their_numbers(filled: Filled, tmp_path: Path) -> None:
    """References say "section 8", wherever the clause is placed; the others are numbered around it."""
    built = filled("{{p clause('confidentiality') }}", "{{p clauses }}")
    printed = pdf_text(word_pdfs({"a": built.files["docx"]}, tmp_path)["a"], tmp_path)
    numbers = [int(n) for n in re.findall(r"^(\d+)\. [A-Z]", printed, re.MULTILINE)]
    assert numbers == [8, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16]
    assert "8. Confidentiality." in printed


def test_what_is_left_out_is_said(filled: Filled) -> None:
    built = filled("{{ title }}", "{{p clause('confidentiality') }}", "{{p parties }}")
    told = [w.message for w in built.warnings if "leaves out" in w.message]
    assert len(told) == 4
    assert told[3].endswith("parties.2.signatory.title (President), effective (December 1, 2026)")
    assert told[0].startswith(
        "the Word file leaves out what the PDF says: the key terms Purpose, Northshore, Bay Rank, Not included"
    )
    assert "the clauses 1. Scope, 2. Responsibilities" in told[1]
    assert "8. Confidentiality" not in told[1]
    assert told[2].endswith("the lines to sign on all of them")


@pytest.mark.parametrize("block", ["{{ title }}", "{{p schedules }}"])
def test_tables_behind_the_agreement_are_there_once(filled: Filled, block: str) -> None:
    deal = (ROOT / "samples" / "channel.yaml").read_text(encoding="utf-8")
    built = filled(*t.WHOLE, block, deal=deal)
    titles = [schedule.heading for schedule in built.fitted.document.schedules]
    assert titles
    text = word_text(built.files["docx"])
    assert [text.count(title) for title in titles] == [1] * len(titles)
    schedule = built.fitted.document.schedules[0].blocks[0]
    assert isinstance(schedule, Table)
    assert all(text_of_runs(cell) in text for row in schedule.rows for cell in row)


def test_schedules_come_behind_what_the_template_places(filled: Filled) -> None:
    built = filled(*t.WHOLE, deal=reference(RACI))
    word = docx.Document(io.BytesIO(built.files["docx"]))
    styles = [paragraph.style.name for paragraph in word.paragraphs]
    assert styles.index("Schedule Heading") > max(index for index, name in enumerate(styles) if name == "Clause")
    assert "Hold the review meeting" in word_text(built.files["docx"])
    placed = filled(*t.WHOLE, "{{p raci }}", deal=reference(RACI))
    word = docx.Document(io.BytesIO(placed.files["docx"]))
    assert "Schedule Heading" not in [paragraph.style.name for paragraph in word.paragraphs]
    assert word_text(placed.files["docx"]).count("Hold the review meeting") == 1
    assert "Schedule A." in word_text(placed.files["docx"])


@pytest.mark.office
def test_pages_in_libreoffice(filled: Filled, tmp_path: Path) -> None:
    built = filled(*t.WHOLE, deal=reference(RACI))
    printed = word_pdfs({"a": built.files["docx"]}, tmp_path)["a"]
    assert pages(printed, tmp_path) in (2, 3)
    text = letters(pdf_text(printed, tmp_path))
    for words in ("Between Northshore Web Studio LLC", "16. General.", "Dana Reyes, Managing Member", "Schedule A."):
        assert letters(words) in text


def test_a_kind_may_have_a_template_of_its_own(filled: Filled) -> None:
    built = filled("For referrals: {{ title }}", name="referral")
    assert lines(built.files["docx"])[0] == "For referrals: Referral Agreement"


def test_the_same_bytes_each_time(filled: Filled) -> None:
    first, second = (filled(*t.WHOLE, deal=reference(RACI)).files["docx"] for _ in range(2))
    assert first == second


# -- what is wrong


@pytest.fixture(scope="module")
def names(library: Library) -> TemplateNames:
    return template_names_of(library)


@pytest.mark.parametrize(
    ("blocks", "spot", "says", "hint"),
    [
        (["x", "{{ parties.first.nmae }}"], 'paragraph 2 ("{{ parties.first.nmae }}")', '"parties.first.nmae" is not a fact', "name"),
        (["Between {{ titel }} and"], 'paragraph 1 ("Between {{ titel }} and")', '"titel" is not a fact', 'did you mean "title"?'),
        (["{{ financial.fee.percnt }}"], "paragraph 1", '"financial.fee.percnt" is not a fact', ""),
        (["{{ title"], "paragraph 1", "a tag begins here and is not closed", ""),
        (["title }}"], "paragraph 1", "a tag is closed here and was not opened", ""),
        (["{{ title }", "}"], "paragraph 1", "a tag begins here and is not closed", ""),
        (["{% if two %}a", "b{% endif %}"], "paragraph 1", "this if is not closed in its paragraph", "endif"),
        (["{%p if two %}", "a"], "paragraph 1", "this if is not closed in the same part", "endif"),
        (["{%p endif %}"], "paragraph 1", "{% endif %} closes nothing", "written alike"),
        (["{%p if two %}", "{% endif %}"], "paragraph 2", "{% endif %} closes nothing", "written alike"),
        (["{%p else %}"], "paragraph 1", "{% else %} has no {% if %}", ""),
        (["text {%p if two %}", "{%p endif %}"], "paragraph 1", "holds nothing else", "one of its own"),
        (["see {{p clauses }}"], "paragraph 1", "holds nothing else", "one of its own"),
        (["{{p clausess }}"], "paragraph 1", '"clausess" cannot be placed', "clauses"),
        (["{{p clause('confidentialty') }}"], "paragraph 1", '"confidentialty" is not a topic', 'did you mean "confidentiality"?'),
        (["{{p clause(confidentiality) }}"], "paragraph 1", "cannot be placed", "clause('topic')"),
        (["{{r title }}"], "paragraph 1", "{{r is not known here", "{{p"),
        (["{%tc if two %}"], "paragraph 1", "{%tc is not known here", "{%tr"),
        (["{%tr if two %}"], "paragraph 1", "stands outside a table", "{%p"),
        (["{{ 7 * 7 }}"], "paragraph 1", "calculating with * is not allowed in templates", ""),
        (["{{ title.upper() }}"], "paragraph 1", "a call is not allowed in templates", ""),
        (["{{ ''.__class__ }}"], "paragraph 1", "not allowed in templates", ""),
        (["{% set a = 1 %}"], "paragraph 1", '"set" is not allowed in templates', ""),
        (["{% include 'a' %}"], "paragraph 1", '"include" is not allowed', ""),
        (["{{ ref(title) }}"], "paragraph 1", "ref() takes one name in quotes", "write ref('name')"),
        (["{% raw %}x"], "paragraph 1", "not allowed", ""),
        (["{{ parties }}"], "paragraph 1", "a list is printed with a filter", "listed"),
        (["{{ title|upper }}"], "paragraph 1", '"upper" is not a filter', ""),
        (["{{ two }}"], "paragraph 1", "yes/no cannot be printed", ""),
        (["{{ ref('brnad') }}"], "paragraph 1", '"brnad" is not a topic', "brand"),
        (["{{ term('nothing') }}"], "paragraph 1", '"nothing" is not a key-term row', ""),
        (["{% for x in title %}{% endfor %}"], "paragraph 1", '"title" is not a list', ""),
        ([t.paragraph("\ue000")], "the text", "a letter that only one font knows", ""),
        ([t.table(t.row("{%tr if two %}", "other text"), t.row("{%tr endif %}", ""))], "paragraph 1", "a row with {%tr ...%} holds nothing else", ""),
        ([t.table(t.row("{%tr if two %}", ""))], "paragraph 1", "this if is not closed in the same table", "endif"),
        ([f'<w:p>{t.run("{{ ti")}<w:hyperlink w:anchor="a">{t.run("tle }}")}</w:hyperlink></w:p>'], "paragraph 1", "reaches into a link", ""),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_paragraph(
    names: TemplateNames, blocks: list[str], spot: str, says: str, hint: str
) -> None:
    problem = check_template(t.template(*blocks), "letter.docx", names).problems[0]
    assert problem.field.startswith(spot)
    assert says in problem.message
    assert hint in problem.hint
    assert str(problem).startswith("letter.docx: ")
    assert "\n" not in problem.message
    assert "docs/" not in problem.hint


def test_what_a_template_may_not_hold_has_no_hint_about_clauses_in_any_words(names: TemplateNames) -> None:
    with other_words():
        problems = check_template(t.template("{{ 7 * 7 }}", "{{ ref(title) }}"), "letter.docx", names).problems
    assert [(problem.code, bool(problem.hint)) for problem in problems] == [
        ("clause-not-allowed", False), ("clause-misused", True),
    ]  # fmt: skip


def test_all_mistakes_are_told_at_once(filled: Filled) -> None:
    with pytest.raises(PackError) as refused:
        filled("{{ a }}", "{{ b }}", "fine", "{{ c }}")
    assert [problem.field.split(" (")[0] for problem in refused.value.problems] == [
        "paragraph 1",
        "paragraph 2",
        "paragraph 4",
    ]


def test_a_fact_that_a_deal_does_not_have_stops_the_build_and_names_the_paragraph(placed: Placed) -> None:
    with pytest.raises(PackError) as refused:
        placed("fine", "In {{ scope.customers }} only")
    (problem,) = refused.value.problems
    assert problem.field == 'paragraph 2 ("In {{ scope.customers }} only")'
    assert "cannot be printed" in problem.message
    assert placed("{% if scope.customers %}In {{ scope.customers }}{% endif %}x") == ["x"]


def test_unclosed_tags_by_the_thousand_are_refused_at_once(names: TemplateNames) -> None:
    (problem,) = check_template(t.template("{{" * 20_000), "letter.docx", names).problems
    assert "not closed" in problem.message
    assert len(str(problem)) < 200


def test_a_template_is_looked_through_like_any_word_file(tmp_path: Path) -> None:
    for case in ("dde split", "no body", "clauses from 5"):
        data = hostile_word.CASES[case][0]()
        pack = packs.write(tmp_path / "acme-law", {"templates/layout/agreement.docx": data})
        with pytest.raises(PackError) as refused:
            open_library((pack,))
        assert hostile_word.CASES[case][1] in refused.value.problems[0].message


def test_what_a_template_never_places_is_a_warning(tmp_path: Path) -> None:
    blocks = {"agreement.docx": t.template("{{ title }}"), "referral.docx": t.template(*t.WHOLE)}
    pack = packs.write(tmp_path / "acme-law", {f"templates/layout/{name}": data for name, data in blocks.items()})
    library = open_library((pack,))
    told = [warning for linted in check_word_files(library.packs[-1], library) for warning in linted.warnings]
    assert [warning.message for warning in told] == [
        "the template never places the clauses",
        "the template never places the key terms",
        "the template never places the lines to sign on",
        "the template never places the parties",
    ]
    assert all(warning.place.file.endswith("agreement.docx") for warning in told)


def test_a_word_file_of_another_name_is_refused(tmp_path: Path) -> None:
    pack = packs.write(tmp_path / "acme-law", {"templates/layout/refferal.docx": t.template(*t.WHOLE)})
    with pytest.raises(PackError) as refused:
        open_library((pack,))
    (problem,) = refused.value.problems
    assert problem.message == "this Word file is never used"
    assert problem.hint == 'did you mean "referral.docx"?'


# -- templates that would take long or break the file


@pytest.mark.parametrize(
    ("blocks", "says"),
    [
        (["{%p if two %}"] * 30 + ["x"] + ["{%p endif %}"] * 30, "nested more than 24 levels"),
        ([f"{{%p for a{n} in parties %}}" for n in range(4)] + ["x"] + ["{%p endfor %}"] * 4, "more than 3 lists inside each other"),
        (["{{ title }}" * 3000], "more than 20,000 characters"),
        (["{{ '" + "x" * 30_000 + "' }}"], "more than 20,000 characters"),
        (["{{ 9**9**9 }}"], "calculating with ** is not allowed"),
        (["{{ range(10**9) }}"], "not allowed in templates"),
        (["{% for i in range(99999999) %}{% endfor %}"], "a for runs over a list of facts only"),
        (["{{ lipsum(999) }}"], "a call is not allowed"),
        (["{{ self }}"], '"self" is not a fact'),
        (["{{ parties.first.__class__ }}"], "is not a fact"),
        (["{{ [].__class__.__base__ }}"], "not allowed"),
        (["{% import 'os' as os %}"], '"import" is not allowed'),
        (["{% macro a() %}{% endmacro %}"], '"macro" is not allowed'),
        (["{{ title\u202e }}"], "a hidden change of writing direction"),
        (["{{ title" + " " * 30_000 + "}}"], "more than 20,000 characters"),
        (["{{{{{{{{ title }}}}}}}}"], "a tag begins here and is not closed"),
        (["{% if two %}" * 500 + "{% endif %}" * 500], "nested"),
    ],
)  # fmt: skip
def test_hostile_templates_are_refused_in_one_line(names: TemplateNames, blocks: list[str], says: str) -> None:
    problem = check_template(t.template(*blocks), "letter.docx", names).problems[0]
    assert says in problem.message
    assert len(str(problem).split("\n")[0]) < 260


def test_a_template_that_repeats_too_much_is_stopped(placed: Placed) -> None:
    """Its tags are few; what stands between them is not."""
    loops = [f"{{%p for a{n} in parties %}}" for n in range(3)]
    large = t.table(*(t.row("x", "y") for _ in range(2500)))
    with pytest.raises(PackError) as refused:
        placed(*loops, large, *["{%p endfor %}"] * 3)
    assert "more than 250,000 elements" in refused.value.problems[0].message


def test_a_template_without_a_page_is_refused(names: TemplateNames) -> None:
    data = hostile_word.CASES["no page"][0]()
    (problem,) = check_template(data, "letter.docx", names).problems
    assert "says nothing of its page" in problem.message


# -- what docs/word.md says


GUIDE = (ROOT / "docs" / "word.md").read_text(encoding="utf-8")


def fences() -> list[str]:
    return re.findall(r"^```text\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def test_the_guide_names_all_styles_fields_and_parts() -> None:
    (table,) = re.findall(r"^\| style \|.*?\n\n", GUIDE, re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"`([^`]+)`", table)) - {"Chart ..."}
    may_be_missing = {"Schedule Amount", "Schedule Amount Head"}
    required = {name for name in docx_writer.STYLE_KINDS if not name.startswith("Chart ")}
    assert named - {"Chart Table"} == required | may_be_missing
    (said,) = re.findall(r"These fields may be\nthere:(.*?)web pages", GUIDE, re.DOTALL)
    assert set(re.findall(r"`([A-Z]+)`", said)) == ALLOWED_FIELDS
    placed = set(re.findall(r"^\| `\{\{p (\w+)", GUIDE, re.MULTILINE))
    assert placed == {*template_text.PART_NAMES, "clause"}


def test_the_examples_of_the_guide_work(placed: Placed, names: TemplateNames) -> None:
    first, single, whole, rows, mistake = fences()
    assert placed(*first.splitlines())[0] == "Referral Agreement"
    assert placed(*first.splitlines())[2] == "The fee is 10% of net collected revenue."
    assert placed(*single.splitlines()) == ["Neither party is bound exclusively."]
    kept = placed(*whole.splitlines())
    assert kept[0] == "What the parties tell each other stays between them:"
    assert kept[1].startswith("Confidentiality. While Confidentiality lasts")
    table = t.table(*(t.row(line, "") for line in rows.splitlines()))
    assert placed(table) == ["Revenue from referrals: $20,000", "Client satisfaction: 9 of 10"]
    data = t.template(*["x"] * 6, "Between {{ parties.first.nmae }} and")
    (problem,) = check_template(data, "acme-law/templates/layout/agreement.docx", names).problems
    assert str(problem) == mistake.strip()
