"""What the deal check derives for rules of law, and which rules it lists as ones it cannot judge."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from agreementgen import pipeline
from agreementgen.authoring.rule_proof import lay_answer_over
from agreementgen.deal.deal import Deal
from agreementgen.deal.reader import node_as_data
from agreementgen.dealcheck.judging import check_deal
from agreementgen.dealcheck.known_facts import gather_facts
from agreementgen.dealcheck.rules import read_rule_book
from agreementgen.sources import open_library
from agreementgen.yamlfile import nodes

LIBRARY = open_library(())
DAY = date(2026, 11, 28)
FEE = [{"what": "Program fee", "amount": "$900", "how often": "once"}]


def read_deal(sample: str, **answers: Any) -> Deal:
    """Return a sample with other answers: `prices__partner_pays` is the path "prices.partner pays"."""
    path = ROOT / "samples" / f"{sample}.yaml"
    data = node_as_data(nodes.read_yaml(path.read_text(encoding="utf-8"), str(path)).root)
    for name, answer in answers.items():
        lay_answer_over(data, name.replace("__", ".").replace("_", " "), answer)
    return pipeline.read(json.dumps(data).encode(), str(Path("deal.yaml")), LIBRARY)


def facts_of(deal: Deal) -> dict[str, Any]:
    return gather_facts(deal, read_rule_book(LIBRARY).data, DAY)


def unjudged(deal: Deal) -> set[str]:
    return {one.rule.id for one in check_deal(deal, LIBRARY, DAY).unjudged}


def test_a_rule_is_unjudged_where_the_missing_answer_could_decide_it() -> None:
    assert "F01" in unjudged(read_deal("channel", prices__partner_pays=FEE))
    assert "F01" not in unjudged(read_deal("channel"))
    assert "F01" not in unjudged(read_deal("channel", prices__partner_pays=FEE, prices__close_control="no"))
    assert "F01" not in unjudged(read_deal("channel", prices__partner_pays=FEE, brand__licence="no"))


def test_nothing_is_unjudged_in_a_deal_that_was_never_asked() -> None:
    assert not unjudged(read_deal("minimal"))


def test_each_party_pays_the_other_where_referrals_go_both_ways() -> None:
    payments = facts_of(read_deal("referral"))["check"]["payments"]
    assert {(each["payer"], each["payee"]) for each in payments} == {
        ("Northshore", "Bay Rank"),
        ("Bay Rank", "Northshore"),
    }


def test_only_the_referrer_is_paid_where_they_go_one_way() -> None:
    payments = facts_of(read_deal("cloud-referral"))["check"]["payments"]
    assert [(each["payer"], each["payee"]) for each in payments] == [("Wasatch", "Müller & Söhne")]


@pytest.mark.parametrize("sample", ["minimal", "supply", "joint-venture", "channel"])
def test_nobody_is_paid_for_referrals_elsewhere(sample: str) -> None:
    assert facts_of(read_deal(sample))["check"]["payments"] == ()


def test_who_is_in_a_province_is_in_its_country() -> None:
    facts = facts_of(read_deal("syrup-supply"))
    assert facts["here"]["canada"]
    assert facts["law_in"]["canada"]
    assert facts["named"]["quebec"] == "Quebec"
    assert not facts["here"]["european_union"]


def test_fees_of_six_months_count_towards_a_franchise_and_stock_does_not() -> None:
    fees = [
        {"what": "Portal", "amount": "$50", "how often": "monthly"},
        {"what": "Program fee", "amount": "$200", "how often": "yearly"},
        {"what": "Samples", "amount": "$3,000", "how often": "once", "inventory": "yes"},
    ]
    assert facts_of(read_deal("channel", prices__partner_pays=fees))["check"]["partner_pays"] == 500


@pytest.mark.parametrize("path", sorted((ROOT / "samples").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_rule_can_be_asked_of_every_sample(path: Path) -> None:
    report = check_deal(read_deal(path.stem), LIBRARY, DAY)
    assert report.checked > 100
    assert report.count("E") <= 1
