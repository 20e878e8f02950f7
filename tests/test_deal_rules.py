"""Every rule of the deal check fires on the deals its own tests name, and is silent on the others."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT

from agreementgen.authoring.rule_proof import run_rule_tests
from agreementgen.dealcheck.rules import read_rule_book
from agreementgen.sources import open_library

LIBRARY = open_library(())


@pytest.mark.parametrize("rule", read_rule_book(LIBRARY).rules, ids=lambda rule: rule.id)
def test_a_rule_fires_and_is_silent_as_its_tests_say(rule) -> None:  # type: ignore[no-untyped-def]
    assert [str(problem) for problem in run_rule_tests(LIBRARY, (rule,))] == []


# Every subject that a published list of such rules has, by the ids that its rules, or our reasons for none, begin with.
SUBJECTS = re.findall(
    r"\w+",
    """
S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 S11 S12 S13 S14 S15 S16 S17 S18 S19 S20 S22 S23 S24
A01 A02 A03 A04 A05 A06 A07 A08 A09 A10 A11 A12 A13 A14 A15 A16 A17 A18 A19 A20 A21 A22 A23 A24 A25 A26 A27 A28 A29 A30
T01 T02 T03 T04 T05 T06 T07 T08 T09 T10 T11 T12 T13 T14 T15
B01 B02 B03 B04 B05 B06 B07 B08 B09 B10 B11 B12 B13 B14 B15 B16 B17 B18 B19 B20 B23 B24 B25
N01 N02 N03 N04 N05 N06 N07 N08 N09 N10 N11 N12 N13 N14 N15 X01 X02 X03 X04
K01 K02 K03 K04 K05 K06 K07 K08 K09 K10 K11 K12 K13 K14 K15 K16 K17 K18 K19 K20
F01 F02 F03 F04 F05 F06 F07 F08 F09 F10 J01 J02 J03 J04 J05 J06 J07 J08 J09 J10 J12 J13 J14 J15
X10 X11 X12 X13 X14 X15 X16 X17 X18 X19 X20 X22
D01 D02 D03 D04 M01 M02 C01 C02 C03 C04 R01 R02 R03 R04 G01 G02 G03 P01 P02 P03 P04 P05 P06 P07
""",
)


def test_every_subject_has_a_rule_or_a_reason_for_none() -> None:
    rules = {rule.id[:3] for rule in read_rule_book(LIBRARY).rules}
    page = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")
    table = page.partition("### What other checks do")[2].partition("##")[0]
    reasons = {name for row in re.findall(r"(?m)^\|(.+?)\|", table) for name in re.findall(r"`([A-Z]\d\d)`", row)}
    assert [subject for subject in SUBJECTS if subject not in rules | reasons] == []
    assert rules & reasons == set()
