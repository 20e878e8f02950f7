"""Packs: what a firm lays over the library is in the finished documents, in the questions, and nowhere else."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import packs
import pytest
import yaml
from click.testing import CliRunner, Result
from conftest import REFERRAL, ROOT, letters, pdf_text, word_text
from terminal import CTRL_C, Terminal

from agreementgen import pipeline
from agreementgen.cli.main import commands
from agreementgen.core.problems import AgreementError, InputError, PackError
from agreementgen.deal.questions import walk_questions
from agreementgen.interview.session import ask_kind
from agreementgen.library.loading import built_in_library
from agreementgen.packs.layering import list_untranslated, open_library
from agreementgen.partners.heads import HeadIndex
from agreementgen.partners.rows import FactAddress
from agreementgen.sources import list_packs_for, pack_name_for, read_deals
from agreementgen.yamlfile import nodes

BRAND = packs.clause("brand", "{% if brand %}Acme wording: ask before you use a name.{% else %}No names.{% endif %}")


def problems(folder: Path) -> list[str]:
    with pytest.raises(PackError) as caught:
        open_library((folder,))
    return [str(problem) for problem in caught.value.problems]


def run(*words: object, status: int = 0) -> Result:
    """Run a command in this process; AgreementErrors come out as they are."""
    done = CliRunner().invoke(commands, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == status, done.output
    return done


# -- layering


def test_a_clause_is_replaced_by_its_id_and_everything_is_in_the_documents(tmp_path: Path) -> None:
    """Under another file name too; the footer stands on the page; all three formats say it."""
    pack = packs.write(tmp_path / "acme-law", {"clauses/brand/our-brand.md": BRAND}, "footer: Form of Acme Law\n")
    library = open_library((pack,))
    assert [clause.version for clause in library.clauses["brand"] if clause.id == "brand"] == [7]
    deal = pipeline.read(REFERRAL.read_bytes(), "referral.yaml", library)
    built = pipeline.build(deal, library, ("docx", "pdf", "txt"))
    for text in (pdf_text(built.files["pdf"], tmp_path), word_text(built.files["docx"]), built.files["txt"].decode()):
        assert letters("Acme wording: ask before you use a name.") in letters(text)
    assert "Form of Acme Law" in pdf_text(built.files["pdf"], tmp_path)
    assert "Form of Acme Law" in built.files["txt"].decode()
    plain = pipeline.build(
        pipeline.read(REFERRAL.read_bytes(), "referral.yaml", built_in_library()), built_in_library(), ("txt",)
    )
    assert "Acme" not in plain.files["txt"].decode()


def test_the_last_pack_lies_on_top(tmp_path: Path) -> None:
    one = packs.write(tmp_path / "one", {"clauses/brand/brand.md": BRAND}, "footer: One\n")
    two = packs.write(tmp_path / "two", {"clauses/brand/brand.md": BRAND.replace("Acme", "Beta")}, "footer: Two\n")
    for order, word in (((one, two), "Beta"), ((two, one), "Acme")):
        (clause,) = (clause for clause in open_library(order).clauses["brand"] if clause.id == "brand")
        assert word in clause.body.text
    assert open_library((one, two)).footer == "One · Two"
    assert open_library((one, two, one)).footer == "Two · One"


def test_a_clause_is_switched_off(tmp_path: Path) -> None:
    pack = packs.write(tmp_path / "acme-law", {}, "switched off: [brand-pro-first]\n")
    assert "brand-pro-first" not in {clause.id for clause in open_library((pack,)).clauses["brand"]}
    assert "brand-pro-first" in {clause.id for clause in built_in_library().clauses["brand"]}


def test_libraries_have_digests_of_their_own(tmp_path: Path) -> None:
    """Whatever changes documents changes the digest; a sample or test does not. What changed on disk is read again."""
    pack = packs.write(tmp_path / "acme-law", {"clauses/brand/brand.md": BRAND})
    digests = [built_in_library().digest, open_library((pack,)).digest]
    packs.write(pack, {"clauses/brand/brand.md": BRAND.replace("Acme", "Beta")})
    digests.append(open_library((pack,)).digest)
    packs.write(pack, {}, "questions: {term: {}}\n".replace("term", "version"))
    digests.append(open_library((pack,)).digest)
    assert len(set(digests)) == 4


def test_our_layouts_can_be_extended(tmp_path: Path) -> None:
    """A layout may extend ours, which it replaces, and a style sheet import ours."""
    pack = packs.write(
        tmp_path / "acme-law",
        {
            "templates/layout/agreement.html": '{% extends "built-in/agreement.html" %}',
            "templates/layout/agreement.css": '@import "built-in/agreement.css"; h1 { color: #7a0019 }',
        },
    )
    library = open_library((pack,))
    deal = pipeline.read(REFERRAL.read_bytes(), "referral.yaml", library)
    ours = pipeline.read(REFERRAL.read_bytes(), "referral.yaml", built_in_library())
    changed, plain = pipeline.build(deal, library, ("pdf",)), pipeline.build(ours, built_in_library(), ("pdf",))
    assert changed.files["pdf"] != plain.files["pdf"]
    assert pdf_text(changed.files["pdf"], tmp_path) == pdf_text(plain.files["pdf"], tmp_path)


# -- questions


def test_a_new_question_is_asked_everywhere(tmp_path: Path) -> None:
    """In the starter, the schema, the reference, a table's heads, the questionnaire, and in the document."""
    pack = packs.write(tmp_path / "acme-law", {**packs.MEDIATION, **packs.outline_with("mediation")})
    assert "  #days: 30 days" in run("show", "starter", "--pack", pack).stdout
    schema = json.loads(run("schema", "--pack", pack).stdout)
    assert schema["properties"]["mediation"]["properties"]["mediator"]["maxLength"] == 60
    assert "Who mediates?" in run("show", "questions", "--pack", pack).stdout
    library = open_library((pack,))
    yaml = nodes.read_yaml(REFERRAL.read_text(encoding="utf-8") + "\nmediation: {days: 45 days}\n", "deal.yaml")
    form = pipeline.form_of(yaml, library)
    assert isinstance(HeadIndex(library, form, yaml.root).find_address("mediation.days"), FactAddress)
    built = pipeline.build(pipeline.read_answers(yaml, "deal.yaml", library), library, ("txt",))
    assert letters("mediation by the Boston Mediation Center for up to 45 days") in letters(built.files["txt"].decode())
    assert "mediation" in {topic.id for topic, _ in library.each_section(library.outline_of_kind("referral"))}
    assert "Who mediates? Example: the Boston" not in run("show", "starter").stdout


