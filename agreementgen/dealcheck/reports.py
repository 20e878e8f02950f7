"""What the deal check says: lines for people, JSON for programs, SARIF 2.1.0 for editors and code hosts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

from agreementgen import __version__
from agreementgen.core.problems import SEVERITY_WORDS, Problem, Severity, count_noun, problem_to_json
from agreementgen.dealcheck.judging import DealReport, Finding
from agreementgen.dealcheck.needs import ANSWERED_BY
from agreementgen.dealcheck.rules import Rule, RuleBook

NOT_COVERED = (
    "They do not cover taxes, employment, licenses of trades beyond the fields a deal file names, the antitrust law of "
    "single markets, or laws outside the United States, Canada, the European Union and the United Kingdom."
)
_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


@dataclass(frozen=True)
class CheckedDeal:
    """A deal file with all that checking it found: `others` are problems that are not of the deal check's rules."""

    name: str
    fact_count: int
    report: DealReport
    others: tuple[Problem, ...] = ()

    @property
    def counts(self) -> dict[Severity, int]:
        """How many problems there are of each severity, those that somebody overrode left out."""
        others = [problem.severity for problem in (*self.report.remarks, *self.others)]
        return {severity: self.report.count(severity) + others.count(severity) for severity in SEVERITY_WORDS}


def count_in_words(report: DealReport) -> str:
    """Return "1 error, 2 warnings" for the findings nobody overrode; "" for none."""
    return _counts_in_words({severity: report.count(severity) for severity in SEVERITY_WORDS})


def _counts_in_words(counts: Mapping[Severity, int]) -> str:
    return ", ".join(count_noun(count, SEVERITY_WORDS[severity]) for severity, count in counts.items() if count)


def sum_up(report: DealReport) -> str:
    """Return the counts and the worst finding in one line, "" where there is none: "2 warnings; worst A16: ..."."""
    worst = next((finding.problem for finding in report.findings if not finding.override), None)
    return f"{count_in_words(report)}; worst {worst.code}: {worst.message}" if worst else ""


def describe_scope(book: RuleBook) -> str:
    """Return what may not be read into silence."""
    day = f", sources as of {_day_in_words(book.as_of)}" if book.as_of else ""
    return (
        f"{count_noun(len(book.rules), 'rule')}{day}. {NOT_COVERED} No finding is no approval: have a lawyer read the "
        "agreement."
    )


def describe_checked_deal(checked: CheckedDeal) -> Iterator[str]:
    """Yield the lines about one deal: its findings worst first, what could not be judged, and the counts."""
    report = checked.report
    lines = [(finding.problem.severity, tuple(_describe_finding(finding))) for finding in report.findings]
    lines += [
        (problem.severity, tuple(problem.describe_with_code().split("\n")))
        for problem in (*report.remarks, *checked.others)
    ]
    for severity in SEVERITY_WORDS:
        yield from (line for found, described in lines if found == severity for line in described)
    needs: dict[str, list[str]] = {}
    for unjudged in report.unjudged:
        for need in unjudged.needs:
            needs.setdefault(_need_in_words(need), []).append(unjudged.rule.id)
    if needs:
        listed = "; ".join(f"{', '.join(rules)} (needs {need})" for need, rules in needs.items())
        yield f"{checked.name}: could not be judged: {listed}"
    said = _counts_in_words(checked.counts) or "no problems"
    yield f"{checked.name}: {said}; {count_noun(checked.fact_count, 'fact')}"


def _describe_finding(finding: Finding) -> Iterator[str]:
    rule, override = finding.rule, finding.override
    said, *hint = finding.problem.describe_with_code().split("\n")
    if override:
        yield f"overridden by {override.reviewer} on {_day_in_words(override.day)} ({override.reason}): {said}"
        yield from hint
        return
    yield said
    yield from hint
    if finding.why:
        yield f"  why: {finding.why}"
    if rule.source:
        yield f"  source: {_source_in_words(rule)}"


def _need_in_words(need: str) -> str:
    return "the day: --today" if need == "today" else ANSWERED_BY.get(need, need).replace("_", " ")


def _source_in_words(rule: Rule) -> str:
    return f"{rule.source} (looked up {_day_in_words(rule.looked_up)})" if rule.looked_up else rule.source


def _day_in_words(day: date | None) -> str:
    return day.isoformat() if day else ""


