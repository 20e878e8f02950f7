"""What "agreementgen pack check" finds in a pack, and what it says of a good one."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import packs
import pytest
from click.testing import CliRunner
from conftest import MINIMAL, REFERRAL

from agreementgen.authoring import pack_check
from agreementgen.authoring import proof as trials
from agreementgen.authoring.branches import BranchDrafter
from agreementgen.authoring.lints import RULES, CheckScope, check_terms, check_texts, text_of_clause
from agreementgen.authoring.pack_check import check_pack
from agreementgen.authoring.proof import check_ties, prove
from agreementgen.cli.main import commands
from agreementgen.core import kept
from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.language import outcomes
from agreementgen.language.outcomes import can_all_hold, require
from agreementgen.library.loading import built_in_library, built_in_parts
from agreementgen.packs.layering import open_library

TODAY = date(2026, 11, 28)
ONE_KIND = "kinds: [referral]\n"
GOOD = "{% if brand %}Names and logos are used with consent only.{% else %}No name or logo is used.{% endif %}"


def pack_of(folder: Path, files: dict[str, str | bytes], more: str = ONE_KIND) -> Path:
    return packs.write(folder / "acme-law", files, more)


def brand(body: str, more: str = "") -> dict[str, str | bytes]:
    return {"clauses/brand/brand.md": packs.clause("brand", body, more=more)}


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., list[Problem]]:
    """Return a function that checks a pack with one clause on brands, and returns all but notes."""

    def run(body: str, more: str = "", **files: str | bytes) -> list[Problem]:
        named = {name.replace("__", "/") + ".yaml": text for name, text in files.items()}
        report = check_pack(pack_of(tmp_path, {**brand(body, more), **named}), (), TODAY)
        return [one for one in report.problems if one.severity != "N"]

    return run


def said(found: list[Problem]) -> list[tuple[str, int, int]]:
    return sorted({(one.code, one.place.line, one.place.column) for one in found})


# -- each rule on its own: the clause's body begins in line 7


@pytest.mark.parametrize(
    ("body", "rule", "place", "words"),
    [
        ("Use {{ brand.licens }} so.", "P01", (7, 8), 'did you mean "licence"?'),
        ("Use {{ brand.uses }} so.", "P01", (7, 8), "a list is printed with a filter"),
        ("See {{ ref('dta') }} now.", "P01", (7, 12), 'did you mean "data"?'),
        ("{% set x = 1 %}So it is.", "P01", (7, 4), "is not allowed in clauses"),
        ("{% if brand.licence and not brand.licence %}A.{% else %}B is.{% endif %}", "P03", (7, 7), "can never hold"),
        ("{% if brand.licence %}{% if brand.licence %}A is.{% endif %}{% else %}B.{% endif %}", "P04", (7, 29), "always"),
        ("Under {{ ref('data') }} it is so.", "P06", (7, 1), 'points to a clause that this agreement does not have'),
        ("The parties join the Program here.", "P07", (7, 22), '"Program" is written like a defined term'),
        ("The emblems (the “Emblems”) stay with their owner.", "P08", (7, 13), "no text uses it"),
        ("It is so. " + "One word more. " * 30, "P09", (7, 1), "93 words, 60 allowed"),
        ("Notwithstanding representations, indemnification obligations survive expiration.", "P11", (7, 1), "years of school"),
        ("Then both parties stop.", "P12", (7, 6), "write {{ 'the other party' if two else"),
        ("Each party does it hereby.", "P13", (7, 20), 'archaic "hereby"'),
        ("Each party stops at once", "P13", (7, 1), "no stop at the end"),
        ("{% if brand.licence %}{% endif %}each stops.", "P13", (7, 1), "a small first letter"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_stands(
    found: Callable[..., list[Problem]], body: str, rule: str, place: tuple[int, int], words: str
) -> None:
    ours = [one for one in found(body) if one.code == rule]
    assert [(one.place.line, one.place.column) for one in ours] == [place], ours
    assert words in f"{ours[0].message} {ours[0].hint}"
    assert ours[0].place.file.endswith("acme-law/clauses/brand/brand.md")


def test_a_good_clause_has_no_findings_and_is_drafted_in_all_branches(tmp_path: Path) -> None:
    tests = "tests:\n- {name: With brands, clause: brand, facts: {}, contains: [consent], lacks: ['No name']}\n"
    files = brand(GOOD, "reviewed: {by: Dana Reyes, on: 2026-11-01}\n")
    files |= {"tests/brand.yaml": tests, "samples/deal.yaml": MINIMAL.read_text(encoding="utf-8")}
    report = check_pack(pack_of(tmp_path, files), (), TODAY)
    assert report.problems == ()
    assert (report.coverage.outcomes, report.coverage.taken) == (2, 2)
    assert report.coverage.wordings == 4  # two for two parties, two for more
    assert report.tests == 1
    assert report.pages == {"deal.yaml": 1}


@pytest.mark.parametrize(
    ("on", "rule", "words"),
    [
        ("2025-11-01", "P15", "more than a year ago"),
        ("2026-12-01", "P15", "yet to come"),
        ("2026-13-01", "P15", "is no day"),
    ],
)
def test_reviews_grow_old(found: Callable[..., list[Problem]], on: str, rule: str, words: str) -> None:
    (one,) = found(GOOD, f"reviewed: {{by: Dana, on: {on}}}\n")
    assert (one.code, one.place.line) == (rule, 2)
    assert words in one.message


def test_questions_that_nothing_uses_are_told(tmp_path: Path) -> None:
    topic = packs.MEDIATION["clauses/mediation/topic.yaml"] + "  place: {type: text, prompt: Where?, example: Salem}\n"
    files = {**packs.MEDIATION, "clauses/mediation/topic.yaml": topic, **packs.outline_with("mediation")}
    report = check_pack(pack_of(tmp_path, {**files}), (), TODAY)
    told = [one for one in report.problems if one.code == "P02"]
    assert [(one.field, one.place.line) for one in told] == [("mediation.place", 16)]
    # The outline is the pack's, so the whole agreement was drafted with each answer once.
    assert report.coverage.agreements > 100
    assert not report.count("E")


def test_conditions_of_questions_and_rows_are_decided(tmp_path: Path) -> None:
    topic = """\