def test_a_topic_of_before_a_new_question_still_works(tmp_path: Path) -> None:
    """Our clauses beside it ask for a fact that the firm's `topic.yaml` does not know: it has its usual answer."""
    ours = (ROOT / "clauses" / "liability" / "topic.yaml").read_text(encoding="utf-8")
    before = re.sub(r"(?ms)^  levels:\n.*?(?=^  \w)", "", ours)
    before = re.sub(r"(?ms)^  - id: higher_limit\n.*?(?=^  - id|\Z)", "", before)
    assert "levels" in ours
    assert "levels:" not in before
    assert "id: higher_limit" not in before
    pack = packs.write(tmp_path / "acme-law", {"clauses/liability/topic.yaml": before})
    library = open_library((pack,))
    deal = pipeline.read(REFERRAL.read_bytes(), "referral.yaml", library)
    text = " ".join(pipeline.build(deal, library, ("txt",)).files["txt"].decode().split())
    assert "Exceptions: section 15, breach of section 8, misuse of intellectual property" in text
    assert "Higher limit" not in text
    typed = REFERRAL.read_text(encoding="utf-8") + "liability: {levels: {data: unlimited}}\n"
    with pytest.raises(InputError) as refused:
        pipeline.read(typed.encode(), "referral.yaml", library)
    assert [problem.field for problem in refused.value.problems] == ["liability.levels", "liability.levels.data"]


