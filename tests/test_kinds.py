"""Kinds of agreement, roles, positions, schedules and figures: what a library can say without any code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT
from deals import REFERENCE, reference
from test_library import Copy

from agreementgen import examples, pipeline
from agreementgen.core.document import Document, text_of_document, text_of_runs
from agreementgen.core.problems import InputError, PackError
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import Selection, select_clauses
from agreementgen.library.library import Library

KIND = """\
title: Studio Sharing Agreement
heading: "Studio Sharing Agreement for {{ scope.territory|phrase }}"
about: Two makers share a studio.
subtitle: "From {{ effective }}"
footer: Studio Sharing Agreement · {{ parties|listed }}
standard terms title: House rules
agreed: By signing, the parties agree to all pages.
layout: one-plus-one
parties: {least: 2, most: 2}
roles: {host: rents the studio, guest: works in it}
topics: [agreement, parties, scope, responsibilities, kiln, duration, termination, disputes, general]
required: [kiln]
needed: [scope.territory]
choices: {duration.renewal: [by agreement, none]}
defaults: {duration: {pilot: "no", term: 6 months, renewal: none}}
key terms: [kiln, purpose, term]
"""
KILN = """\
title: Kiln
about: Who fires when
questions:
  firings:
    type: list of groups
    prompt: Which firings are booked?
    needed: "yes"
    questions:
      what: {type: text, prompt: What is fired, needed: "yes", example: glaze}
      loads: {type: integer, prompt: How many loads, needed: "yes", example: "4"}
      price: {type: money, prompt: The price of a load, needed: "yes", example: $30}
  limit: {type: integer, prompt: The most loads a day, example: "2"}
key terms:
  - id: kiln
    label: Firings
    says: "{% for firing in kiln.firings %}{{ firing.loads }} x {{ firing.what }}{% if not loop.last %}; {% endif %}{% endfor %}"
    schedule: firings
schedules:
  - id: firings
    title: Firings
    each: kiln.firings
    from: 3
    columns:
      - {head: What, says: "{{ each.what|capital }}", width: 50}
      - {head: Loads, says: "{{ each.loads }}"}
      - {head: Price, says: "{{ each.price }}"}
    total: [Total, "", "{% if figures.firing_price %}{{ figures.firing_price }}{% endif %}"]
calculated:
  firing price: {label: Price of all firings, each: kiln.firings, multiply: [each.loads, each.price]}
contradictions:
  - when: kiln.limit == 0
    fact: kiln.limit
    says: a kiln that takes no loads needs no terms
    hint: write 1 or more
"""
CLAUSE = """\
---
id: kiln{name}
title: Kiln
version: 1
words: 60
{front}
guidance: {{why: Heat is shared last.}}
---
{{{{ host }}}} lends the kiln to {{{{ guest }}}} for the {{{{ term('kiln') }}}}{{% if scheduled('firings') %}}, as {{{{ schedule('firings') }}}} says{{% endif %}}. {says}
"""
DEAL = """\
agreement: studio
law: Oregon
venue: Lane County, Oregon
parties:
  - {name: Ash Clay LLC, short: Ash, entity: LLC, formed in: Oregon, address: 1 Mill Street, email: a@ash.example,
     signatory: {name: Ann Ash, title: Owner}}
  - {name: Birch Glaze LLC, short: Birch, entity: LLC, formed in: Oregon, address: 2 Mill Street, email: b@birch.example,
     signatory: {name: Bo Birch, title: Owner}}
scope: {purpose: Fire pots, territory: Eugene}
responsibilities: {Ash: [Heats the kiln], Birch: [Sweeps the floor]}
kiln:
  firings:
    - {what: bisque, loads: 3, price: $20}
