"""The deal check as the commands say it: order, places, overrides, formats; what stops a deal stops the documents."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest
from conftest import ROOT, SAMPLES
from terminal import Terminal

from agreementgen import pipeline
from agreementgen.core.problems import Place
from agreementgen.dealcheck.judging import check_deal, explain_stops
from agreementgen.dealcheck.known_facts import gather_facts
from agreementgen.dealcheck.rules import DERIVED_FACTS, LawData, find_rule_faults, read_rule_book
from agreementgen.language.conditions import NOWHERE, Condition
from agreementgen.library.library import Library
from agreementgen.sources import table_loader

REFERRAL = (ROOT / "samples" / "referral.yaml").read_text(encoding="utf-8")
NOTICE = "pilot: {length: 90 days, decision: in writing}"
# The exit notice lasts as long as the pilot it ends: S04, which stops.
STOPPED = REFERRAL.replace(NOTICE, "pilot: {length: 30 days, exit notice: 30 days}")
OVERRIDE = """
overrides:
  - {rule: S04, version: 1, reviewer: "Ana Ruiz, attorney", reason: The pilot is renewed each month, date: 2026-11-28}
"""
# What this program writes of SARIF 2.1.0 (OASIS, 2023): required members, names and words as the standard has them.
_MESSAGE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
SARIF_AS_WRITTEN = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": {"const": "agreementgen"},
                                    "version": {"type": "string"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "additionalProperties": False,
                                            "properties": {
                                                "id": {"type": "string"},
                                                "shortDescription": _MESSAGE,
                                                "help": _MESSAGE,
                                                "defaultConfiguration": {
                                                    "properties": {"level": {"enum": ["error", "warning", "note"]}}
                                                },
                                                "properties": {"type": "object"},
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": _MESSAGE,
                                "locations": {
                                    "type": "array",
                                    "items": {
                                        "properties": {
                                            "physicalLocation": {
                                                "required": ["artifactLocation"],
                                                "properties": {
                                                    "artifactLocation": {
                                                        "properties": {"uri": {"type": "string", "pattern": "^[^ ]+$"}}
                                                    },
                                                    "region": {
                                                        "properties": {
                                                            "startLine": {"type": "integer", "minimum": 1},
                                                            "startColumn": {"type": "integer", "minimum": 1},
                                                        }
                                                    },
                                                },
                                            }
                                        }
                                    },
                                },
                                "suppressions": {
                                    "items": {
                                        "required": ["kind"],
                                        "properties": {"kind": {"enum": ["inSource", "external"]}},
                                    }
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


PROGRAM = Path(sys.executable).with_name("agreementgen")


def call(*words: object) -> subprocess.CompletedProcess[str]:
    command = [str(PROGRAM), *(str(word) for word in words)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)


def write(folder: Path, text: str, name: str = "deal.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_finding_that_stops_comes_first_with_place_reason_and_way_out(tmp_path: Path) -> None:
    deal = write(tmp_path, STOPPED)
    done = call("check", deal)
    assert done.returncode == 1
    line = next(number for number, text in enumerate(STOPPED.splitlines(), 1) if "exit notice" in text)
    column = STOPPED.splitlines()[line - 1].index("30 days}") + 1
    first, hint, why = done.stdout.splitlines()[:3]
    assert first.startswith(f"error S04: {deal}:{line}:{column}: duration.pilot.exit notice: ")
    assert hint.startswith("  hint: ")
    assert why.startswith("  why: ")
    severities = [
        line.split()[0] for line in done.stdout.splitlines() if line.split()[0] in ("error", "warning", "note")
    ]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)
    assert "No finding is no approval" in done.stderr


def test_build_writes_nothing_for_a_deal_that_is_stopped(tmp_path: Path) -> None:
    deal = write(tmp_path, STOPPED)
    done = call("build", deal, "-o", tmp_path / "out", "-f", "txt")
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()
    assert 'answer for it under "overrides" in the deal file' in done.stderr
    assert "agreementgen check --explain S04" in done.stderr


def test_an_override_lets_the_deal_pass_and_is_said(tmp_path: Path) -> None:
    deal = write(tmp_path, STOPPED + OVERRIDE)
    checked = call("check", deal)
    assert checked.returncode == 0
    assert (
        "overridden by Ana Ruiz, attorney on 2026-11-28 (The pilot is renewed each month): error S04" in checked.stdout
    )
    built = call("build", deal, "-o", tmp_path / "out", "-f", "txt")
    assert built.returncode == 0, built.stderr
    # It is not a term of the contract.
    assert "Ana Ruiz" not in (tmp_path / "out" / "deal.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("rule: S04, version: 1", "rule: S04, version: 9", "it is for version 9 of S04, which is version 1 now"),
        ("rule: S04", "rule: S99", 'there is no rule "S99"'),
    ],
)
def test_an_override_of_another_rule_or_version_does_not_count(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    done = call("check", write(tmp_path, STOPPED + OVERRIDE.replace(before, after)))
    assert done.returncode == 1
    assert said in done.stdout


def test_an_override_that_answers_for_nothing_is_remarked(tmp_path: Path) -> None:
    done = call("check", write(tmp_path, REFERRAL + OVERRIDE))
    assert done.returncode == 0
    assert "S04 finds nothing in this deal any more" in done.stdout


def test_json_holds_what_the_text_says(tmp_path: Path) -> None:
    done = call("check", write(tmp_path, STOPPED), "-f", "json")
    assert done.returncode == 1
    (deal,) = json.loads(done.stdout)
    first = deal["findings"][0]
    assert (first["code"], first["severity"], first["field"], first["basis"]) == (
        "S04", "E", "duration.pilot.exit notice", "arithmetic",
    )  # fmt: skip
    assert deal["errors"] == 1
    assert "They do not cover taxes" in deal["not covered"]


def test_json_counts_what_the_text_counts(tmp_path: Path) -> None:
    path = write(tmp_path, REFERRAL)
    (deal,) = json.loads(call("check", path, "-f", "json").stdout)
    last = call("check", path).stdout.splitlines()[-1]
    assert f"{deal['warnings']} warning" in last
    assert f", {deal['notes']} notes; " in last
    # The remark on the RACI chart is counted, too.
    assert deal["notes"] == sum(one["severity"] == "N" for one in deal["findings"]) + 1


def test_sarif_is_as_the_standard_says(tmp_path: Path) -> None:
    done = call("check", write(tmp_path, STOPPED + OVERRIDE, "my deal.yaml"), "-f", "sarif")
    assert done.returncode == 0
    log = json.loads(done.stdout)
    jsonschema.Draft202012Validator.check_schema(SARIF_AS_WRITTEN)
    jsonschema.validate(log, SARIF_AS_WRITTEN)
    run = log["runs"][0]
    result = next(result for result in run["results"] if result["ruleId"] == "S04")
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "S04"
    assert result["level"] == "error"
    assert result["suppressions"][0]["justification"].startswith("Ana Ruiz, attorney, 2026-11-28")
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("my%20deal.yaml")


def test_a_rule_is_explained_whole() -> None:
    done = call("check", "--explain", "x20")
    assert done.returncode == 0
    for words in ("X20, version 1: ", "fires when: ", "source: N.C. Gen. Stat. 22B-3"):
        assert words in done.stdout
    unknown = call("check", "--explain", "Q1")
    assert unknown.returncode == 2
    assert 'there is no rule "Q1"' in unknown.stderr


def test_rules_are_listed_by_kind() -> None:
    all_rules, supply = call("show", "rules").stdout, call("show", "rules", "supply").stdout
    assert "\nX20 " in all_rules
    assert set(supply.splitlines()) < set(all_rules.splitlines())


def test_conditions_are_decided_alike_with_and_without_compiling(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    decide = Condition.holds

    def compare(condition: Condition, facts: Mapping[str, object], place: Place = NOWHERE) -> bool:
        met = decide(condition, facts, place)
        if condition.source:
            assert met == condition.holds_compiled(facts, place), condition.source
        asked.append(condition.source)
        return met

    monkeypatch.setattr(Condition, "holds", compare)
    for sample in SAMPLES:
        check_deal(pipeline.read(sample.read_bytes(), sample.name, library, beside=table_loader(str(sample))), library)
    assert len(set(asked)) > 150


def test_checking_loads_no_library_of_documents() -> None:
    code = (
        "import sys; from agreementgen.cli.main import commands; "
        f"commands.main(['check', {str(ROOT / 'samples' / 'referral.yaml')!r}], standalone_mode=False); "
        "print([name for name in ('weasyprint', 'docx', 'openpyxl', 'icalendar', 'agreementgen.pipeline', 'agreementgen.render.fit') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_texts_of_lists_are_placed_at_their_own_lines(library: Library) -> None:
    text = (ROOT / "samples" / "minimal.yaml").read_text(encoding="utf-8")
    text = text.replace("Lind Bakery: [Puts a coffee coupon into every box]", "Lind Bakery: [asap]")
    text = text.replace(
        "  Maple Street: [Puts a bread coupon beside every till]", "  Maple Street:\n    - tbd\n    - idk"
    )
    report = check_deal(pipeline.read(text.encode(), "deal.yaml", library), library)
    places = {str(one.problem.place) for one in report.findings if one.problem.code == "T02W"}
    assert places == {"deal.yaml:25:17", "deal.yaml:27:7", "deal.yaml:28:7"}


def test_many_warnings_of_one_rule_are_told_as_one(library: Library) -> None:
    deal = pipeline.read(REFERRAL.replace("effective: 2026-12-01", "effective: 2062-12-01").encode(), "d.yaml", library)
    late = [one.problem for one in check_deal(deal, library).findings if one.rule.id == "S06W"]
    assert [problem.message.partition(", before")[0] for problem in late] == [
        'The task "Report outcomes" is due on January 10, 2027'
    ]
    assert late[0].message.endswith("There are 3 more like this.")


def test_a_batch_leaves_a_stopped_deal_out(tmp_path: Path) -> None:
    deals = tmp_path / "deals"
    deals.mkdir()
    write(deals, STOPPED, "stopped.yaml")
    write(deals, REFERRAL, "sound.yaml")
    done = call("batch", deals, "-o", tmp_path / "out", "-f", "txt", "--names", "{deal}", "--json")
    assert done.returncode == 1
    events = [json.loads(line) for line in done.stdout.splitlines()]
    told = {Path(event["deal"]).stem: event["status"] for event in events if event["event"] == "deal"}
    assert told == {"stopped": "failed", "sound": "built"}
    manifest = (tmp_path / "out" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    found = {Path(line["deal"]).stem: line for line in map(json.loads, manifest)}
    assert found["stopped"]["status"] == "failed"
    assert [problem["code"] for problem in found["stopped"]["problems"]] == ["S04"]
    assert found["sound"]["status"] == "built"
    assert "; worst " in found["sound"]["deal_check"]


def test_a_firm_adds_replaces_and_switches_off_rules(tmp_path: Path) -> None:
    pack = tmp_path / "firm"
    pack.mkdir()
    (pack / "pack.yaml").write_text('id: firm\nname: A firm\nmade for: 0.1\nversion: "1"\n', encoding="utf-8")
    (pack / "rules.yaml").write_text(
        """\