def copied_topics() -> dict[str, str]:
    """Return topics as a firm copied them before the library had fixed fees, terms without end and statuses."""
    found = {}
    for name, questions, gone, rows in (
        ("financial", ("payer", "amount", "each", "in advance", "for", "parts"),
         {"model": ("fixed fee", "sponsorship"), "paid": ("weekly", "on payment")}, ("fixed_fee", "sponsorship")),
        ("duration", ("event", "last day"), {"term": ("until ended", "until a day", "until an event")}, ()),
        ("agreement", ("status",), {}, ()),
    ):  # fmt: skip
        path = f"clauses/{name}/topic.yaml"
        topic = yaml.load((ROOT / path).read_text(encoding="utf-8"), yaml.BaseLoader)
        topic.pop("contradictions", None)
        topic["questions"] = {key: one for key, one in topic["questions"].items() if key not in questions}
        for key, words in gone.items():
            question = topic["questions"][key]
            for unknown in ("phrases", "instead"):
                question.pop(unknown, None)
            place = "choices" if "choices" in question else "also"
            kept = [word for word in question[place] if word not in words]
            question[place] = (
                {word: question[place][word] for word in kept} if isinstance(question[place], dict) else kept
            )
        topic["key terms"] = [row for row in topic.get("key terms", []) if row["id"] not in rows]
        found[path] = yaml.safe_dump(topic, sort_keys=False, allow_unicode=True, width=10_000)
    return found


def test_topics_of_before_new_choices_still_work(tmp_path: Path) -> None:
    """Clauses, rows and outlines of ours name choices and facts of which the firm's copies know nothing."""
    pack = packs.write(tmp_path / "acme-law", copied_topics())
    library = open_library((pack,))
    deal = pipeline.read(
        REFERRAL.read_bytes() + b"\nstatus: [{step: sent, date: 2026-11-20}]\n", "referral.yaml", library
    )
    usual = pipeline.read(REFERRAL.read_bytes(), "referral.yaml", built_in_library())
    theirs, ours = (
        pipeline.build(one, lib, ("txt",)).files["txt"] for one, lib in ((deal, library), (usual, built_in_library()))
    )
    assert theirs == ours
    assert deal.facts["status"]
    for wrong, said in (
        ("model: fixed fee", '"fixed fee" is not one of the choices'),
        ("model: sponsorship", '"sponsorship" is not one of the choices'),
    ):
        typed = re.sub("model: referral fee", wrong, REFERRAL.read_text(encoding="utf-8"))
        with pytest.raises(InputError) as refused:
            pipeline.read(typed.encode(), "referral.yaml", library)
        assert any(said in problem.message for problem in refused.value.problems)
    # Nobody is offered them either, in any kind of agreement.
    for outline in library.outlines.values():
        assert not {"fixed fee", "sponsorship"} & set(outline.choices.get("financial.model", ()))


def test_what_a_copied_topic_lacks_is_told_in_one_line(tmp_path: Path) -> None:
    pack = packs.write(tmp_path / "acme-law", copied_topics())
    (told,) = [line for line in run("pack", "diff", pack).stdout.splitlines() if "left unused: model" in line]
    assert told.endswith(
        'left unused: model "fixed fee" "sponsorship", payer, amount, each, in advance, for, parts, paid "weekly" "on payment"'
    )


@pytest.mark.parametrize(
    ("change", "answer", "says"),
    [
        ("financial.statement: {most: 15 days}", "  statement: 20 days", '"20 days" is more than 15 days'),
        ("paper: {choices: [letter]}", "paper: a4", '"a4" is not one of the choices'),
        ("language: {hidden: yes}", "language: en-GB", 'the pack in use has settled this as "en-US"'),
        ("parties.contact: {hidden: yes}", "    contact: Dana", "has settled this and does not ask it"),
        ("version: {required: yes}", "", "this is missing"),
    ],
)
def test_questions_are_narrowed(tmp_path: Path, change: str, answer: str, says: str) -> None:
    pack = packs.write(tmp_path / "acme-law", {}, f"questions:\n  {change}\n")
    text = REFERRAL.read_text(encoding="utf-8")
    key = answer.partition(":")[0]
    lines = [line for line in text.splitlines() if not answer or not line.startswith(f"{key}:")]
    lines = [line for line in lines if not line.startswith("version:")]
    if answer and not answer.startswith(" "):
        lines.insert(1, answer)
    elif "contact" in answer:
        lines.insert(next(n for n, line in enumerate(lines) if line.startswith("    short:")), answer)
    elif answer:
        lines.insert(lines.index("financial:") + 1, answer)
    deal = "\n".join(lines)
    pipeline.read(deal.encode(), "deal.yaml", built_in_library())
    with pytest.raises(AgreementError, match=r"deal\.yaml") as caught:
        pipeline.read(deal.encode(), "deal.yaml", open_library((pack,)))
    assert says in str(caught.value)