title: Mediation
questions:
  who: {type: choice, prompt: Who?, choices: [a court, nobody], default: nobody}
  days: {type: duration, prompt: Days?, when: mediation.who == 'a court' and mediation.who == 'nobody', example: 9 days}
key terms:
  - id: mediation
    label: Mediation
    says: >-
      {% if mediation.who == 'nobody' %}None
      {%- elif mediation.who == 'a court' %}By a court
      {%- elif mediation.who %}For {{ mediation.days }}{% endif %}
"""
    report = check_pack(pack_of(tmp_path, {"clauses/mediation/topic.yaml": topic}), (), TODAY)
    told = [(one.code, one.place.line, one.place.column) for one in report.problems if one.code == "P03"]
    assert told == [("P03", 4, 47), ("P03", 11, 16)]


def test_ties_are_proven_by_a_deal(tmp_path: Path) -> None:
    when = {"one": "brand.licence", "two": "brand.uses"}
    files: dict[str, str | bytes] = {
        f"clauses/brand/{name}.md": packs.clause(name, "Names are names.", more=f'when: "{condition}"\n')
        for name, condition in when.items()
    }
    report = check_pack(pack_of(tmp_path, files, ONE_KIND + "switched off: [brand]\n"), (), TODAY)
    ties = [one for one in report.problems if one.code == "P05" and '"one" and "two"' in one.message]
    assert len(ties) == 1
    assert ties[0].place.file.endswith("two.md")
    assert ties[0].place.line == 6


def test_the_built_in_library_has_no_ties() -> None:
    assert not list(check_ties(built_in_library(), ["financial", "deadlock", "confidentiality"]))


# -- the pack's own tests and samples


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ("{clause: brand, contains: [nonsense]}", 'it does not say "nonsense": Names and logos'),
        ("{clause: brand, facts: {brand: 'no'}, contains: [consent]}", "it does not say"),
        ("{clause: brand, lacks: [with consent]}", 'it says "with consent"'),
        ("{clause: brnd, contains: [x]}", '"brnd" is not a clause'),
        ("{facts: {brand.licens: 'no'}, contains: [consent]}", "brand.licens"),
        ("{facts: {law: Atlantis}, contains: [consent]}", "these facts exclude each other"),
        ("{clauses: [one-way], contains: [consent]}", 'the clause "one-way" is not chosen'),
        ("{no clauses: [brand], contains: [consent]}", 'the clause "brand" is chosen'),
        ("{deal: samples/gone.yaml, contains: [x]}", 'there is no sample deal "samples/gone.yaml"'),
        ("{deal: samples/deal.yaml, pages: 3}", "takes 1 pages, not 3"),
        ("{deal: samples/deal.yaml, contains: [Grayslake]}", 'it does not say "Grayslake"'),
    ],
)
def test_own_tests_fail_with_the_reason(found: Callable[..., list[Problem]], test: str, words: str) -> None:
    deal = MINIMAL.read_text(encoding="utf-8")
    told = [one for one in found(GOOD, tests__ours=f"tests:\n  - {test}\n", samples__deal=deal) if one.severity == "E"]
    assert [one.code for one in told] == ["P17"], told
    assert words in told[0].message
    assert (told[0].place.line, told[0].place.column) == (2, 5)


def test_tests_that_cannot_be_read(found: Callable[..., list[Problem]]) -> None:
    told = found(
        GOOD,
        tests__ours="tests:\n  - {deal: samples/x.yaml, facts: {law: Ohio}, kind: referral}\n  - {pages: 2, clas: x}\n",
    )
    assert all(one.code in ("P01", "P17") for one in told)
    messages = " ".join(one.message for one in told)
    for words in (
        'a test has a "deal", or "facts"',
        "can be counted only",
        '"clas" is not a field here',
        '"contains" or "lacks"',
    ):
        assert words in messages


def test_samples_that_do_not_build_and_that_warn(found: Callable[..., list[Problem]]) -> None:
    deal = REFERRAL.read_text(encoding="utf-8")
    bad = deal.replace("law: Massachusetts", "law: Atlantis")
    told = found(
        GOOD, samples__bad=bad, samples__brand=deal + "\nbrand: {licence: yes, marks: [the Bay Rank wordmark]}\n"
    )
    assert ("P18", "law") in {(one.code, one.field) for one in told}
    warned = [one for one in told if one.code == "P19"]
    assert all(one.place.file.endswith(("samples/brand.yaml", "samples/bad.yaml")) for one in warned)


def test_a_deal_that_cannot_be_tried_names_the_question(tmp_path: Path) -> None:
    topic = packs.MEDIATION["clauses/mediation/topic.yaml"].replace("    default: 30 days\n", '    needed: "yes"\n')
    files = {**packs.MEDIATION, "clauses/mediation/topic.yaml": topic, **packs.outline_with("mediation")}
    told = [one for one in check_pack(pack_of(tmp_path, {**files}), (), TODAY).problems if one.code == "P06"]
    assert told
    assert "give the question an example" in told[0].hint
    assert told[0].place.file.endswith("clauses/mediation/topic.yaml")


# -- the command


def test_the_command_reports_as_text_and_json(tmp_path: Path) -> None:
    folder = pack_of(tmp_path, brand("Then both parties stop."))
    done = CliRunner().invoke(commands, ["pack", "check", str(folder), "-f", "json"], standalone_mode=False)
    assert done.return_value == 1
    report = json.loads(done.stdout)
    assert (report["pack"], report["version"], report["errors"]) == ("acme-law", "1.2", 1)
    first = report["findings"][0]
    assert first | {"rule": "P12", "severity": "E", "line": 7, "column": 6} == first
    assert Path(first["file"]) == folder / "clauses" / "brand" / "brand.md"
    text = CliRunner().invoke(commands, ["pack", "check", str(folder)], standalone_mode=False)
    assert text.return_value == 1
    assert text.stdout.startswith(f"error P12: {folder}/clauses/brand/brand.md:7:6: ")
    assert text.stdout.endswith("acme-law: 1 error, 0 warnings, 2 notes\n")


def test_no_pack_is_a_wrong_input(tmp_path: Path) -> None:
    for folder in (tmp_path / "gone", tmp_path):
        done = CliRunner().invoke(commands, ["pack", "check", str(folder)])
        assert done.exit_code == 1  # click's runner: an exception, which main() turns into 2
        assert "no pack.yaml" in str(done.exception) or "no such folder" in str(done.exception)


def test_a_pack_over_another_is_checked_with_it(tmp_path: Path) -> None:
    base = packs.write(tmp_path / "base", {**packs.MEDIATION, **packs.outline_with("mediation")})
    clause = packs.clause("ours", "The parties mediate with {{ mediation.mediator }}.", "Mediation")
    folder = pack_of(tmp_path, {"clauses/mediation/acme-mediation.md": clause})
    assert check_pack(folder, (base,), TODAY).count("E") == 0
    assert check_pack(folder, (), TODAY).count("E") > 0


def test_one_topic_of_the_built_in_library() -> None:
    report = pack_check.check_built_in(TODAY, ["crisis"])
    assert not report.count("E")
    assert not report.count("W")
    assert report.coverage.clauses == 2
    assert report.coverage.taken == report.coverage.outcomes


def test_every_rule_is_told_of() -> None:
    text = (Path(__file__).resolve().parent.parent / "docs" / "packs.md").read_text(encoding="utf-8")
    for rule, (severity, says) in RULES.items():
        assert f"| `{rule}` | {severity} | {says} |" in text


# -- deciding and aiming


@pytest.mark.parametrize(
    ("condition", "holds", "fails"),
    [
        ("financial.model == 'none'", True, True),
        ("financial.model == 'none' and financial.model == 'referral fee'", False, True),
        ("financial.model in ('none', 'referral fee') and financial.model != 'none'", True, True),
        ("financial.model == 'none' or financial.model != 'none'", True, False),
        ("two and not two", False, True),
        ("leads.a_month > 3 and leads.a_month < 5", True, True),
        ("leads.a_month > 3 and leads.a_month < 4", False, True),
        ("duration.pilot.length and not duration.pilot", False, True),
        ("financial.fee is percentage and financial.fee is positive", True, True),
        ("financial.fee is percentage and not financial.fee", False, True),
        ("scope.excluded and not scope.excluded", False, True),
    ],
)
def test_what_conditions_can_come_to(condition: str, holds: bool, fails: bool) -> None:
    facts = built_in_library().shape_of_facts()
    assert can_all_hold(require(condition, facts)) is holds
    assert can_all_hold(require(condition, facts, outcome=False)) is fails


def test_what_is_too_much_to_decide_counts_as_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "MAX_COMBINATIONS", 1)
    assert can_all_hold(require("two and not two", built_in_library().shape_of_facts()))


def test_conditions_are_told_in_the_order_of_the_text() -> None:
    source = "{% if two %}{{ 'a' if brand else ('b' if law else 'c') }}\n{% elif not two %}x{% else %}{% if brand.licence %}y{% endif %}{% endif %}"
    told = outcomes.list_decisions(source, Place("c.md", 9, 1), built_in_library().shape_of_facts())
    assert [(one.condition, one.place.line, one.place.column) for one in told] == [
        ("two", 9, 7), ("brand", 9, 23), ("law", 9, 42), ("not two", 10, 9), ("brand.licence", 10, 36),
    ]  # fmt: skip
    assert [can_all_hold(one.requirements_for(True)) for one in told] == [True, True, True, True, False]


def test_branches_that_need_several_answers_at_once_are_aimed_at(tmp_path: Path) -> None:
    """Three parties, and two answers besides: of three parties each answer is tried once."""
    body = "{% if not two and not brand and not data %}It is so.{% else %}It is not so.{% endif %}"
    library = open_library((pack_of(tmp_path, brand(body)),))
    (clause,) = (c for c in library.clauses["brand"] if c.id == "brand")
    way = [way for way, said in BranchDrafter(library).each_wording(clause) if "not" not in text_of_clause(said)]
    assert not way
    proof = prove(library, [clause], [])
    assert (proof.coverage.outcomes, proof.coverage.taken) == (2, 2)
    assert not proof.problems


def test_the_fields_of_tests_are_told_of() -> None:
    text = (Path(__file__).resolve().parent.parent / "docs" / "packs.md").read_text(encoding="utf-8")
    section = text.split("\n## Tests of a pack\n")[1].split("\n## ")[0]
    told = re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
    asked = re.findall(r'fields\.read_\w+\("([^"]+)"', inspect.getsource(trials._read_pack_test))
    assert set(told) == set(asked)


def test_prompts_that_are_not_translated_are_told_by_topic(tmp_path: Path) -> None:
    words = "questions:\n  scope.purpose: {prompt: Wofür arbeiten Sie zusammen?}\n"
    folder = pack_of(tmp_path, {"translations.yaml": words}, ONE_KIND + "language: de\n")
    told = {one.field: one for one in check_pack(folder, (), TODAY).problems if one.code == "P14"}
    assert 'no prompt in "de": law' in told["law"].message
    assert "scope.purpose" not in told["scope"].message
    assert told["law"].place.file.endswith("translations.yaml")
    british = pack_of(tmp_path, {}, ONE_KIND + "language: en-GB\n")
    assert not [one for one in check_pack(british, (), TODAY).problems if one.code == "P14"]


def test_what_changed_underneath_is_told(found: Callable[..., list[Problem]]) -> None:
    record = f"library: 0.0.9\nfiles:\n  clauses/brand/brand.md: {'0' * 64}\n"
    (one,) = found(GOOD, "reviewed: {by: Dana, on: 2026-11-01}\n", **{"based-on": record})
    assert one.code == "P22"
    assert one.place.file.endswith("clauses/brand/brand.md")


def test_the_built_in_library_has_nothing_that_can_be_known_without_a_deal() -> None:
    files = built_in_parts().files
    raw = {file.name: file.text for name, file in files.items() if name.endswith((".yaml", ".md"))}
    own = CheckScope(built_in_library(), None, raw)
    told = [one for one in (*check_texts(own, TODAY), *check_terms(own)) if one.severity != "N"]
    assert not told, "\n".join(map(str, told))
    assert len(own.clauses) > 100


def test_a_clause_for_one_law_is_tried_under_it(tmp_path: Path) -> None:
    clause = packs.clause("brand-uk", "Names are used with consent only.", more="rank: 50\njurisdictions: [GB]\n")
    report = check_pack(pack_of(tmp_path, {"clauses/brand/brand-uk.md": clause}), (), TODAY)
    assert not report.count("E")
    assert report.coverage.wordings > 0


def test_rules_about_english_words_are_for_english(tmp_path: Path) -> None:
    body = "Then both parties stop hereby."
    for language, rules in (("", {"P12", "P13"}), ("de", set())):
        folder = pack_of(tmp_path, brand(body), ONE_KIND + (f"language: {language}\n" if language else ""))
        assert {one.code for one in check_pack(folder, (), TODAY).problems} & {"P12", "P13"} == rules


# -- what passed before, and a part alone


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let checks remember in a folder of the test's own."""
    (tmp_path / "kept").mkdir()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(kept, "_folder", lambda: tmp_path / "kept")