def describe_rule(rule: Rule) -> Iterator[str]:
    """Yield a whole rule in lines, with the override a deal file would need."""
    kinds = ", ".join(rule.kinds) if rule.kinds else "all kinds of agreement"
    yield f"{rule.id}, version {rule.version}: {SEVERITY_WORDS[rule.severity]}, for {kinds}"
    yield f"says: {rule.says.text}"
    if rule.why.text:
        yield f"why: {rule.why.text}"
    if rule.suggestion.text:
        yield f"suggestion: {rule.suggestion.text}"
    yield f"fires when: {rule.when.text}" + (f", for each of {rule.each}" if rule.each else "")
    if rule.needs:
        yield f"cannot judge without: {', '.join(_need_in_words(need) for need in rule.needs)}"
    if rule.uses_today:
        yield "cannot judge without: --today"
    yield f"rests on: {rule.basis}"
    if rule.source:
        yield f"source: {_source_in_words(rule)}"
    if rule.begins:
        yield f"in force from {_day_in_words(rule.begins)}"
    if rule.ends:
        yield f"in force until {_day_in_words(rule.ends)}"
    yield f"written in: {rule.place}"
    if rule.severity == "E":
        yield "It stops the documents. Somebody who answers for the deal can override it in the deal file:"
        yield "  overrides:"
        yield (
            f"    - {{rule: {rule.id}, version: {rule.version}, covers: FIELD, reviewer: NAME, "
            "reason: WHY THE DEAL STANDS, date: YEAR-MONTH-DAY}"
        )
        yield "FIELD is where the finding stands, or words of it; another finding of the rule still stops."


# -- for programs


def checked_deal_to_json(checked: CheckedDeal, book: RuleBook) -> dict[str, object]:
    """Return the findings of a deal as plain data."""
    report = checked.report
    return {
        "file": checked.name,
        "facts": checked.fact_count,
        "errors": checked.counts["E"],
        "warnings": checked.counts["W"],
        "notes": checked.counts["N"],
        "findings": [_finding_to_json(finding) for finding in report.findings],
        "other problems": [_weighed_problem_to_json(problem) for problem in (*report.remarks, *checked.others)],
        "not judged": [{"rule": one.rule.id, "needs": list(one.needs)} for one in report.unjudged],
        "rules": {"checked": report.checked, "as of": _day_in_words(book.as_of)},
        "not covered": NOT_COVERED,
    }


def _weighed_problem_to_json(problem: Problem) -> dict[str, object]:
    return {**problem_to_json(problem), "severity": problem.severity}


def _finding_to_json(finding: Finding) -> dict[str, object]:
    rule, override = finding.rule, finding.override
    return {
        **_weighed_problem_to_json(finding.problem),
        "version": rule.version,
        "why": finding.why,
        "basis": rule.basis,
        "source": rule.source,
        "looked up": _day_in_words(rule.looked_up),
        "override": override
        and {
            "covers": override.covers,
            "reviewer": override.reviewer,
            "reason": override.reason,
            "date": _day_in_words(override.day),
        },
    }


def reports_to_sarif(checked: Sequence[CheckedDeal]) -> dict[str, object]:
    """Return the findings of deals as one SARIF 2.1.0 run (OASIS standard of 2023, with errata 01)."""
    findings = [finding for deal in checked for finding in deal.report.findings]
    rules = {finding.rule.id: finding.rule for finding in findings}
    ids = sorted(rules)
    driver = {
        "name": "agreementgen",
        "version": __version__,
        "rules": [_rule_to_sarif(rules[rule_id]) for rule_id in ids],
    }
    return {
        "$schema": _SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [
                    *(_finding_to_sarif(finding, ids.index(finding.rule.id)) for finding in findings),
                    *(
                        _problem_to_sarif(problem)
                        for deal in checked
                        for problem in (*deal.report.remarks, *deal.others)
                    ),
                ],
            }
        ],
    }


def _rule_to_sarif(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.why.text or rule.says.text},
        "help": {"text": rule.suggestion.text or "Look at it."},
        "defaultConfiguration": {"level": SEVERITY_WORDS[rule.severity]},
        "properties": {"basis": rule.basis, "source": rule.source, "lookedUp": _day_in_words(rule.looked_up)},
    }


def _finding_to_sarif(finding: Finding, rule_index: int) -> dict[str, object]:
    result = {**_problem_to_sarif(finding.problem), "ruleIndex": rule_index}
    if override := finding.override:
        reason = f"{override.reviewer}, {_day_in_words(override.day)}: {override.reason}"
        result["suppressions"] = [{"kind": "external", "justification": reason}]
    return result


def _problem_to_sarif(problem: Problem) -> dict[str, object]:
    text = f"{problem.field}: {problem.message}" if problem.field else problem.message
    place = problem.place
    from urllib.parse import quote  # only SARIF has addresses

    uri = quote(PurePath(place.file).as_posix(), errors="surrogateescape")
    physical: dict[str, object] = {"artifactLocation": {"uri": uri}}
    if place.line:
        physical["region"] = {"startLine": place.line, "startColumn": place.column}
    return {
        "ruleId": problem.code,
        "level": SEVERITY_WORDS[problem.severity],
        "message": {"text": f"{text} Hint: {problem.hint}." if problem.hint else text},
        "locations": [{"physicalLocation": physical}],
    }