def test_a_settled_answer_may_be_repeated(tmp_path: Path) -> None:
    pack = packs.write(tmp_path / "acme-law", {}, "questions: {currency: {hidden: yes, default: EUR}}\n")
    library = open_library((pack,))
    text = REFERRAL.read_text(encoding="utf-8").replace("$", "")
    for more in ("currency: eur\n", ""):
        deal = pipeline.read((more + text).encode(), "deal.yaml", library)
        assert deal.facts["currency"] == "EUR"
        assert deal.facts["financial"]["cap_per_client"].currency == "EUR"
    assert "currency" not in run("show", "starter", "--pack", pack).stdout
    assert "currency" not in json.loads(run("schema", "--pack", pack).stdout)["properties"]


def test_defaults_of_a_pack_hold_in_every_kind(tmp_path: Path) -> None:
    pack = packs.write(tmp_path / "acme-law", {}, "questions: {duration.term: {default: 2 years}}\n")
    library = open_library((pack,))
    for outline in library.outlines.values():
        form = library.form_of(outline)
        node = form.defaults.get("duration.term") or library.topics["duration"].question.find_part("term").default  # type: ignore[union-attr]
        assert getattr(node, "text", "") == "2 years", outline.kind


@pytest.mark.parametrize(
    ("change", "money"),
    [
        ("{help: Ask us first.}", "commission"),
        # A kind's own usual answer holds where the pack has settled the question, or has taken the other one away.
        ("{hidden: yes, default: resale discount}", "resale discount"),
        ("{choices: [none, resale discount, revenue share, supply price, profit and loss]}", "resale discount"),
    ],
)
def test_what_is_usual_under_a_condition_stays_what_a_pack_allows(tmp_path: Path, change: str, money: str) -> None:
    pack = packs.write(tmp_path / "acme-law", {}, f"questions: {{financial.model: {change}}}\n")
    form = (library := open_library((pack,))).form_of(library.outlines["channel"])
    question = dict(walk_questions(form.questions))["financial.model"]
    node = form.usual_answer("financial.model", question, {**form.absent_facts, "channel": {"model": "agent"}})
    assert getattr(node, "text", "") == money


def test_prompts_are_translated_and_gaps_are_known(tmp_path: Path) -> None:
    words = "topics: {scope: Gegenstand}\nquestions:\n  law: {prompt: Welches Recht gilt?}\n"
    pack = packs.write(tmp_path / "acme-law", {"translations.yaml": words}, "language: de\n")
    library = open_library((pack,))
    assert "Welches Recht gilt?" in run("show", "starter", "--pack", pack).stdout
    assert "Gegenstand" in run("show", "topics", "--pack", pack).stdout
    missing = set(list_untranslated(library.packs[0], library.topics))
    assert "law" not in missing
    assert {"venue", "scope.purpose"} <= missing
    # It is asked in the pack's words, and so without the question that ours asks with it.
    topics = library.topics
    assert next(part for part in topics["agreement"].questions if part.key == "law").companion is None
    address = topics["parties"].question.find_part("address")
    assert address is not None
    assert address.companion is not None


def test_kinds_that_are_not_offered_are_refused_and_not_shown(tmp_path: Path) -> None:
    pack = packs.write(tmp_path / "acme-law", {}, "kinds: [supply, referral]\n")
    assert run("show", "types", "--pack", pack).stdout.count("\n") == 2
    with pytest.raises(AgreementError, match="is not offered by the pack in use"):
        run("check", "--pack", pack, ROOT / "samples" / "channel.yaml")
    assert list(open_library((pack,)).offered_outlines) == ["referral", "supply"]
    assert ask_kind.__module__  # the questionnaire lists `offered` too: see test_new


# -- what is wrong with a pack


