"""What "agreementgen pack check" looks for: each rule with its number, how grave it is, and what it means."""

from __future__ import annotations

from collections.abc import Mapping

from agreementgen.errors import Place
from agreementgen.findings import Finding, Severity

RULES: Mapping[str, tuple[Severity, str]] = {
    "P01": ("E", "A file cannot be read: a fact that does not exist, a tag that is not allowed, a wrong field."),
    "P02": ("W", "A question is asked, and no text, condition or figure uses the answer."),
    "P03": ("E", "A condition can never hold, so what stands behind it is never printed."),
    "P04": ("W", "A condition always holds, so its other branch is never printed."),
    "P05": ("E", "Two clauses of one topic fit the same deal equally well."),
    "P06": ("E", "A text cannot be filled in, or points to a clause, row or schedule that is not there."),
    "P07": ("W", "A word is written like a defined term, and nothing defines it."),
    "P08": ("W", "A term is defined in a clause, and no other text uses it; or it is defined twice."),
    "P09": ("E", "A clause prints more words than its budget."),
    "P10": ("W", "A clause has no budget of words."),
    "P11": ("W", "A clause is hard to read: its Flesch-Kincaid grade is over 13."),
    "P12": ("E", "A text speaks of two parties where there may be more."),
    "P13": ("W", "A printed text has a slip: two spaces, a straight quote, an archaic word, no stop at the end."),
    "P14": ("W", "A question has no prompt in the pack's language."),
    "P15": ("W", "A lawyer reviewed a clause more than a year ago, or on a day that is yet to come."),
    "P16": ("E", "A Word file lacks a style that documents use, or holds what is not allowed."),
    "P17": ("E", "One of the pack's own tests fails."),
    "P18": ("E", "A sample deal cannot be read or built."),
    "P19": ("W", "A sample deal builds with a warning."),
    "P20": ("W", "A condition came to only one of its two outcomes in all agreements that were tried."),
    "P21": ("E", "No agreement that was tried has this clause or row."),
    "P22": ("W", "The library's file under one of the pack's has changed since the pack was last compared with it."),
    "P23": ("N", "A clause has not been reviewed by a lawyer, or has no test."),
    "P24": ("W", "A Word file leaves something out, or names a font that a reader may not have."),
}


def finding(rule: str, message: str, hint: str, place: Place, field: str = "") -> Finding:
    """Return a finding with the severity of its rule."""
    return Finding(rule, RULES[rule][0], message, hint, field, place)