"""
MORE = "    - {what: glaze, loads: 4, price: $30.50}\n    - {what: raku, loads: 1, price: $45}\n"


class Studio(Copy):
    """The built-in library with a seventh kind of agreement laid beside it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "templates/studio.yaml").write_text(KIND, encoding="utf-8")
        (folder / "clauses/kiln").mkdir()
        (folder / "clauses/kiln/topic.yaml").write_text(KILN, encoding="utf-8")
        self.clause("", "", "Balanced.")

    def clause(self, name: str, front: str, says: str) -> None:
        text = CLAUSE.format(name=name, front=front or "position: balanced", says=says)
        (self.folder / f"clauses/kiln/kiln{name}.md").write_text(text, encoding="utf-8")

    def selected(self, deal: str = DEAL, short: bool = False) -> Selection:
        library = self.load()
        read = pipeline.read(deal.encode(), "deal.yaml", library)
        return select_clauses(read, library, library.outline_of_kind("studio"), short)

    def document(self, deal: str = DEAL, schedules: bool = False) -> Document:
        library = self.load()
        read = pipeline.read(deal.encode(), "deal.yaml", library)
        outline = library.outline_of_kind("studio")
        return draft_agreement(read, library, outline, select_clauses(read, library, outline), schedules)

    def chosen(self, deal: str = DEAL, short: bool = False) -> str:
        return next(clause.id for clause in self.selected(deal, short).clauses if clause.topic == "kiln")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def test_a_seventh_kind_needs_no_code(studio: Studio) -> None:
    library = studio.load()
    built = pipeline.build(pipeline.read(DEAL.encode(), "deal.yaml", library), library, ("docx", "pdf", "txt"))
    text = " ".join(built.files["txt"].decode().split())
    assert text.startswith("Studio Sharing Agreement for Eugene ===")
    assert "Host; an Oregon limited liability company" in text
    assert "Ash lends the kiln to Birch for the Firings. Balanced." in text
    assert "6 months from the Effective date; no renewal" in text
    assert built.fitted.pages == 2, "its layout is one plus one"
    assert "House rules" in text


def test_a_kind_asks_only_what_is_its_own(studio: Studio) -> None:
    with pytest.raises(InputError) as refused:
        pipeline.read(
            (DEAL.replace(", territory: Eugene", "") + "leads: {a month: 5}\n").encode(), "d.yaml", studio.load()
        )
    problems = {problem.field: problem.message for problem in refused.value.problems}
    assert problems["leads"] == '"leads" is not asked in a studio agreement, only in: referral'
    assert problems["scope.territory"] == "this is missing", "needed: its question can be left out in other kinds"
    with pytest.raises(InputError, match="not one of the choices"):
        pipeline.read((DEAL + "duration: {renewal: automatic}\n").encode(), "d.yaml", studio.load())


def test_roles_go_by_order_unless_a_party_says_its_own(studio: Studio) -> None:
    swapped = DEAL.replace("short: Birch,", "short: Birch, role: host,")
    assert "Birch lends the kiln to Ash" in text_of_document(studio.document(swapped))
    double = swapped.replace("short: Ash,", "short: Ash, role: host,")
    with pytest.raises(InputError) as refused:
        pipeline.read(double.encode(), "deal.yaml", studio.load())
    assert [str(problem).split("\n")[0] for problem in refused.value.problems] == [
        'deal.yaml:7:49: parties.2.role: "host" is the role of an earlier party already'
    ]


def test_kinds_without_roles_do_not_ask_for_them(library: Library) -> None:
    with pytest.raises(InputError, match='"role" is not a fact'):
        pipeline.read(reference(("    entity: LLC", "    role: host\n    entity: LLC")).encode(), "deal.yaml", library)


# -- schedules and figures


def test_a_list_stands_in_the_table_until_it_is_long(studio: Studio) -> None:
    few = studio.document()
    assert not few.schedules
    assert "3 x bisque" in text_of_document(few)
    many = studio.document(DEAL + MORE)
    (schedule,) = many.schedules
    assert schedule.heading == "Schedule A. Firings"
    (table,) = schedule.blocks
    cells = [[text_of_runs(cell) for cell in row] for row in (table.head, *table.rows)]  # type: ignore[union-attr]
    assert cells == [
        ["What", "Loads", "Price"],
        ["Bisque", "3", "$20"],
        ["Glaze", "4", "$30.50"],
        ["Raku", "1", "$45"],
        ["Total", "", "$227"],
    ]
    assert table.widths == (50, 25, 25)  # type: ignore[union-attr]
    words = text_of_document(many)
    assert "Firings\nSee Schedule A" in words
    assert "for the Firings, as Schedule A says." in words
    assert "bisque" not in words.partition("Schedule A. ")[0], "a fact stands once"