def test_every_problem_of_a_pack_is_told_at_once_in_its_own_files(tmp_path: Path) -> None:
    pack = packs.write(
        tmp_path / "acme-law",
        {"clauses/brand/brand.md": BRAND.replace("{% if brand %}", "{% if brnd %}"), "notes.yaml": "a: b"},
        "switched off: [brand-pro-frist]\ncolour: red\nquestions: {financial.statment: {default: 15 days}}\n",
    )
    found = problems(pack)
    assert [line.split(": ")[0] for line in found] == ["acme-law/notes.yaml", "acme-law/pack.yaml:6:1"]
    assert 'hint: did you mean "footer"' in found[1] or "is not a field here" in found[1]
    (pack / "notes.yaml").unlink()
    (pack / "pack.yaml").write_text((pack / "pack.yaml").read_text().replace("colour: red\n", ""))
    found = problems(pack)
    assert found[0].startswith('acme-law/pack.yaml:5:16: switched off: "brand-pro-frist" is not a clause')
    assert found[1].startswith('acme-law/pack.yaml:6:13: "financial.statment" is not a question')
    assert 'did you mean "financial.statement"?' in found[1]
    (pack / "pack.yaml").write_text(packs.HEAD.format(id="acme-law"))
    assert problems(pack)[0].startswith('acme-law/clauses/brand/brand.md:7:7: "brnd" is not a fact')


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("questions: {version: {characters: 300}}", "a pack may only narrow that"),
        ("questions: {financial.statement: {most: 900 days}}", "does not narrow the limits"),
        ("questions: {financial.statement: {least: soon}}", "does not narrow the limits"),
        ("questions: {law: {most: 3}}", "a law has no such limits"),
        ("questions: {paper: {choices: [a3]}}", '"a3" is not one of the choices'),
        ("questions: {paper: {choices: [a4]}}", "the usual answer does not fit any longer"),
        ("questions: {paper: {default: a5}}", "the default does not fit"),
        ("questions: {law: {hidden: yes}}", "must be answered and has no usual answer"),
        ("questions: {law: {hidden: yes, required: yes}}", "both hidden and required"),
        ("questions: {law: Massachusetts}", "must be a group of what changes"),
        ("kinds: [referal]", '"referal" is not a kind of agreement'),
        ("faces: {regular: fonts/A.ttf, bold: fonts/B.ttf}", "is not in the layout"),
        ("language: German", "is not a language"),
        ("id: Acme Law", "stands twice"),
    ],
)
def test_what_a_pack_may_not_say(tmp_path: Path, more: str, says: str) -> None:
    found = problems(packs.write(tmp_path / "acme-law", {}, more + "\n"))
    assert any(says in line for line in found) or (says == "stands twice" and "twice" in found[0]), found
    assert all(line.startswith("acme-law/pack.yaml:") for line in found)


def test_heads_of_packs_are_checked(tmp_path: Path) -> None:
    (tmp_path / "acme-law").mkdir()
    (tmp_path / "acme-law" / "pack.yaml").write_text("id: Acme Law\nname: A\nversion: one\nmade for: 99.0\n")
    found = "\n".join(problems(tmp_path / "acme-law"))
    for says in ("cannot be the id", '"one" is not a version', "was made for version 99.0 of agreementgen"):
        assert says in found
    assert "there is no such folder" in problems(tmp_path / "nowhere")[0]
    assert "there is no pack.yaml in this folder" in problems(tmp_path)[0]


# -- which packs a deal has