OTHER = {"clauses/crisis/crisis-own.md": packs.clause("crisis", "In a crisis, the parties talk at once.")}


@pytest.mark.usefixtures("memory")
def test_only_what_an_edit_touches_is_drafted_again(tmp_path: Path) -> None:
    folder = pack_of(tmp_path, {**brand(GOOD), **OTHER})
    first, again = (check_pack(folder, (), TODAY) for _ in range(2))
    assert (first.coverage.remembered, again.coverage.remembered) == (0, 2)
    assert again.coverage.agreements == 0
    assert (again.coverage.wordings, again.coverage.outcomes) == (first.coverage.wordings, first.coverage.outcomes)
    assert again.problems == first.problems
    edited = folder / "clauses" / "brand" / "brand.md"
    edited.write_text(edited.read_text().replace("consent only.", "consent only, says both parties."))
    told = check_pack(folder, (), TODAY)
    assert told.coverage.remembered == 1
    assert [problem.code for problem in told.problems if problem.severity == "E"] == ["P12"]
    once_more = check_pack(folder, (), TODAY)
    assert [problem.code for problem in once_more.problems if problem.severity == "E"] == ["P12"]


@pytest.mark.usefixtures("memory")
def test_a_question_that_changes_lets_nothing_be_remembered(tmp_path: Path) -> None:
    files = brand(GOOD)
    check_pack(pack_of(tmp_path, files), (), TODAY)
    changed = pack_of(tmp_path / "other", files, ONE_KIND + "questions:\n  termination.notice: {default: 45 days}\n")
    assert check_pack(changed, (), TODAY).coverage.remembered == 0