def test_a_schedule_with_amounts_in_two_currencies_has_no_total(studio: Studio) -> None:
    document = studio.document(DEAL + MORE.replace("$45", "EUR 45"))
    assert "Total" not in text_of_document(document)


def test_expected_revenue_and_fees(library: Library) -> None:
    figures = pipeline.read(REFERENCE.encode(), "deal.yaml", library).facts["figures"]
    amounts = {name: value.amount for name, value in figures.items() if value is not None}
    assert amounts["expected_a_month"] == 20_000
    assert amounts["expected_a_year"] == 240_000
    assert amounts["fees_a_month"] == 2_000
    capped = pipeline.read(reference(("cap per client: $5,000", "cap per client: $600")).encode(), "d.yaml", library)
    assert capped.facts["figures"]["fees_a_month"].amount == 1_200
    flat = reference(("  fee: 10%\n  base: net collected revenue\n", "  fee: $250\n"), ("  window: 12 months\n", ""),
                     ("  cap per client: $5,000\n", ""),
                     ("  deductions: [sales tax, refunds, shipping, pass-through costs]\n", ""))  # fmt: skip
    assert pipeline.read(flat.encode(), "d.yaml", library).facts["figures"]["flat_fees_a_month"].amount == 500


def test_expected_revenue_is_printed_on_demand_as_an_estimate(library: Library) -> None:
    deal = pipeline.read(reference(("  close rate", "  print expected: yes\n  close rate")).encode(), "d.yaml", library)
    outline = library.outline_of_kind("referral")
    words = text_of_document(draft_agreement(deal, library, outline, select_clauses(deal, library, outline)))
    assert "$20,000 a month and $240,000 a year each way; an estimate, not a promise" in words


def test_contradictions_are_told_at_the_fact(studio: Studio) -> None:
    with pytest.raises(InputError) as refused:
        pipeline.read((DEAL + "  limit: 0\n").encode(), "deal.yaml", studio.load())
    (problem,) = refused.value.problems
    assert (
        str(problem)
        == "deal.yaml:14:10: kiln.limit: a kiln that takes no loads needs no terms\n  hint: write 1 or more"
    )


# -- positions and what stands beside what


def test_the_deal_chooses_the_position(studio: Studio) -> None:
    studio.clause("-first", "position: pro-first", "First.")
    studio.clause("-back", "position: fallback", "Back.")
    studio.clause("-short", "position: short", "Short.")
    assert studio.chosen() == "kiln"
    assert studio.chosen(DEAL + "position: pro-first\n") == "kiln-first"
    assert studio.chosen(DEAL + "position by topic: {kiln: fallback}\n") == "kiln-back"
    assert studio.chosen(DEAL + "position: pro-first\nposition by topic: {kiln: balanced}\n") == "kiln"
    assert studio.chosen(DEAL + "position: pro-second\n") == "kiln", "no such wording: the balanced one"
    assert studio.chosen(short=True) == "kiln-short"
    assert studio.chosen(DEAL + "position: pro-first\n", short=True) == "kiln-first", "a short one would change sides"


def test_a_position_that_does_not_fit_is_a_warning(studio: Studio) -> None:
    studio.clause("-first", "position: pro-first\nwhen: kiln.limit", "First.")
    found = studio.selected(DEAL + "position by topic: {kiln: pro-first}\n")
    assert [str(warning).split("\n")[0] for warning in found.warnings] == [
        'deal.yaml:14:27: position by topic.kiln: no "pro-first" wording of this topic fits the deal; '
        "the usual one is printed"
    ]
    assert not studio.selected(DEAL + "position: pro-first\n").warnings


