"""Every rule of the deal check fires on the deals its own tests name, and is silent on the others."""

from __future__ import annotations

import pytest

from agreementgen.authoring.rule_proof import run_rule_tests
from agreementgen.dealcheck.rules import read_rule_book
from agreementgen.sources import open_library

LIBRARY = open_library(())


@pytest.mark.parametrize("rule", read_rule_book(LIBRARY).rules, ids=lambda rule: rule.id)
def test_a_rule_fires_and_is_silent_as_its_tests_say(rule) -> None:  # type: ignore[no-untyped-def]
    assert [str(problem) for problem in run_rule_tests(LIBRARY, (rule,))] == []