@pytest.mark.usefixtures("memory")
def test_what_is_kept_holds_nothing_of_the_pack(tmp_path: Path) -> None:
    check_pack(pack_of(tmp_path, brand("Secret words of the firm.")), (), TODAY)
    (file,) = (tmp_path / "kept").glob("proven-packs*")
    assert b"Secret" not in file.read_bytes()
    assert b"brand" not in file.read_bytes()


def test_one_clause_alone(tmp_path: Path) -> None:
    folder = pack_of(tmp_path, {**brand("Then both parties stop."), **OTHER})
    done = CliRunner().invoke(commands, ["pack", "check", str(folder), "--clause", "crisis"], standalone_mode=False)
    assert done.return_value == 0
    assert "acme-law: 1 clause and 0 rows in 2 wordings" in done.stdout
    done = CliRunner().invoke(commands, ["pack", "check", str(folder), "--topic", "brand"], standalone_mode=False)
    assert done.return_value == 1


def test_a_part_that_a_pack_does_not_have_is_named(tmp_path: Path) -> None:
    folder = pack_of(tmp_path, brand(GOOD))
    with pytest.raises(InputError) as refused:
        check_pack(folder, (), TODAY, narrowing=pack_check.Narrowing(("brnd",), ("scope",), ("referal",)))
    assert [(problem.message, problem.hint) for problem in refused.value.problems] == [
        ('"brnd" is not a clause of this pack', 'did you mean "brand"?'),
        ('"scope" is not a topic of which this pack has a file', "known here: brand"),
        ('"referal" is not a kind of agreement', 'did you mean "referral"?'),
    ]