PAIR_ONLY = reference(("agreement: referral", "agreement: referral\nposition: pro-first"))
THIRD = """  - name: Cedar Print Works LLC
    short: Cedar
    entity: LLC
    formed in: Maine
    address: 3 Pine Street, Portland, ME 04101
    email: c@cedar.example
    signatory: {name: Ana Cruz, title: Manager}

scope:"""


@pytest.mark.parametrize(("parties", "warned"), [(2, []), (3, ["position-without-effect"])])
def test_a_position_that_changes_nothing_is_a_warning(library: Library, parties: int, warned: list[str]) -> None:
    text = PAIR_ONLY
    if parties == 3:
        text = text.replace("\nscope:", "\n" + THIRD, 1).replace("\nleads:", "\n  Cedar: [Prints cards]\n\nleads:", 1)
    deal = pipeline.read(text.encode(), "deal.yaml", library, "")
    found = select_clauses(deal, library, library.outline_of_deal(deal)).warnings
    assert [warning.code for warning in found] == warned
    if warned:
        assert found[0].field == "position"
        assert found[0].message == 'no "pro-first" wording of any topic fits the deal; "position" changes nothing'


def test_a_clause_is_left_out_for_what_it_needs_or_cannot_stand_beside(studio: Studio) -> None:
    studio.clause("-rank", "rank: 50\nrequires: [restrictions]", "Needs restrictions.")
    assert studio.chosen() == "kiln"
    assert "it needs a clause about restrictions" in [v.reason for v in studio.selected().verdicts]
    studio.clause("-rank", "rank: 50\nrequires: [scope]\nconflicts: [disputes]", "Quarrels with disputes.")
    assert studio.chosen() == "kiln"
    assert "it cannot stand beside disputes" in [v.reason for v in studio.selected().verdicts]
    studio.clause("-rank", "rank: 50\nrequires: [scope]", "Needs scope.")
    assert studio.chosen() == "kiln-rank"


def test_a_clause_can_be_for_some_laws_only(studio: Studio) -> None:
    studio.clause("-oregon", "rank: 50\njurisdictions: [US-OR]", "Oregon.")
    assert studio.chosen() == "kiln-oregon"
    assert studio.chosen(DEAL.replace("law: Oregon", "law: Ohio")) == "kiln"
    studio.clause("-oregon", "rank: 50\njurisdictions: [US]", "America.")
    assert studio.chosen(DEAL.replace("law: Oregon", "law: Ohio")) == "kiln-oregon"


MISTAKES = [
    ("position: medium", '"medium" is not a position'),
    ("requires: [nothing]", '"nothing" is not a topic with clauses'),
    ("conflicts: [nobody]", '"nobody" is not a clause'),
    ("jurisdictions: [Oregon]", '"Oregon" is not a state or country'),
    ("reviewed: {by: Ann}", 'a review names who did it ("by") and when ("on")'),
    ("reviewed: {by: Ann, on: soon}", '"soon" is not a day'),
    ("tests: [{facts: {}}]", 'a test says what the clause "contains" or "lacks"'),
]


@pytest.mark.parametrize(("front", "message"), MISTAKES)
def test_mistakes_of_front_matter_are_told(studio: Studio, front: str, message: str) -> None:
    studio.clause("-wrong", f"{front}\nrank: 50", "x")
    assert any(problem.endswith(message) for problem in studio.problems())


