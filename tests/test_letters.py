"""Letters to an agreement: their days are counted as a person would, and what the deal does not allow is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from commands import run_here
from conftest import ROOT, pages, pdf_text, word_text
from conftest import letters as bare_letters
from deals import reference

from agreementgen import pipeline
from agreementgen.core.document import Document
from agreementgen.core.problems import InputError
from agreementgen.core.values import Duration
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import Selection, select_clauses
from agreementgen.library.loading import built_in_library
from agreementgen.life.letters import Letter, LetterRequest, list_letters, write_letter
from agreementgen.memo.sections import each_memo_text
from agreementgen.sources import SourcedDeal

PILOT = "duration:\n  pilot: {length: 90 days, decision: in writing}\n  term: 12 months\n  renewal: by agreement\n"
RENEWS = (
    PILOT,
    'duration:\n  pilot: "no"\n  term: 12 months\n  renewal: automatic\n  renewal length: 6 months\n'
    "  non-renewal notice: 30 days\n  most renewals: 2\n",
)
NO_PILOT = (PILOT, 'duration:\n  pilot: "no"\n  term: 12 months\n  renewal: none\n')
BY_ITSELF = (PILOT, "duration:\n  pilot: {length: 90 days, decision: expires}\n")
NOT_AT_WILL = (("\nexit:\n", '\ntermination: {convenience: "no"}\nexit:\n'), NO_PILOT)
FIRST_FAVORED = (("\nexit:\n", "\nposition by topic: {termination: pro-first}\nexit:\n"), NO_PILOT)


@cache
def drafted(text: str) -> tuple[SourcedDeal, Selection, Document]:
    library = built_in_library()
    deal = pipeline.read(text.encode(), "deal.yaml", library)
    outline = library.outline_of_deal(deal)
    selection = select_clauses(deal, library, outline)
    return SourcedDeal("deal.yaml", deal, library), selection, draft_agreement(deal, library, outline, selection)


def write(kind: str, dated: date, *changes: tuple[str, str], **more: Any) -> Letter:
    return write_letter(*drafted(reference(*changes)), LetterRequest(kind, dated, **more))


@pytest.mark.parametrize(
    ("kind", "dated", "changes", "more", "days"),
    [
        # December 1, 2026 and 90 days are March 1, 2027; a year, December 1, 2027.
        ("confirm-pilot", date(2027, 3, 1), (), {}, ["2027-03-01", "2027-12-01"]),
        # A Wednesday: it counts on Thursday, and 7 days later is the 18th.
        ("end-pilot", date(2027, 2, 10), (), {"sender": "Bay Rank"}, ["2027-02-11", "2027-02-18", "2027-03-01"]),
        # A Friday: it counts on Monday, the last day that ends it with the pilot.
        ("end-pilot", date(2027, 2, 19), (), {"sender": "Bay Rank"}, ["2027-02-22", "2027-03-01", "2027-03-01"]),
        ("renewal", date(2027, 11, 30), (), {"length": Duration(18, "month")}, ["2027-12-01", "2029-06-01"]),
        # Thirty days before December 1 is November 1, a Monday: Sunday's mail still counts then.
        ("no-renewal", date(2027, 10, 31), (RENEWS,), {"sender": "Northshore"},
         ["2027-11-01", "2027-11-01", "2027-12-01"]),
        # Renewed once, until June 1, 2028.
        ("no-renewal", date(2028, 4, 3), (RENEWS,), {"sender": "Northshore"},
         ["2028-04-04", "2028-05-02", "2028-06-01"]),
        ("ending", date(2027, 4, 30), (), {"sender": "northshore"}, ["2027-05-03", "2027-06-02"]),
        ("ending", date(2027, 4, 28), FIRST_FAVORED, {"sender": "Northshore"}, ["2027-04-29", "2027-05-29"]),
        # The other side has to give twice the notice.
        ("ending", date(2027, 4, 28), FIRST_FAVORED, {"sender": "Bay Rank"}, ["2027-04-29", "2027-06-28"]),
        ("breach", date(2027, 4, 28), (), {"sender": "Bay Rank", "about": "No statement came."},
         ["2027-04-29", "2027-05-14"]),
        ("improvement-plan", date(2027, 4, 28), (), {"about": "Both call all leads twice."}, ["2027-05-28"]),
    ],
)  # fmt: skip
def test_days_are_counted(
    kind: str, dated: date, changes: tuple[tuple[str, str], ...], more: Mapping[str, Any], days: list[str]
) -> None:
    assert [str(one.day) for one in write(kind, dated, *changes, **more).counted] == days


@pytest.mark.parametrize(
    ("kind", "dated", "changes", "more", "code", "says"),
    [
        ("confirm-pilot", date(2027, 3, 2), (), {}, "letter-too-late", "section 5 (Duration and renewal): the pilot ended"),
        ("confirm-pilot", date(2027, 2, 1), (NO_PILOT,), {}, "letter-not-allowed", "no pilot"),
        ("confirm-pilot", date(2027, 2, 1), (BY_ITSELF,), {}, "letter-not-allowed", "ends with its pilot"),
        ("end-pilot", date(2027, 2, 22), (), {"sender": "Bay Rank"}, "letter-too-late", "sent by February 21, 2027"),
        ("end-pilot", date(2026, 11, 2), (), {"sender": "Bay Rank"}, "letter-not-allowed", "takes effect only on"),
        ("renewal", date(2027, 12, 2), (), {"length": Duration(1, "year")}, "letter-too-late", "the term ended on"),
        ("renewal", date(2027, 11, 2), (), {}, "missing", "for how long"),
        ("renewal", date(2027, 11, 2), (RENEWS,), {"length": Duration(1, "year")}, "letter-not-allowed", "by itself"),
        ("renewal", date(2027, 11, 2), (NO_PILOT,), {"length": Duration(1, "year")}, "letter-not-allowed", "not renewed"),
        ("no-renewal", date(2027, 11, 1), (RENEWS,), {"sender": "Bay Rank"}, "letter-too-late",
         "had to count by November 1, 2027, sent by October 31, 2027, and this one counts on November 2, 2027; the "
         "agreement renews on December 1, 2027"),
        ("no-renewal", date(2028, 7, 3), (RENEWS,), {"sender": "Bay Rank"}, "letter-not-allowed", "does not renew again"),
        ("no-renewal", date(2027, 7, 3), (), {"sender": "Bay Rank"}, "letter-not-allowed", "does not renew by itself"),
        ("ending", date(2027, 2, 1), (), {"sender": "Bay Rank"}, "letter-not-allowed", "the pilot runs until March 1"),
        ("ending", date(2027, 5, 3), NOT_AT_WILL, {"sender": "Bay Rank"}, "letter-not-allowed", "without a reason"),
        ("ending", date(2027, 11, 22), (), {"sender": "Bay Rank"}, "letter-not-allowed", "before this notice does"),
        ("ending", date(2027, 5, 3), (), {}, "missing", "who sends it"),
        ("ending", date(2027, 5, 3), (), {"sender": "Bay Rink"}, "unknown-name", "no party of this agreement"),
        ("breach", date(2027, 5, 3), (), {"sender": "Bay Rank"}, "missing", "--about"),
        ("breach", date(2027, 5, 3), (), {"sender": "Bay Rank", "broken_by": "bay rank", "about": "Late."},
         "contradiction", "cannot be who broke the agreement"),
        ("ending", date(2027, 5, 3), (), {"sender": "Bay Rank", "broken_by": "Northshore"}, "not-applicable",
         "takes no --by: it has no place for that"),
        ("wrap-up", date(2027, 11, 30), (), {}, "letter-not-allowed", "ends only on December 1, 2027"),
        ("renewal", date(2027, 11, 1), (), {"length": Duration(1, "year"), "sender": "Bay Rank"}, "not-applicable",
         'the letter "renewal" takes no --from: all parties sign it'),
        ("ending", date(2027, 5, 3), (), {"sender": "Bay Rank", "about": "They owe us."}, "not-applicable", "no --about"),
        ("breach", date(2027, 5, 3), (), {"sender": "Bay Rank", "about": "paid \u202eon time"}, "forbidden-character",
         "writing direction"),
        # The term ended on December 1, 2027; a renewal by agreement would stand in the deal file.
        ("ending", date(2028, 5, 3), (), {"sender": "Bay Rank"}, "letter-too-late", "ended with December 1, 2027"),
        ("breach", date(2029, 1, 1), (), {"sender": "Bay Rank", "about": "Late."}, "letter-too-late",
         "section 5 (Duration and renewal): the agreement ended with December 1, 2027"),
        ("improvement-plan", date(2029, 6, 1), (), {"about": "Both call."}, "letter-too-late", "December 1, 2027"),
        # Renewed twice for six months at most.
        ("ending", date(2028, 12, 4), (RENEWS,), {"sender": "Bay Rank"}, "letter-too-late", "ended with December 1, 2028"),
        ("wrap-up", date(2027, 11, 30), (), {"ended": date(2026, 11, 30)}, "contradiction", "before it takes effect"),
        ("notice", date(2027, 5, 3), (), {}, "unknown-name", 'no letter "notice"'),
        ("amendment", date(2027, 5, 3), (), {}, "unknown-name", 'no letter "amendment"'),
    ],
)  # fmt: skip
def test_what_the_deal_does_not_allow_is_refused(
    kind: str, dated: date, changes: tuple[tuple[str, str], ...], more: Mapping[str, Any], code: str, says: str
) -> None:
    with pytest.raises(InputError) as refused:
        write(kind, dated, *changes, **more)
    (problem,) = refused.value.problems
    assert problem.code == code
    assert says in problem.message
    assert problem.hint


def test_a_breach_among_three_says_who_broke_it() -> None:
    text = (ROOT / "samples" / "three-party-venture.yaml").read_text(encoding="utf-8")

    def warn(**more: Any) -> str:
        request = LetterRequest("breach", date(2027, 6, 1), "Blue Heron", about="No cheese came.", **more)
        return "\n".join(each_memo_text(write_letter(*drafted(text), request).memo))

    with pytest.raises(InputError, match="who broke it is missing") as refused:
        warn()
    assert refused.value.problems[0].hint == "add --by, one of: Granite Valley, Old Mill"
    assert "Blue Heron gives notice of a breach by Old Mill of the Joint Venture Agreement" in warn(
        broken_by="old mill"
    )


def test_a_letter_says_what_it_is_about_and_who_signs() -> None:
    letter = write("breach", date(2027, 4, 28), sender="Bay Rank", about="The statement for March has not been sent.")
    said = "\n".join(each_memo_text(letter.memo))
    assert letter.memo.title == "Notice of breach"
    assert letter.memo.of == "April 28, 2027"
    assert (
        "Bay Rank gives notice of a breach by Northshore of the Referral Agreement, effective December 1, 2026:" in said
    )
    assert "The statement for March has not been sent." in said
    assert (
        "Northshore has to put it right by May 14, 2027: 15 days from this notice, as agreed under section 6." in said
    )
    assert "2027-04-29 + 15 days" in said
    assert "By Lee Okafor, President" in said
    assert "By Dana Reyes" not in said


def test_a_letter_of_all_is_signed_by_all() -> None:
    said = "\n".join(each_memo_text(write("renewal", date(2027, 11, 1), length=Duration(1, "year")).memo))
    assert "ends on December 1, 2027. The parties renew it for 1 year: it now runs until December 1, 2028" in said
    assert "By Lee Okafor, President" in said
    assert "By Dana Reyes, Managing Member" in said


def test_the_list_at_the_end_counts_from_the_real_end() -> None:
    letter = write("wrap-up", date(2027, 7, 2), ("exit:\n", "exit:\n  handover: [the list of open leads]\n"),
                   ended=date(2027, 6, 30))  # fmt: skip
    days = {one.what: str(one.day) for one in letter.counted}
    assert days["The agreement ended"] == "2027-06-30"
    assert days["Data must be returned or deleted"] == "2027-07-30"
    # Twelve months after the last day of June are those of the next June.
    assert days["Staff may be recruited again"] == "2028-06-30"
    said = "\n".join(each_memo_text(letter.memo))
    assert "Handed over: the list of open leads" in said
    assert "Final statement sent" in said
    assert "Data must be returned or deleted: July 30, 2027" in said
    # What may be done again is a day to know, and nothing to tick.
    assert "Staff may be recruited again: " not in said


def test_every_letter_is_tried_here_and_told_in_the_docs() -> None:
    sourced, _, _ = drafted(reference())
    told = Path(__file__).resolve().parent.parent.joinpath("docs", "life.md").read_text(encoding="utf-8")
    assert list(list_letters(sourced)) == [
        "confirm-pilot", "end-pilot", "renewal", "no-renewal", "ending", "breach", "improvement-plan", "wrap-up",
    ]  # fmt: skip
    for name in list_letters(sourced):
        assert f"| `{name}` |" in told


def test_word_file_and_pdf_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text(reference(), encoding="utf-8")
    assert "no-renewal" in run_here("letter", "deal.yaml", folder=tmp_path).stdout
    # A letter that there is not is told before what is missing for it.
    assert 'there is no letter "endin"\n  hint: did you mean "ending"?' in (
        run_here("letter", "deal.yaml", "endin", folder=tmp_path).stderr
    )
    done = run_here("letter", "deal.yaml", "ending", "--dated", "2027-04-30", "--from", "Bay Rank", "-o", "out",
                    folder=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["out/deal-ending-2027-04-30.docx", "out/deal-ending-2027-04-30.pdf"]
    assert "The agreement ends: 2027-06-02 (2027-05-03 + 30 days)" in done.stderr
    pdf = (tmp_path / "out" / "deal-ending-2027-04-30.pdf").read_bytes()
    assert pages(pdf, tmp_path) == 1
    said = "Bay Rank ends the Referral Agreement, effective December 1, 2026, with 30 days’ notice under section 6."
    assert bare_letters(said) in bare_letters(pdf_text(pdf, tmp_path))
    assert bare_letters(said) in bare_letters(
        word_text((tmp_path / "out" / "deal-ending-2027-04-30.docx").read_bytes())
    )
    late = run_here("letter", "deal.yaml", "ending", "--dated", "2027-02-01", "--from", "Bay Rank", "-o", "out2",
                    folder=tmp_path)  # fmt: skip
    assert late.returncode == 2
    assert "section 6 (Termination): the pilot runs until" in late.stderr
    assert not (tmp_path / "out2").exists()


def test_what_goes_on_without_a_fixed_end_can_be_ended_at_any_time() -> None:
    on_and_on = (RENEWS[0], RENEWS[1].replace("  most renewals: 2\n", "  most renewals: unlimited\n"))
    letter = write("ending", date(2031, 5, 5), on_and_on, sender="Bay Rank")
    assert [str(one.day) for one in letter.counted] == ["2031-05-06", "2031-06-05"]
    longer = write("ending", date(2028, 5, 3), ("  term: 12 months", "  term: 24 months"), sender="Bay Rank")
    assert [str(one.day) for one in longer.counted] == ["2028-05-04", "2028-06-03"]


def test_sentences_of_a_plan_begin_with_words() -> None:
    said = "\n".join(each_memo_text(write("improvement-plan", date(2027, 4, 28), about="Both call twice.").memo))
    assert (
        "Under the Referral Agreement, effective December 1, 2026, 2 reviews in a row found that a goal was missed. For "
        "this case the agreement asks for a 30-day plan (section 6). The plan runs until May 28, 2027." in said
    )