switched off: [X11]
rules:
  - id: FIRM1
    severity: E
    when: "financial.model == 'referral fee' and amount.financial.fee > 8"
    at: financial.fee
    says: Our firm does not draft fees above 8%.
    suggestion: "financial.fee: 8%"
    fires: [{facts: {financial.fee: 9%}}]
    silent: [{facts: {financial.fee: 5%}}]
""",
        encoding="utf-8",
    )
    done = call("check", write(tmp_path, REFERRAL), "--pack", pack)
    assert done.returncode == 1
    assert "Our firm does not draft fees above 8%." in done.stdout
    assert "X11" not in done.stdout
    (pack / "rules.yaml").write_text(
        (pack / "rules.yaml").read_text(encoding="utf-8").replace("financial.fee: 5%", "financial.fee: 50%"),
        encoding="utf-8",
    )
    tested = call("pack", "check", pack)
    assert tested.returncode == 1
    assert "rule FIRM1: it fires on referral" in tested.stdout + tested.stderr


# -- packs and files that nobody vouches for


def check_with_rules(
    folder: Path, rules: str, *words: object, deal: str = REFERRAL
) -> subprocess.CompletedProcess[str]:
    """Check a deal under a pack with these rules."""
    pack = folder / "firm"
    pack.mkdir(exist_ok=True)
    (pack / "pack.yaml").write_text('id: firm\nname: A firm\nmade for: 0.1\nversion: "1"\n', encoding="utf-8")
    (pack / "rules.yaml").write_text(rules, encoding="utf-8")
    return call("check", write(folder, deal), "--pack", pack, *words)


def rule_with(**fields: str) -> str:
    """Return a file of one rule, which fires on the reference deal where `fields` do not say otherwise."""
    return json.dumps({"rules": [{"id": "FIRM1", "when": "amount.financial.fee > 5", "says": "It is so.", **fields}]})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"when": "financial.feee"}, '"financial.feee" is not a fact'),
        ({"when": "law is foo"}, '"foo" is not a test of ours'),
        ({"when": "not " * 3000 + "law"}, "nested too deeply"),
        ({"when": "days" + ".x" * 3000}, "nested more than"),
        ({"when": " or ".join(["amount.financial.fee > 50"] * 5000)}, "more than 20,000 characters"),
        ({"when": ""}, '"when" is empty'),
        ({"when": "each.days > 5"}, '"each" is not a fact'),
        ({"each": "law", "when": "each"}, '"law" is not a list of facts'),
        ({"says": "{% for party in parties %}" * 24 + "{% endfor %}" * 24}, "is not"),
        ({"says": "{{ ref('term') }}"}, "rules cannot refer"),
        ({"why": "Because {{ nobody }}."}, '"nobody" is not a fact'),
        ({"when": "amount.financial.fee > 500", "says": "{{ financial.fee "}, "ends inside a tag"),
        ({"needs": ["financial.feee"]}, '"financial.feee" is not a fact'),
        ({"kinds": ["referal"]}, 'did you mean "referral"?'),
        ({"id": "F1 of a very long name"}, "is no id of a rule"),
        ({"version": "0"}, "versions count from 1"),
    ],
)
def test_a_broken_rule_is_refused_at_its_place(fields: dict[str, str], said: str, tmp_path: Path) -> None:
    done = check_with_rules(tmp_path, rule_with(**fields))
    assert done.returncode == 2
    assert "firm/rules.yaml:1:" in done.stderr
    assert said in done.stderr.replace("means something already", "is not")


def test_rules_that_stand_twice_or_switch_off_nothing_are_refused(tmp_path: Path) -> None:
    one = {"id": "FIRM1", "when": "law", "says": "So."}
    done = check_with_rules(tmp_path, json.dumps({"switched off": ["B190"], "rules": [one, one]}))
    assert done.returncode == 2
    assert 'there is a rule "FIRM1" already' in done.stderr
    assert 'there is no rule "B190" to switch off' in done.stderr


def test_a_pack_cannot_replace_a_file_of_rules(tmp_path: Path) -> None:
    folder = tmp_path / "firm" / "clauses" / "financial"
    folder.mkdir(parents=True)
    (folder / "rules.yaml").write_text("rules: []\n", encoding="utf-8")
    done = check_with_rules(tmp_path, rule_with())
    assert done.returncode == 2
    assert "a pack's rules do not stand among its clauses" in done.stderr


def test_ids_are_read_in_small_letters(tmp_path: Path) -> None:
    override = "\noverrides:\n  - {rule: firm1, version: 1, reviewer: Ana, reason: So be it, date: 2026-11-28}\n"
    rules = json.dumps({"switched off": ["x11"], **json.loads(rule_with(id="firm1", severity="E"))})
    done = check_with_rules(tmp_path, rules, deal=REFERRAL + override)
    assert done.returncode == 0, done.stdout
    assert "overridden by Ana" in done.stdout
    assert "override-idle" not in done.stdout
    assert "X11" not in done.stdout


def test_the_rules_of_the_library_have_no_faults(library: Library) -> None:
    assert list(find_rule_faults(read_rule_book(library).rules, library)) == []


def test_a_rule_tries_samples_only(tmp_path: Path) -> None:
    check_with_rules(tmp_path, rule_with(fires=[{"deal": "../nope", "facts": {}}], silent=[{"facts": {}}]))
    done = call("pack", "check", tmp_path / "firm")
    assert done.returncode == 1
    assert 'there is no sample "../nope"' in done.stdout + done.stderr


def test_an_old_override_does_not_undo_one_that_counts(tmp_path: Path) -> None:
    old = OVERRIDE.splitlines()[2].replace("version: 1", "version: 9")
    done = call("check", write(tmp_path, STOPPED + OVERRIDE + old + "\n"))
    assert done.returncode == 0, done.stdout
    assert "it is for version 9 of S04, which is version 1 now" in done.stdout


def test_of_two_overrides_the_first_counts(tmp_path: Path) -> None:
    second = OVERRIDE.splitlines()[2].replace("Ana Ruiz", "Bob Roe")
    done = call("check", write(tmp_path, STOPPED + OVERRIDE + second + "\n"))
    assert "overridden by Ana Ruiz" in done.stdout
    assert "another override answers for S04 already" in done.stdout


# Two notices that last as long as what they end: S04 finds both.
STOPPED_TWICE = STOPPED.replace("term: 12 months", "term: 3 months") + "\ntermination: {notice: 100 days}\n"
PILOT, END = "duration.pilot.exit notice", "termination.notice"


def answer_for(*covered: str) -> str:
    one = "  - {{rule: S04, version: 1, {}reviewer: Ana Ruiz, reason: We renew it, date: 2026-11-28}}\n"
    return "overrides:\n" + "".join(one.format(f"covers: {name}, " if name else "") for name in covered)


@pytest.mark.parametrize(
    ("covered", "stopped_at", "said"),
    [
        ((PILOT,), [END], None),
        ((PILOT, END), [], None),
        (("the notice of 30 days lasts as long as the pilot",), [END], None),
        (("",), [PILOT, END], "S04 finds 2 things, and it does not say which of them it is about"),
        (("the notice of",), [PILOT, END], "S04 finds 2 things, and it does not say which of them it is about"),
        (("the notice of 29 days",), [PILOT, END], 'S04 does not find what it covers, "the notice of 29 days"'),
        ((PILOT, PILOT), [END], "another override answers for S04 already; the first counts"),
    ],
)
def test_an_override_covers_one_finding(
    covered: tuple[str, ...], stopped_at: list[str], said: str | None, library: Library
) -> None:
    deal = pipeline.read((STOPPED_TWICE + answer_for(*covered)).encode(), "deal.yaml", library)
    report = check_deal(deal, library)
    assert [finding.problem.field for finding in report.stops] == stopped_at
    assert [remark.message for remark in report.remarks] == ([said] if said else [])


def test_a_finding_among_others_of_its_rule_says_what_an_override_would_cover(library: Library) -> None:
    deal = pipeline.read(STOPPED_TWICE.encode(), "deal.yaml", library)
    ways = [problem.hint for problem in explain_stops(check_deal(deal, library))]
    assert ['covering "duration.pilot.exit notice" (' in ways[0], 'covering "termination.notice" (' in ways[1]] == [
        True,
        True,
    ]


def test_an_override_of_what_cannot_be_judged_yet_is_not_idle(tmp_path: Path) -> None:
    override = OVERRIDE.replace("S04", "A29")
    done = call("check", write(tmp_path, REFERRAL + override))
    assert "could not be judged: A29" in done.stdout
    assert "override-idle" not in done.stdout


def test_the_reason_of_a_rule_is_filled_in(tmp_path: Path) -> None:
    done = call("check", write(tmp_path, STOPPED))
    assert "why: By the time the notice has run, the pilot is over anyway." in done.stdout


def test_sarif_holds_idle_overrides(tmp_path: Path) -> None:
    done = call("check", write(tmp_path, REFERRAL + OVERRIDE), "-f", "sarif")
    found = json.loads(done.stdout)
    jsonschema.validate(found, SARIF_AS_WRITTEN)
    assert "override-idle" in [result["ruleId"] for result in found["runs"][0]["results"]]


def test_rules_may_ask_for_all_derived_facts(library: Library) -> None:
    deal = pipeline.read(REFERRAL.encode(), "deal.yaml", library)
    derived = set(gather_facts(deal, LawData(), None)) - set(deal.facts)
    # What each topic's position is stands among the answers, which have no form of their own in clauses.
    assert derived == set(DERIVED_FACTS) - {"position_by_topic"}


# -- the questionnaire


def test_the_questionnaire_of_a_stopped_deal_leads_to_the_answer(tmp_path: Path) -> None:
    path = write(tmp_path, STOPPED)
    with Terminal(tmp_path, "new", "--plain", str(path)) as terminal:
        shown = terminal.prompt()
        assert "See what must be mended (1 problem)" in shown
        assert "Write the documents" not in shown
        terminal.type("1")
        terminal.prompt()
        terminal.type("1")
        shown = " ".join(terminal.prompt().split())
    assert '("agreementgen check --explain S04" says how)' in shown
    assert "With how much notice can a party stop during the pilot?" in shown
    assert [found.name for found in tmp_path.glob("deal*")] == ["deal.yaml"]