LIBRARY_MISTAKES = [
    ("clauses/kiln/topic.yaml", "each: kiln.firings\n    from", "each: kiln.x\n    from", '"kiln.x" is not a list of the deal'),
    ("clauses/kiln/topic.yaml", "multiply: [each.loads", "multiply: [each.lods", '"each.lods" is not a fact'),
    ("clauses/kiln/topic.yaml", "multiply: [each.loads", "multiply: [each.what", '"each.what" is a text, which cannot be multiplied'),
    ("clauses/kiln/topic.yaml", "schedule: firings", "schedule: firing", '"firing" is not a schedule'),
    ("clauses/kiln/topic.yaml", "fact: kiln.limit", "fact: kiln.limt", '"kiln.limt" is not a question'),
    ("clauses/kiln/topic.yaml", "when: kiln.limit == 0", "when: kiln.lmit == 0", '"kiln.lmit" is not a fact'),
    ("clauses/kiln/topic.yaml", 'total: [Total, ""', "total: [Total", "the total has 2 cells, the table 3 columns"),
    ("clauses/kiln/topic.yaml", "width: 50", "width: 150", "the columns are wider than the page"),
    ("clauses/kiln/kiln.md", "schedule('firings')", "schedule('fires')", '"fires" is not a schedule'),
    ("templates/studio.yaml", "layout: one-plus-one", "layout: two", '"two" is not a layout'),
    ("templates/studio.yaml", "most: 2}", "most: 3}", "each party has one of the roles"),
    ("templates/studio.yaml", "[by agreement, none]", "[by agreement, never]", '"never" is not one of the choices of duration.renewal'),
    ("templates/studio.yaml", "choices: {duration.renewal", "choices: {duration.renew", '"duration.renew" is not a question'),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "message"), LIBRARY_MISTAKES)
def test_mistakes_of_topics_and_outlines_are_told(studio: Studio, file: str, old: str, new: str, message: str) -> None:
    studio.change(file, old, new)
    assert any(problem.endswith(message) for problem in studio.problems())


def test_ties_between_clauses_of_one_position_are_errors(studio: Studio) -> None:
    studio.clause("-one", "position: fallback", "One.")
    studio.clause("-two", "position: fallback", "Two.")
    with pytest.raises(PackError, match='"kiln-one" and "kiln-two" fit equally well'):
        studio.load()


# -- leaving out


def without(*topics: str) -> str:
    return reference(("agreement: referral", f"agreement: referral\nleave out: [{', '.join(topics)}]"))


def test_what_is_left_out_is_neither_printed_nor_asked(library: Library) -> None:
    deal = pipeline.read(without("brand", "disputes").encode(), "deal.yaml", library)
    built = pipeline.build(deal, library, ("txt",))
    headings = {clause.heading for clause in built.fitted.document.clauses}
    assert "Scope" in headings
    assert not headings & {"Brand and intellectual property", "Disputes and law"}
    assert "brand use" not in built.files["txt"].decode()
    assert not built.warnings


def test_what_is_left_out_cannot_be_answered(library: Library) -> None:
    with pytest.raises(InputError) as refused:
        pipeline.read(without("goals").encode(), "deal.yaml", library)
    (problem,) = refused.value.problems
    assert problem.field == "goals"
    assert problem.message == "this topic is left out, and yet answered"
    with pytest.raises(InputError, match='"general" is not one of the choices'):
        pipeline.read(without("general").encode(), "deal.yaml", library)


@pytest.mark.parametrize("kind", sorted(path.stem for path in (ROOT / "templates").glob("*.yaml")))
def test_any_topic_can_be_left_out(library: Library, kind: str) -> None:
    keys = list(library.optional_topics(library.outline_of_kind(kind)).values())
    for gone in ([], *([key] for key in keys), keys):
        deal = examples.make_example_deal(library, kind, {"leave out": gone or None})
        assert deal is not None
        outline = library.outline_of_deal(deal)
        for short in (False, True):
            document = draft_agreement(deal, library, outline, select_clauses(deal, library, outline, short))
            assert not {clause.topic for clause in document.clauses} - set(outline.topics)


def test_short_wording_can_be_asked_for(library: Library) -> None:
    deal = pipeline.read(
        reference(("agreement: referral", "agreement: referral\nwording: short")).encode(), "d.yaml", library
    )
    assert pipeline.build(deal, library, ("txt",)).selection.short_clauses


# -- deals for trying


def test_examples_make_a_deal_of_every_kind(library: Library) -> None:
    for kind, outline in library.outlines.items():
        for parties in {outline.party_limits[0], outline.party_limits[1]}:
            deal = examples.make_example_deal(library, kind, {}, parties)
            assert deal is not None
            assert len(deal.parties) == parties


def test_answers_that_exclude_each_other_make_no_deal(library: Library) -> None:
    assert (
        examples.make_example_deal(
            library, "referral", {"duration.renewal": "none", "duration.renewal length": "12 months"}
        )
        is None
    )
    assert (ROOT / "templates").is_dir()


