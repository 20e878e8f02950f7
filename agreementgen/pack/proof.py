"""The proof of wording: every branch of clauses and rows is drafted, and read by rules that no eye forgets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from agreementgen.document import Clause
from agreementgen.errors import AgreementError, Place, Problem
from agreementgen.findings import Finding
from agreementgen.language.deciding import can, reached, wish
from agreementgen.language.outcomes import Outcomes, decisions, recorded
from agreementgen.library.clauses import ClauseText, Row, Text
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline
from agreementgen.pack import wording
from agreementgen.pack.aiming import aimed
from agreementgen.pack.branches import Branches, Way, positioned
from agreementgen.pack.linting import at_index
from agreementgen.pack.reading_grade import MOST, grade
from agreementgen.pack.rules import finding

# So many wordings of a clause are graded: the grade changes little between branches.
_GRADED = 12
NO_KINDS: Mapping[str, bool] = {}


Progress = Callable[[str], None]


def unheard(what: str) -> None:
    """Tell nobody what is tried."""


@dataclass(frozen=True)
class Coverage:
    """What a proof has seen: texts, their different wordings, agreements drafted, and outcomes of conditions.

    Each condition has two outcomes, yes and no; `taken` of them came up.
    """

    clauses: int = 0
    rows: int = 0
    wordings: int = 0
    agreements: int = 0
    outcomes: int = 0
    taken: int = 0


class Proof:
    """Drafts `clauses` and `rows` of a library in all their branches, and whole agreements of `kinds`.

    These with their usual answers, and with each answer once where `kinds` says yes.
    `progress` is told what is tried next.
    """

    def __init__(
        self,
        library: Library,
        clauses: Collection[ClauseText],
        rows: Collection[Row],
        kinds: Mapping[str, bool] = NO_KINDS,
        thorough: bool = False,
        progress: Progress = unheard,
    ) -> None:
        self.library = library
        self.branches = Branches(library, thorough, self._failed)
        self.facts = library.shape()
        self.english = _is_english(library)
        self.found: dict[tuple[str, Place, str], Finding] = {}
        self.wordings = 0
        with recorded() as outcomes:
            for kind, around in kinds.items():
                progress(f"whole agreements: {kind}")
                self._kind(library.outlines[kind], around)
            for number, clause in enumerate(clauses, 1):
                progress(f"clause {number} of {len(clauses)}: {clause.id}")
                self._clause(clause)
            for number, row in enumerate(rows, 1):
                progress(f"row {number} of {len(rows)}: {row.id}")
                self._row(row)
            progress("branches that did not come up")
            for clause in clauses:
                self._aim(outcomes, clause.topic, clause.body, clause.when, clause)
            for row in rows:
                self._aim(outcomes, self._topic(row), row.says, row.when, None)
        taken, total = self._outcomes(outcomes, clauses, rows)
        self.coverage = Coverage(len(clauses), len(rows), self.wordings, self.branches.tried, total, taken)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(self.found.values())

    def _add(self, rule: str, message: str, hint: str, place: Place, about: str = "") -> None:
        """Note a finding once, however many branches have it; the first one is named."""
        said = finding(rule, message, hint, place)
        self.found.setdefault((rule, place, about or message), said)

    def _failed(self, way: Way, error: AgreementError) -> None:
        for problem in error.problems:
            rule = "P05" if "fit equally well" in problem.message else "P06"
            self._add(rule, _with(problem, way), problem.hint, problem.place, problem.message)

    def _kind(self, outline: Outline, around: bool) -> None:
        least, most = outline.parties
        for parties in range(least, most + 1):
            for short in (False, True):
                for answers in self.branches.around(outline.kind, parties) if around else ({},):
                    for _ in self.branches.made(outline.kind, parties, answers, short):
                        pass

    def _clause(self, source: ClauseText) -> None:
        count, place = 0, source.body.place
        hardest, text = 0.0, ""
        for way, clause in self.branches.wordings(source):
            self._read(source, way, clause)
            if count < _GRADED and (level := grade(said := wording.text_of_clause(clause))) > hardest:
                hardest, text = level, said
            count += 1
        if not count:
            hint = "look at its condition, its position, and whether an outline has its topic"
            self._add("P21", "no agreement that was tried has this clause", hint, source.place)
        if hardest > MOST and self.english:
            message = f"it takes {hardest:.0f} years of school to read, more than {MOST:.0f}: {text[:80]}…"
            self._add("P11", message, "make two sentences of a long one; take shorter words", place)
        self.wordings += count

    def _read(self, source: ClauseText, way: Way, clause: Clause) -> None:
        """Note what is wrong with one wording of a clause."""
        place = source.body.place
        for fault in wording.clause_faults(clause, way.parties):
            if fault.english and not self.english:
                continue
            two = wording.TWO_ONLY in fault.what
            hint = "write {{ 'the other party' if two else 'another party' }}" if two else ""
            where = _place_of(fault, source.body)
            self._add("P12" if two else "P13", f"{fault} ({way})", hint, where, fault.what)
        if over := wording.over_budget(clause, source):
            hint = 'shorten it, or raise "words" in its front matter'
            self._add("P09", f"{over} ({way})", hint, place, "over")

    def _row(self, source: Row) -> None:
        count = 0
        for way, label, runs in self.branches.rows(source):
            count += 1
            for fault in wording.row_faults(label, runs, way.parties):
                if fault.english and not self.english:
                    continue
                self._add("P13", f"{fault} ({way})", "", source.says.place, fault.what)
        if not count:
            self._add("P21", "no agreement that was tried prints this row", "look at its condition", source.place)
        self.wordings += count

    def _topic(self, row: Row) -> str:
        return next(name for name, topic in self.library.topics.items() if row in topic.rows)

    def _aim(self, outcomes: Outcomes, topic: str, text: Text, when: Text, clause: ClauseText | None) -> None:
        """Try answers made for the outcomes that did not come up by themselves."""
        base = wish(when.source, self.facts)
        more = positioned(clause) if clause else {}
        short = clause is not None and clause.position == "short"
        for number, condition in enumerate(reached(text.source, self.facts)):
            for outcome in (True, False):
                wishes = (*base, *condition.wishes(outcome))
                for kind in self.branches.kinds if topic else ():
                    if topic not in self.library.outline(kind).topics:
                        continue
                    for parties, answers in aimed(self.branches, kind, wishes):
                        if (number, outcome) in outcomes.taken[text.source]:
                            break
                        for way, document in self.branches.made(kind, parties, {**more, **answers}, short):
                            for made in document.clauses:
                                if clause and made.id == clause.id:
                                    self._read(clause, way, made)

    def _outcomes(self, outcomes: Outcomes, clauses: Collection[ClauseText], rows: Collection[Row]) -> tuple[int, int]:
        """Return how many outcomes came up, and how many there are; note those that did not."""
        taken = total = 0
        texts = {text.source: (text, when) for text, when in (*_bodies(clauses), *_sayings(rows))}
        for text, when in texts.values():
            base = wish(when.source, self.facts)
            asked = reached(text.source, self.facts)
            for number, decision in enumerate(decisions(text.source, text.place)):
                for outcome in (True, False):
                    if not can((*base, *asked[number].wishes(outcome))):
                        continue  # the other rules say so
                    total += 1
                    if (number, outcome) in outcomes.taken[text.source]:
                        taken += 1
                    else:
                        word = "holds" if outcome else "fails"
                        message = f'in no agreement that was tried "{decision.condition}" {word}'
                        hint = "look whether it can; a test with its facts shows the branch"
                        self._add("P20", message, hint, decision.place)
        return taken, total


def _bodies(clauses: Collection[ClauseText]) -> list[tuple[Text, Text]]:
    return [(clause.body, clause.when) for clause in clauses]


def _sayings(rows: Collection[Row]) -> list[tuple[Text, Text]]:
    return [(row.says, row.when if not row.each else Text("", row.place)) for row in rows]


def _place_of(fault: wording.Fault, text: Text) -> Place:
    """Return where the words of a fault are written, or where the text begins."""
    index = text.source.find(fault.found) if len(fault.found) > 2 else -1
    return at_index(text, index) if index >= 0 else text.place


def _with(problem: Problem, way: Way) -> str:
    return f"{problem.message} ({way})"


def _is_english(library: Library) -> bool:
    return all(pack.language.split("-")[0] in ("", "en") for pack in library.packs)
