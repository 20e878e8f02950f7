"""The contents of a memo: what a deal, its clauses, its check, its dates and its chart have to say to a lawyer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from agreementgen.core.document import Document, Paragraph, Table, TermRow, text_of_runs
from agreementgen.core.problems import Problem, Severity, count_noun
from agreementgen.core.values import Percent, Unreadable, format_day, format_month, format_short_day
from agreementgen.dates.key_dates import KeyDate
from agreementgen.deal.deal import Answer, Deal, Party, find_fact
from agreementgen.deal.question_types import read_answer
from agreementgen.deal.questions import AnswerContext, FactsView
from agreementgen.dealcheck.judging import DealReport, Finding
from agreementgen.dealcheck.reports import NOT_COVERED, count_in_words
from agreementgen.dealcheck.rules import RuleBook
from agreementgen.draft.drafting import context_of_document, fill_facts_as_text
from agreementgen.draft.selection import Selection
from agreementgen.language.conditions import read_condition
from agreementgen.library.library import Library
from agreementgen.library.topics import ClauseText
from agreementgen.memo.confirmations import list_confirmations
from agreementgen.memo.sections import (
    CheckList,
    Memo,
    MemoBlock,
    MemoSection,
    SignatureLines,
    make_table,
    say,
    say_all,
)
from agreementgen.memo.wording import PathNames, path_of_default, value_in_words
from agreementgen.yamlfile.nodes import Node, ScalarNode, SequenceNode

# Parts that are for the lawyer's side alone.
INTERNAL_SECTIONS = ("positions", "clauses", "sign-off")
# Topics whose rows of the key terms say what is paid or put in.
MONEY_TOPICS = (
    "financial", "prices", "goods", "minimums", "tiers", "contributions", "ownership", "distributions", "alliance",
)  # fmt: skip
# Rows of these topics that are about the handling of money, not about how much.
_NO_SUMS = ("payment", "tracking", "deductions", "late", "loss", "starting_tier")
# Rows of another topic that say what the one who runs a venture is paid.
_PAY_OF_MANAGER = ("manager", "officers")
_NO_FALL_BACK = "None named."
# Longer tables are left to their schedule.
_MOST_LINES_OF_A_TABLE = 8
_DIGEST_LETTERS = 12
# How the selection ends its reason for a wording whose position nobody asked for.
_OTHER_WORDING = "variant, not needed here"
# How it begins that for a clause whose condition does not hold.
_NOT_SO = "not so here: "
_SEVERITY_WORDS: Mapping[Severity, str] = {"E": "Stops the deal", "W": "Warning", "N": "Note"}
# Notes of these dates are read before the day, or too late.
_DATES_WITH_NOTES = ("pilot-end", "renewal-notice")


@dataclass(frozen=True)
class MemoFacts:
    """All that a memo is made of.

    `document` is the agreement as it is drafted, `digests` the SHA-256 (hex) of its files by format. `other_problems`
    are remarks of reading the deal file, `chart_problems` those of the RACI review.
    """

    deal: Deal
    library: Library
    selection: Selection
    document: Document
    digests: Mapping[str, str]
    report: DealReport
    book: RuleBook
    dates: Sequence[KeyDate]
    other_problems: Sequence[Problem] = ()
    chart_problems: Sequence[Problem] = ()
    today: date | None = None


def write_contents(facts: MemoFacts, for_client: bool = False) -> Memo:
    """Return the memo about a deal; `for_client` leaves the internal parts out."""
    document = facts.document
    names = " and ".join(box.short for box in document.parties)
    sections = tuple(_Contents(facts, for_client).each_section())
    if for_client:
        sections = tuple(section for section in sections if section.id not in INTERNAL_SECTIONS)
    return Memo(
        title="Review memo",
        of=f"{document.title}: {names}",
        sections=sections,
        footer=_footer_of(facts),
        language=document.language,
        paper=document.paper,
        dated=document.dated,
    )


def _footer_of(facts: MemoFacts) -> str:
    files = ", ".join(f"{name.upper()} {digest[:_DIGEST_LETTERS]}" for name, digest in facts.digests.items())
    rules = f" · rules as of {facts.book.as_of.isoformat()}" if facts.book.as_of else ""
    return f"{facts.document.footer} · SHA-256 {files}{rules}"


class _Contents:
    """Writes the sections of one memo."""

    def __init__(self, facts: MemoFacts, for_client: bool) -> None:
        self._facts = facts
        self._deal = facts.deal
        self._for_client = for_client
        self._names = PathNames(facts.deal, facts.library)

    def each_section(self) -> Iterator[MemoSection]:
        for id, title, blocks in (
            ("notice", "What this is, and what is asked of you", self._each_of_notice()),
            ("deal", "The deal in five lines", self._each_of_deal()),
            ("parties", "Parties", self._each_of_parties()),
            ("positions", "Who is favored, topic by topic, and the next fall-back", self._each_of_positions()),
            ("unusual", "Terms that are not the usual ones", self._each_of_unusual()),
            ("usual", "Answers that nobody typed (usual terms taken)", self._each_of_usual()),
            ("findings", "Findings of the deal check, worst first", self._each_of_findings()),
            ("not-judged", "What could not be judged", self._each_of_unjudged()),
            ("special", "Special terms, word for word", self._each_of_special()),
            ("clauses", "Clauses used and left out", self._each_of_clauses()),
            ("confirm", "What only a person can confirm", self._each_of_confirmations()),
            ("dates", "Dates", self._each_of_dates()),
            ("raci", "RACI chart", self._each_of_chart()),
            ("sign-off", "Sign-off", self._each_of_sign_off()),
        ):
            yield MemoSection(id, title, tuple(blocks))

    # -- what it is about

    def _each_of_notice(self) -> Iterator[MemoBlock]:
        yield say(
            "A program drafted the agreement from a deal file and lists here what is in it; whether the deal is sound "
            "is for people to judge.",
            "Not legal advice.",
        )
        if self._for_client:
            asked = (
                "Read the agreement with this memo, correct what is wrong in the deal, tick what you can confirm, and "
                "take both to your lawyer before anybody signs."
            )
        else:
            asked = "Read the agreement named at the foot; settle the findings; confirm what has a box; sign off."
        yield say(asked, "What is asked.")

    def _each_of_deal(self) -> Iterator[MemoBlock]:
        rows = (
            ("Parties", "; ".join(self._describe_party_shortly(party) for party in self._deal.parties)),
            (
                "Purpose",
                self._text_of_rows("purpose") or value_in_words(find_fact("scope.purpose", self._deal.facts), ""),
            ),
            ("Money", self._describe_money()),
            ("Term", self._describe_term()),
            ("Law", self._text_of_rows("law")),
        )
        yield make_table((), rows, (9, 91))

    def _text_of_rows(self, *ids: str) -> str:
        return "; ".join(text_of_runs(row.runs) for row in self._facts.document.rows if row.id in ids)

    def _describe_party_shortly(self, party: Party) -> str:
        role = party.facts.get("role")
        name = party.name if party.name == party.short else f"{party.name} ({party.short})"
        return f"{name}, {role}" if role else name

    def _describe_money(self) -> str:
        topics = self._facts.library.topics
        ids = {term.id for topic in MONEY_TOPICS if topic in topics for term in topics[topic].terms} - {*_NO_SUMS}
        if find_fact("governance.pay", self._deal.facts):
            ids |= {*_PAY_OF_MANAGER}
        rows = [row for row in self._facts.document.rows if row.id in ids]
        said = "; ".join((*(f"{row.label}: {self._sums_of(row)}" for row in rows), *self._each_sum_besides()))
        return said or value_in_words(find_fact("financial.model", self._deal.facts), self._deal.language) or "None"

    def _each_sum_besides(self) -> Iterator[str]:
        """Yield what clauses alone say of money: what is paid besides, and what a venture may call up."""
        facts, language = self._deal.facts, self._deal.language
        for one in find_fact("promises.other_payments", facts) or ():
            amount, counted = value_in_words(one["amount"], language), value_in_words(one["counted"], language)
            each = "" if one["counted"] == "once" else f" for each {counted}"
            is_part = isinstance(one["amount"], Percent)
            what = f" of {one['for']}{each}" if is_part else f"{each} for {one['for']}"
            most = f", at most {value_in_words(one['most'], language)} in all" if one.get("most") else ""
            yield f"Besides: {one['from']['short']} pays {one['to']['short']} {amount}{what}{most}"
        if more := find_fact("contributions.more", facts):
            yield f"On call: up to {value_in_words(more, language)} more in all"

    def _sums_of(self, row: TermRow) -> str:
        """Return what a row says; of one that points to a schedule, what it would say without."""
        text = next(text for topic in self._facts.library.topics.values() for text in topic.terms if text.id == row.id)
        tables = [
            block
            for schedule in self._facts.document.schedules
            if schedule.id == text.schedule
            for block in schedule.blocks
            if isinstance(block, Table)
        ]
        if not tables or sum(len(table.rows) for table in tables) > _MOST_LINES_OF_A_TABLE or text.each:
            return text_of_runs(row.runs)
        context, _ = context_of_document(self._deal, self._facts.selection, self._facts.document)
        return fill_facts_as_text(text.says, context)

    def _describe_term(self) -> str:
        effective = self._facts.document.effective
        pilot, term = self._text_of_rows("pilot"), self._text_of_rows("term")
        return "; ".join(filter(None, (effective, term, pilot and f"Pilot: {pilot}")))

    # -- parties

    def _each_of_parties(self) -> Iterator[MemoBlock]:
        head = ("Party", "Entity and state", "Signs", "Authority", "Regulated fields", "Operates in")
        yield make_table(head, tuple(self._each_party_row()), (22, 20, 23, 11, 13, 11))

    def _each_party_row(self) -> Iterator[tuple[str, ...]]:
        for party in self._deal.parties:
            facts, language = party.facts, self._deal.language
            form = value_in_words(facts.get("legal_form"), language) or str(facts.get("entity") or "")
            state = value_in_words(facts.get("formed_in"), language)
            signers = [
                signer for key in ("signatory", "second_signatory") if isinstance(signer := facts.get(key), Mapping)
            ]
            yield (
                party.name,
                ", ".join(filter(None, (form, state))),
                "; ".join(_signer_in_words(signer) for signer in signers),
                "; ".join(_authority_in_words(signer) for signer in signers),
                value_in_words(facts.get("regulated_fields"), language) or "none named",
                value_in_words(facts.get("operates_in"), language) or "not given",
            )

    # -- positions

    def _each_of_positions(self) -> Iterator[MemoBlock]:
        clauses = self._facts.selection.clauses
        rows = tuple(
            (
                self._facts.library.topics[clause.topic].title,
                self._describe_position(clause),
                self._fall_back_from(clause) or _NO_FALL_BACK,
            )
            for clause in clauses
        )
        if any(clause.position not in ("balanced", "short") for clause in clauses):
            yield make_table(("Topic", "Worded", "If it is refused, fall back to"), rows, (25, 15, 60))
            return
        # A column of one word sixteen times would say less in more room.
        yield say("No side, by position: every clause is worded balanced. Where one is refused, fall back to:")
        yield say_all((f"{topic}:", fall_back) for topic, _, fall_back in rows if fall_back != _NO_FALL_BACK)
        if without := [topic for topic, _, fall_back in rows if fall_back == _NO_FALL_BACK]:
            yield say(f"{', '.join(without)}.", "None named for:")

    def _fall_back_from(self, clause: ClauseText) -> str:
        """Return the advice on what to offer instead, "" where it does not fit the deal."""
        advice = clause.guidance
        fits = read_condition(advice.falls_back_when.text).holds(self._deal.facts, advice.falls_back_when.place)
        return advice.fall_back_to if fits else ""

    def _describe_position(self, clause: ClauseText) -> str:
        parties = self._deal.parties
        match clause.position:
            case "pro-first":
                return f"favors {parties[0].short}"
            case "pro-second":
                return f"favors {parties[1].short}"
            case "short":
                return "balanced, short"
        return clause.position

    # -- answers

    def _each_of_unusual(self) -> Iterator[MemoBlock]:
        found = dict(self._each_unusual())
        # What is said of a whole group is not said again of its parts.
        rows = tuple(row for path, row in found.items() if not any(path.startswith(f"{other}.") for other in found))
        if rows:
            yield make_table(("Term", "In this deal", "Usual"), rows, (24, 42, 34))
        else:
            yield say("None: every answer that has a usual one is the usual one.")

    def _each_unusual(self) -> Iterator[tuple[str, tuple[str, str, str]]]:
        """Yield the path and the row of each answer that is not the usual one."""
        form = self._facts.library.form_of(self._facts.library.outline_of_deal(self._deal))
        language = self._deal.language
        context = AnswerContext(str(self._deal.facts["currency"]), {})
        for answer in self._deal.answers:
            node = form.usual_answer(path_of_default(answer), answer.question, self._deal.facts)
            if not answer.typed or node is None or not answer.question.printed or answer.question.type.names_party:
                continue
            # Every deal has a day and entries of its own: those are no departures.
            if answer.path == "effective" or path_of_default(answer) != answer.path:
                continue
            usual = _read_usual(answer, node, context)
            if usual is None or usual == answer.value or (usual == "yes" and isinstance(answer.value, Mapping)):
                continue
            here = value_in_words(answer.value, language)
            row = self._names.name_whole(answer.path), here, value_in_words(usual, language) or "none"
            yield answer.path, row

    def _each_of_usual(self) -> Iterator[MemoBlock]:
        by_topic: dict[str, list[str]] = {}
        unprinted: list[str] = []
        for answer in self._deal.answers:
            if answer.typed or isinstance(answer.value, Mapping) or (self._for_client and answer.path == "position"):
                continue
            said = value_in_words(answer.value, self._deal.language)
            if not answer.question.printed:
                unprinted.append(f"{self._names.name_whole(answer.path)} {said}")
                continue
            topic, name = self._names.topic_of(answer.path), self._names.name_inside_topic(answer.path)
            by_topic.setdefault(topic, []).append(said if name == topic.lower() else f"{name} {said}")
        parts = [*by_topic.items(), *((("Not printed", unprinted),) if unprinted else ())]
        if parts:
            yield say_all((f"{topic}:", "; ".join(said) + ".") for topic, said in parts)
        else:
            yield say("None: everything was typed.")

    # -- findings

    def _each_of_findings(self) -> Iterator[MemoBlock]:
        report, book = self._facts.report, self._facts.book
        counts = count_in_words(report) or "none found"
        as_of = f" of {format_month(book.as_of, self._deal.language)}" if book.as_of else ""
        day = f" Judged by {format_day(self._facts.today, self._deal.language)}." if self._facts.today else ""
        yield say(
            f"{count_noun(report.checked, 'rule')}{as_of}; these do not replace a lawyer. {NOT_COVERED} No finding is "
            f"no approval.{day} Found: {counts}.",
            "Checked:",
        )
        for finding in report.findings:
            yield self._describe_finding(finding)
        for problem in (*report.remarks, *self._facts.other_problems):
            yield self._describe_problem(problem)

    def _describe_problem(self, problem: Problem) -> Paragraph:
        where = f" ({self._names.name_whole(problem.field)})" if problem.field else ""
        remedy = f" Suggestion: {_end_sentence(problem.hint)}" if problem.hint else ""
        lead = f"{_SEVERITY_WORDS[problem.severity]} {problem.code}."
        message = problem.message.removesuffix(".") + where
        return say(f"{_begin_sentence(_end_sentence(message))}{remedy}", lead)

    def _describe_finding(self, finding: Finding) -> Paragraph:
        problem, rule, override = finding.problem, finding.rule, finding.override
        language = self._deal.language
        where = f" ({self._names.name_whole(problem.field)})" if problem.field else ""
        parts = [_end_sentence(problem.message.removesuffix(".") + where)]
        # A note is only worth a look: its remedy says enough.
        if finding.why and problem.severity != "N":
            parts.append(f"Why: {_end_sentence(finding.why)}")
        if problem.hint:
            parts.append(f"Suggestion: {_end_sentence(problem.hint)}")
        looked_up = f", looked up {format_day(rule.looked_up, language)}" if rule.looked_up else ""
        if rule.source:
            parts.append(f"Source: {_end_sentence(f'{rule.source}{looked_up}')}")
        lead = f"{_SEVERITY_WORDS[problem.severity]} {rule.id} ({rule.basis})."
        if override:
            day = format_day(override.day, language)
            parts.append(
                f"Overridden for version {override.version} of the rule by {override.reviewer} on {day}: "
                f"{_end_sentence(override.reason)}"
            )
            lead = f"Overridden {rule.id} ({rule.basis})."
        return say(" ".join(parts), lead)

    def _each_of_unjudged(self) -> Iterator[MemoBlock]:
        needs: dict[str, list[str]] = {}
        for one in self._facts.report.unjudged:
            for need in one.needs:
                needs.setdefault(self._names.name_of_need(need), []).append(one.rule.id)
        if needs:
            said = "; ".join(f"{need} (for {', '.join(rules)})" for need, rules in needs.items())
            yield say(f"{said}.", "Nobody said what these rules have to know:")
        else:
            yield say("Nothing: every rule for such a deal had the facts it needs.")

    def _each_of_special(self) -> Iterator[MemoBlock]:
        terms = self._deal.facts.get("special_terms") or ()
        for number, term in enumerate(terms, 1):
            yield say(str(term), f"{number}.")
        if not terms:
            yield say("None.")

    # -- clauses

    def _each_of_clauses(self) -> Iterator[MemoBlock]:
        verdicts = self._facts.selection.verdicts
        chosen = [verdict for verdict in verdicts if verdict.chosen]
        used: dict[str, list[str]] = {}
        for verdict in chosen:
            reason = self._names.explain_condition(verdict.clause.when.text)
            used.setdefault(reason, []).append(self._describe_clause(verdict.clause))
        reviewed = (
            "" if all(v.clause.reviewed[0] for v in chosen) else " No lawyer has reviewed those without a day yet."
        )
        yield say(f"{_join_by_reason(used)}.{reviewed}", "Used, and why.")
        others = [verdict.clause for verdict in verdicts if verdict.reason.endswith(_OTHER_WORDING)]
        if others:
            yield say(f"{_join_variants(others, len(chosen))}.", "Other wordings of these, not needed.")
        left_out = [
            (verdict.clause, self._explain_absence(verdict.reason))
            for verdict in verdicts
            if not verdict.chosen and verdict.clause not in others
        ]
        told = {name for clause, reason in left_out if clause.position == "balanced" for name in (clause.id, reason)}
        unfit: dict[str, list[str]] = {}
        for clause, reason in left_out:
            base = clause.id.removesuffix(f"-{clause.position}")
            # A wording of a clause that is left out, too, needs no word of its own.
            if clause.position == "balanced" or not {base, reason} & told:
                unfit.setdefault(reason, []).append(clause.id)
        if unfit:
            yield say(f"{_join_by_reason(unfit)}.", "Left out, with their other wordings.")

    def _explain_absence(self, reason: str) -> str:
        lead, _, condition = reason.partition(_NOT_SO)
        return self._names.explain_condition(condition) if condition and not lead else reason

    def _describe_clause(self, clause: ClauseText) -> str:
        position = "" if clause.position == "balanced" else f" {clause.position}"
        by, on = clause.reviewed
        reviewed = f" reviewed {on} by {by}" if by else ""
        return f"{clause.id} v{clause.version}{position}{reviewed}"

    # -- what is left to do

    def _each_of_confirmations(self) -> Iterator[MemoBlock]:
        needs = [self._names.name_of_need(need) for one in self._facts.report.unjudged for need in one.needs]
        yield CheckList(tuple(dict.fromkeys(list_confirmations(self._deal, self._facts.report, needs))))

    def _each_of_dates(self) -> Iterator[MemoBlock]:
        dates, language = self._facts.dates, self._deal.language
        tasks = [one for one in dates if one.id.startswith("task-")]
        others = [one for one in dates if not one.is_routine and one not in tasks]
        cells = [self._date_cells(one) for one in others if one.day]
        if len(cells) % 2:
            cells.append(("", ""))
        rows = tuple((*left, *right) for left, right in zip(cells[::2], cells[1::2], strict=True))
        yield make_table(("Day", "What", "Day", "What"), rows, (11, 39, 11, 39))
        waiting: dict[str, list[str]] = {}
        for one in others:
            if not one.day:
                waiting.setdefault(one.reason or one.how, []).append(one.what)
        for reason, whats in waiting.items():
            yield say(f"{'; '.join(whats)} ({reason}).", "No day yet.")
        by_day: dict[str, list[str]] = {}
        for task in tasks:
            if task.day:
                name = task.what.removeprefix("Task due: ")
                by_day.setdefault(format_short_day(task.day, language), []).append(name)
        if by_day:
            said = "; ".join(f"{day}: {', '.join(names)}" for day, names in by_day.items())
            yield say(f"{said}.", "Tasks of the RACI chart.")
        routine = [_describe_routine(one, language) for one in dates if one.is_routine]
        if routine:
            yield say("; ".join(routine) + ".", "Comes round.")
        notes = dict.fromkeys(
            one.note for one in dates if one.note.startswith(("Counted for", "A renewal", "An earlier"))
        )
        if notes:
            yield say(" ".join(notes), "Days counted from the end.")

    def _date_cells(self, one: KeyDate) -> tuple[str, str]:
        language, today = self._deal.language, self._facts.today
        # How often is in the calendar; here it would only break the line.
        again = f" ({one.repetition.words.split(',')[0]})" if one.repetition and len(one.repetition.days) > 1 else ""
        past = " (past)" if today and one.days and one.days[-1] < today else ""
        note = f". {one.note}" if one.note and one.id.startswith(_DATES_WITH_NOTES) else ""
        when = format_short_day(one.day, language) if one.day else ""
        return when, f"{one.what}{again}{past}{note}"

    def _each_of_chart(self) -> Iterator[MemoBlock]:
        if self._deal.matrix is None:
            yield say("The deal has no RACI chart.")
        elif not self._facts.chart_problems:
            yield say(
                "Nothing to remark: each task has one party that answers for it, and the chart fits the agreement."
            )
        for problem in self._facts.chart_problems:
            yield self._describe_problem(problem)

    def _each_of_sign_off(self) -> Iterator[MemoBlock]:
        version = str(self._deal.facts["version"])
        yield say(f"Of version {version} of the agreement, with the SHA-256 at the foot of this page, I")
        yield CheckList(("approve it", "approve it with the changes below", "advise not to sign it"), 3)
        yield SignatureLines(("Changes or reasons",))
        yield SignatureLines(("Name", "Signature", "Date"))


def _signer_in_words(signer: FactsView) -> str:
    return ", ".join(str(signer[key]) for key in ("name", "title") if signer.get(key))


def _authority_in_words(signer: FactsView) -> str:
    confirmed = signer.get("authority_confirmed")
    return "nobody said" if confirmed is None else "confirmed" if confirmed else "not confirmed"


def _read_usual(answer: Answer, node: Node, context: AnswerContext) -> Any:
    """Return the usual answer to a question, None where it cannot be compared."""
    question = answer.question
    try:
        match node:
            case ScalarNode() if question.is_group:
                return node.text
            case ScalarNode() if question.is_scalar:
                return read_answer(question, node.text, context)
            case SequenceNode(items) if all(isinstance(item, ScalarNode) for item in items):
                texts = [item.text for item in items if isinstance(item, ScalarNode)]
                return tuple(read_answer(question.item, text, context) for text in texts)
    except Unreadable:
        return None
    return None


def _join_by_reason(clauses: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(f"{', '.join(ids)} ({reason})" for reason, ids in clauses.items())


def _join_variants(clauses: Sequence[ClauseText], used: int) -> str:
    """Return wordings by position: "short: each; fallback or pro-first: brand, data"; "each" for all `used`."""
    positions: dict[str, list[str]] = {}
    for clause in clauses:
        positions.setdefault(clause.id.removesuffix(f"-{clause.position}"), []).append(clause.position)
    short = [base for base, found in positions.items() if "short" in found]
    bases = {"short": ["each"] if len(short) == used else short} if short else {}
    for base, found in positions.items():
        if others := sorted({*found} - {"short"}):
            bases.setdefault(" or ".join(others), []).append(base)
    return "; ".join(f"{position}: {', '.join(found)}" for position, found in bases.items())


def _describe_routine(one: KeyDate, language: str) -> str:
    if not one.day:
        return f"{one.what}: {one.reason}"
    again = f" {one.repetition.words.split(',')[0]}" if one.repetition and len(one.repetition.days) > 1 else ""
    return f"{one.what}{again} from {format_short_day(one.day, language)}"


def _begin_sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _end_sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."