# -- what the built-in library must have


def test_every_topic_of_a_page_has_a_balanced_and_a_short_wording(library: Library) -> None:
    for kind, outline in library.outlines.items():
        for topic in outline.topics if outline.layout == "auto" else ():
            there = {clause.position for clause in library.clauses.get(topic, ())}
            assert not there or {"balanced", "short"} <= there, f"{kind}: {topic}"


# Fee, tail, exclusivity, term and exit, liability cap, indemnity, confidentiality, staff and customer restrictions,
# brand, disputes: what is negotiated most.
NEGOTIATED = ("financial", "exit", "exclusivity", "termination", "liability", "indemnity", "confidentiality",
              "restrictions", "brand", "disputes")  # fmt: skip


@pytest.mark.parametrize("topic", NEGOTIATED)
def test_what_is_negotiated_most_has_every_position(library: Library, topic: str) -> None:
    assert {clause.position for clause in library.clauses[topic]} == {
        "balanced", "short", "pro-first", "pro-second", "fallback",
    }  # fmt: skip


def test_guidance_never_reaches_a_document(library: Library) -> None:
    for kind in library.outlines:
        deal = examples.make_example_deal(library, kind, {})
        assert deal is not None
        outline = library.outline_of_deal(deal)
        words = text_of_document(draft_agreement(deal, library, outline, select_clauses(deal, library, outline)))
        for clause in select_clauses(deal, library, outline).clauses:
            advice = clause.guidance
            assert all(text not in words for text in (advice.why, advice.traps, advice.they_may_ask) if text)


def test_the_smallest_deal_is_short(library: Library) -> None:
    deal = pipeline.read((ROOT / "samples" / "minimal.yaml").read_bytes(), "minimal.yaml", library)
    built = pipeline.build(deal, library, ("txt",))
    assert len(text_of_document(built.fitted.document).split()) <= 305


@pytest.mark.parametrize("path", sorted((ROOT / "samples").glob("*.yaml")), ids=lambda path: path.stem)
def test_samples_build_in_their_natural_layout_without_a_warning(library: Library, path: Path) -> None:
    deal = pipeline.read(path.read_bytes(), path.name, library)
    built = pipeline.build(deal, library, ())
    assert not built.warnings, [str(warning) for warning in built.warnings]
    apart = library.outline_of_deal(deal).layout == "one-plus-one" or len(deal.parties) > 2
    assert not apart or built.fitted.document.apart
    assert sum(clause.words for clause in built.fitted.document.clauses) <= 1000


def test_forecasts_do_not_bind_where_the_agreement_has_none(library: Library) -> None:
    text = (ROOT / "samples" / "supply.yaml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^forecast: .*\n|^  (periods|take-or-pay): .*\n", "", text)
    text = text.replace("commitment: fixed minimum", "commitment: forecast") + "\nleave out: [forecast]\n"
    with pytest.raises(InputError) as refused:
        pipeline.read(text.encode(), "deal.yaml", library)
    (problem,) = refused.value.problems
    assert problem.field == "goods.commitment"
    assert 'take "forecast" out of "leave out"' in problem.hint


def test_a_default_amount_is_in_the_currency_of_each_deal(studio: Studio) -> None:
    studio.change("clauses/kiln/topic.yaml", 'limit: {type: integer, prompt: The most loads a day, example: "2"}',
                  'limit: {type: money, prompt: The deposit, default: "50"}')  # fmt: skip
    studio.change("clauses/kiln/topic.yaml", "kiln.limit == 0", "not kiln.limit")
    library = studio.load()
    found = []
    for currency in ("USD", "EUR", "USD"):
        text = (DEAL + f"currency: {currency}\n").replace("price: $20", "price: 20")
        deal = pipeline.read(text.encode(), "deal.yaml", library)
        found.append((str(deal.facts["kiln"]["limit"].amount), deal.facts["kiln"]["limit"].currency))
    assert found == [("50", "USD"), ("50", "EUR"), ("50", "USD")]