@pytest.fixture
def firm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings with one pack for always, and a folder with another."""
    packs.write(tmp_path / "always", {}, "footer: Always\n")
    packs.write(tmp_path / "shelf" / "acme-law", {}, "footer: Acme\n")
    (tmp_path / "config.yaml").write_text("packs: [always]\npacks folder: shelf\n")
    monkeypatch.setenv("AGREEMENTGEN_CONFIG", str(tmp_path / "config.yaml"))
    return tmp_path


def footer(deal: Path, *names: Path) -> str:
    (sourced,) = read_deals([str(deal)], "", names)
    return sourced.library.footer


def test_packs_of_settings_deal_and_command_line(firm: Path) -> None:
    """In this order, the last on top; "none" switches off those of the settings."""
    top = packs.write(firm / "top", {}, "footer: Top\n")
    for said, wanted in (
        ("", "Always"),
        ("pack: acme-law\n", "Always · Acme"),
        ("pack: [shelf/acme-law, always]\n", "Acme · Always"),
        ("pack: none\n", ""),
    ):
        (firm / "deal.yaml").write_text(said + REFERRAL.read_text(encoding="utf-8"), encoding="utf-8")
        assert footer(firm / "deal.yaml") == wanted
        assert footer(firm / "deal.yaml", top) == " · ".join(filter(None, (wanted, "Top")))
    (firm / "deal.yaml").write_text("pack: acme-law\n" + REFERRAL.read_text(encoding="utf-8"), encoding="utf-8")
    assert footer(firm / "deal.yaml", Path("none")) == "Acme"
    assert pack_name_for(firm / "shelf" / "acme-law", firm) == "acme-law"
    assert pack_name_for(top, firm / "deals" / "2026") == "../../top"
    assert "always" in run("show", "packs").stdout


def test_a_pack_that_is_not_there(firm: Path) -> None:
    (firm / "deal.yaml").write_text("pack: [acme-lw, none]\n" + REFERRAL.read_text(encoding="utf-8"), encoding="utf-8")
    yaml = nodes.read_yaml((firm / "deal.yaml").read_text(encoding="utf-8"), "deal.yaml")
    with pytest.raises(AgreementError, match='"none" stands alone'):
        list_packs_for(yaml, firm)
    yaml = nodes.read_yaml("pack: acme-lw\nagreement: referral\n", "deal.yaml")
    with pytest.raises(AgreementError) as caught:
        list_packs_for(yaml, firm)
    said = str(caught.value)
    assert 'deal.yaml:1:7: pack: there is no pack "acme-lw"' in said
    assert 'did you mean "acme-law"?' in said


def test_wrong_settings_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGREEMENTGEN_CONFIG", str(tmp_path / "config.yaml"))
    with pytest.raises(AgreementError, match="there is no such file of settings"):
        run("show", "packs")
    (tmp_path / "config.yaml").write_text("packs: [gone]\npacks folder: nowhere\npack: x\n")
    with pytest.raises(AgreementError) as caught:
        run("show", "packs")
    assert [problem.place.line for problem in caught.value.problems] == [1, 2, 3]
    (tmp_path / "config.yaml").write_text("# nothing yet\n")
    assert "No packs" in run("show", "packs").stdout
    assert os.environ["AGREEMENTGEN_CONFIG"] == str(tmp_path / "config.yaml")


def test_the_questionnaire_asks_a_firms_questions_and_names_its_pack(tmp_path: Path) -> None:
    """The new file says `pack:`; so it goes on with the pack by itself, and its questions and samples are there."""
    files = {**packs.MEDIATION, **packs.outline_with("mediation")}
    files["clauses/mediation/topic.yaml"] = files["clauses/mediation/topic.yaml"].replace(
        "    default: the Boston Mediation Center\n", '    needed: "yes"\n'
    )
    files["samples/ours.yaml"] = "# Our usual referral.\npack: ..\n" + REFERRAL.read_text(encoding="utf-8")
    packs.write(tmp_path / "acme-law", files, "contact: partners@acme.example\nkinds: [referral]\n")
    with Terminal(tmp_path, "new", "deal.yaml", "--plain", "--pack", "acme-law") as terminal:
        shown = terminal.prompt()
        assert "Referral Agreement" in shown
        assert "Supply Agreement" not in shown
        terminal.type("2")  # with a sample
        terminal.prompt()
        terminal.type("")
        terminal.expect("How do you want to begin?")
        assert "Our usual referral" in terminal.prompt()
        terminal.type("acme-law/ours.yaml")
        terminal.expect("With the wording of Acme Law LLP; questions about it: partners@acme.example.")
        terminal.prompt()  # asks where the parties are, as after each sample
        for typed in ("/", "2"):
            terminal.type(typed)
            shown = terminal.prompt()
        assert "30. Mediation: missing: mediator" in shown
        terminal.type("mediation")
        terminal.prompt()
        terminal.type("2")
        terminal.expect("Who mediates?")
        terminal.prompt()
        terminal.type("the Salem Mediation Center")
        terminal.prompt()
        terminal.type("", CTRL_C)
        assert terminal.end() == 130
    said = nodes.read_yaml((tmp_path / "deal.yaml").read_text(encoding="utf-8"), "deal.yaml").root
    assert str(said.get("pack")).count("acme-law") == 1
    assert "the Salem Mediation Center" in str(said.get("mediation"))
    with Terminal(tmp_path, "new", "deal.yaml", "--plain") as terminal:
        terminal.expect("With the wording of Acme Law LLP")
