"""Five whole conversations on a screen of 80 columns and 24 rows: the paper says what was typed or shown, and no more.

The finished documents are read back with readers that are not ours. Every line of them was visible on some screen before
the documents were written, or is made of what was typed and of a few words that stand on every agreement; and what was
typed is there. See `conversations` for how a conversation is held and how its screens are judged.
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from conftest import pdf_text
from conversations import Answers, Held, converse
from lxml import etree

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# What stands on agreements whatever was answered.
_FRAME = (
    "Key terms",
    "Standard terms",
    "Date",
    "By signing, the parties agree to the Key terms above, the Standard terms on the next page, and the Schedules.",
)
# Clauses change their numbers with each one that comes before them.
_NUMBERS = re.compile(r"\b(sections?) \d[\d–, ]*(?:(?:and|or) \d[\d–]*)?")
PARTIES: Answers = {
    "law governs": "Ohio; Franklin County, Ohio",
    "legal name": ("Elm Bakery LLC, Ohio", "Oak Mill, Inc., Ohio", "Fir Farm LLC, Ohio"),
    "Is there another party": "No",
    "Its address": (
        "1 Elm Street, Dayton, OH 45402, ana@elm.example",
        "2 Oak Street, Akron, OH 44301, bo@oak.example",
        "3 Fir Street, Toledo, OH 43604, cy@fir.example",
    ),
    "Who signs": ("Ana Elm, Manager", "Bo Oak, President", "Cy Fir, Member"),
}
# Enter keeps what is usual; it stands there to be read.
USUAL: Answers = {
    "How do you want to begin": "With the questions",
    "Do you begin with a pilot": "Yes",
    "How long is the term": "",
    "With how much notice": "",
    "stay secret": "",
    "What monthly charge applies": "",
    "How long is the tail": "",
    "limit on what a party owes": "",
    "Is there another one": "No",
    "Usual terms, screen": "These are right",
    "--- Review": "Write the documents",
    "do you mean this": "Yes",
    "Read it now?": "Finish",
}


@dataclass(frozen=True)
class Conversation:
    """One conversation: how it is begun, what is answered, and what the paper must say of it, in its own words."""

    kind: str
    footer: str
    answers: Answers
    says: tuple[str, ...]
    never: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    # What is printed in other words than it was typed, and what was typed and then replaced.
    printed: dict[str, str] = field(default_factory=dict)
    # The name of an installed program, where it is that which runs.
    program: str = ""


# All that takes an Enter counts: questions, screens of usual terms, pauses, the review, the way out. Of three parties a
# venture may take 60; the referral here reads a page of help, too, beside the 30 of test_whole_conversations.
MOST_PROMPTS = {"referral": 31, "supply": 42, "joint-venture": 60, "co-marketing": 37, "channel": 28}


CONVERSATIONS = (
    Conversation(
        "referral",
        "Referral Agreement · Elm Bakery and Oak Mill · version 1",
        {
            **PARTIES,
            **USUAL,
            "What kind of agreement": "Referral",
            "in one sentence": "Send each other customers who plan a wedding",
            "What does each party do": (["Introduces a suitable client"], ["Answers a referred client"]),
            "Does money flow": "referral fee",
            "How much is the fee": ("?", "8 %"),
            "The system or document": "A notebook at the till",
            "Who keeps it": "the paying party",
            "Do you begin with a pilot": "No",
            "How long is the term": "18 mo",
        },
        says=(
            "Purpose: Send each other customers who plan a wedding",
            "Elm Bakery: Introduces a suitable client in writing within 2 days.",
            "Oak Mill: Answers a referred client within 1 business day.",
            "Law and courts: Law of Ohio; courts of Franklin County, Ohio",
            "By Ana Elm, Manager",
            "By Bo Oak, President",
        ),
        never=("Pilot",),
        printed={"8 %": "8%", "18 mo": "18 months"},
    ),
    Conversation(
        "supply",
        "Supply Agreement · Elm Bakery and Oak Mill · version 1",
        {
            **PARTIES,
            **USUAL,
            # The mill takes itself for the first party, and sees who is who only when all is read back.
            "legal name": ("Oak Mill, Inc., Ohio", "Elm Bakery LLC, Ohio"),
            "Its address": (
                "2 Oak Street, Akron, OH 44301, bo@oak.example",
                "1 Elm Street, Dayton, OH 45402, ana@elm.example",
            ),
            "Who signs": ("Bo Oak, President", "Ana Elm, Manager"),
            "in one sentence": "Deliver flour to the bakery every week",
            "What does each party do": (["Something else"], ["Something else"]),
            "What does each party do? Oak Mill: Tick what suits; you can change the words of each afterwards. "
            "(? help < back > later / menu Ctrl-C stop) > [Something else, in my own words] One entry a line; an "
            "empty line ends the list.": ("Grinds the flour on the day before it is delivered", ""),
            "What does each party do? Elm Bakery: Tick what suits; you can change the words of each afterwards. "
            "(? help < back > later / menu Ctrl-C stop) > [Something else, in my own words] One entry a line; an "
            "empty line ends the list.": ("Orders by noon on Monday", ""),
            "What does the buyer promise": "a fixed minimum",
            "Quantities are for each what": "week",
            "What it is:": "Wheat flour",
            "The unit you count in": "bag",
            "The price of one unit": "$18.50",
            "The least bought": "20",
            "Where are the goods": "the back door of 1 Elm Street, Dayton",
            "--- Review": ("Parties", "Write the documents"),
            "--- Parties": ("Swap: Oak Mill sells the goods; Elm Bakery buys", "Done"),
        },
        says=(
            "Elm Bakery LLC (Elm Bakery) Buyer; an Ohio limited liability company 1 Elm Street, Dayton, OH 45402",
            "Oak Mill, Inc. (Oak Mill) Supplier; an Ohio corporation 2 Oak Street, Akron, OH 44301",
            "Wheat flour: $18.50 per bag; at least 20 bag a week",
            "Elm Bakery: Orders by noon on Monday.",
            "Oak Mill: Grinds the flour on the day before it is delivered.",
            "By Ana Elm, Manager",
        ),
        never=("Oak Mill will buy", "Elm Bakery will sell", "Oak Mill will pay"),
        arguments=("--type", "supply"),
    ),
    Conversation(
        "joint-venture",
        "Joint Venture Agreement · Elm Bakery, Oak Mill, and Fir Farm · version 1",
        {
            **PARTIES,
            **USUAL,
            "Is there another party": ("Yes", "No"),
            "in one sentence": "Run a kitchen at the farmers market",
            "In which legal form": "new LLC",
            "What is the venture called": "Market Kitchen LLC",
            "What exactly is the project": "Market Kitchen: a kitchen at the farmers market in Dayton",
            "Which event shows": "The end of the market season",
            "What does each party do": (["Keeps the books"], ["Provides the people"], ["Reports progress"]),
            "In which state or country is it formed": "Ohio",
            "What does each party put in? Elm Bakery:": "cash",
            "What does each party put in? Oak Mill:": "use",
            "What does each party put in? Fir Farm:": "labor",
            "What it is:": (
                "Paid into the account of the Venture", "The oven at 2 Oak Street", "Four hours of work each Saturday",
            ),
            "What it is agreed to be worth": ("$5k", "3,000 dollars", "$2,000"),
            "By when": ("March 1, 2027", "effective date", "as needed"),
            "Who owns which share": "50/30/20",
            "Who gets which share": "40/35/25",
            "Who bears which share": "60/30/10",
            "runs the daily business": "Elm",
            "keeps the books": "Oak",
            "sees to tax returns": "Fir",
            "talks and mediation fail": "buyout",
            "Who names the expert": "the dean of the business school of the University of Dayton",
            "Who owns what you make": "the Venture",
            "the most a party owes": "$25,000",
        },
        says=(
            "Fir Farm: Reports progress and cost each week.",
            "Ownership: Elm Bakery 50%, Oak Mill 30%, Fir Farm 20%",
            "Profit shares: Elm Bakery 40%, Oak Mill 35%, Fir Farm 25%",
            "Loss shares: Elm Bakery 60%, Oak Mill 30%, Fir Farm 10%",
            "Oak Mill Use of property The oven at 2 Oak Street $3,000 On the Effective date",
            "Fir Farm Labor Four hours of work each Saturday $2,000 As the Project needs it",
            "By Cy Fir, Member",
        ),
        arguments=("--type", "joint-venture"),
        printed={"$5k": "$5,000", "3,000 dollars": "$3,000", "effective date": "", "as needed": ""},
    ),
    Conversation(
        "co-marketing",
        "Co-Marketing Agreement · Elm Bakery and Oak Mill · version 1",
        {
            **PARTIES,
            **USUAL,
            "in one sentence": "Hold two bread courses for the customers of both",
            "What does each party do": (["Prepares its half"], ["Sends the invitations", "Answers a draft"]),
            "What it is called": "Bread and Coffee",
            "What kind of campaign it is": "two courses in the bakery",
            "Who runs it": "Elm",
            "Does money flow": "cost sharing",
            "What is paid for": "Flyers and flour",
            "The most it may cost": "$600",
            "Who bears which share": "70/30",
            "What is measured": "Guests of the courses",
            "The figure to reach": "40",
        },
        says=(
            "Elm Bakery: Prepares its half of the content 10 days before.",
            "Oak Mill: Sends the invitations to its own list. Answers a draft within 5 days.",
        ),
        never=("at its own cost",),
        arguments=("--type", "co-marketing"),
        program="agreementgen",
    ),
    Conversation(
        "channel",
        "Reseller Agreement · Elm Bakery and Oak Mill · version 1",
        {
            **PARTIES,
            **USUAL,
            "in one sentence": "Sell the bread of the bakery in shops",
            "What does each party do": (["Trains the people"], ["Reports sales", "Keeps stock"]),
            "How does the partner sell": "reseller",
            "Which products": "Sourdough bread and rolls",
            "off the list price": "30%",
        },
        says=(
            "Elm Bakery LLC (Elm Bakery) Vendor; an Ohio limited liability company",
            "Oak Mill: Reports sales and open offers each month. Keeps stock and price lists up to date.",
            "The vendor’s current price list, less 30%",
        ),
        arguments=("--plain", "--type", "channel"),
    ),
)  # fmt: skip


@pytest.mark.parametrize("told", CONVERSATIONS, ids=lambda told: told.kind)
def test_the_paper_says_what_was_answered(told: Conversation, tmp_path: Path) -> None:
    folder = tmp_path / told.kind
    folder.mkdir()
    program = str(Path(sys.executable).with_name(told.program)) if told.program else ""
    held = converse(folder, told.arguments, told.answers, program=program)
    # The last screen is what remained at the end.
    assert len(held.screens) - 1 <= MOST_PROMPTS[told.kind]
    lines = list(each_line_of_docx(folder / "deal.docx"))
    assert find_unseen(lines, held, told.footer) == []
    assert_same_words(lines, pdf_text((folder / "deal.pdf").read_bytes(), tmp_path), told.footer)
    paper = spaceless(" ".join(lines))
    # Two answers in one line are printed in two places.
    texts = (told.printed.get(text, text) for text in held.typed)
    typed = [part for text in texts for part in ([text] if "$" in text else re.split("[,;/] ?", text))]
    assert [part for part in typed if spaceless(part) not in paper] == []
    assert [said for said in told.says if spaceless(said) not in paper] == []
    assert [said for said in told.never if spaceless(said) in paper] == []


def find_unseen(lines: list[str], held: Held, footer: str) -> list[str]:
    """Return the lines that were on no screen before the documents were written."""
    # The last screen names the documents.
    held.screens.pop()
    seen = spaceless(held.words_seen())
    frame = {*_FRAME, footer, *(f"By {typed}" for typed in held.typed)}
    lines = [line for line in lines if line not in frame and not re.fullmatch(r"Page \d of \d", line)]
    return [line for line in lines if spaceless(line) not in seen]


def assert_same_words(lines: list[str], pdf: str, footer: str) -> None:
    """Fail where a PDF lacks a line of the Word file, or has more than its lines and their numbers."""
    left = re.sub(r"\s", "", pdf)
    footers = left.count(re.sub(r"\s", "", footer))
    lines = [*lines, *[footer] * (footers - 1)]
    for line in sorted(lines, key=len, reverse=True):
        # A row of the key terms has no colon, and a clause has a point behind its heading.
        parts = re.escape(re.sub(r"\s", "", line)).replace(":", "[:.]?")
        found = re.search(parts, left)
        assert found, (line, left)
        left = f"{left[: found.start()]}|{left[found.end() :]}"
    assert re.fullmatch(r"(\||\d+\.|\([a-z]\)|Page\dof\d)*", left), left


def each_line_of_docx(path: Path) -> Iterator[str]:
    """Yield what a Word file says: its paragraphs, a row of the key terms as "label: value"."""
    with zipfile.ZipFile(path) as parts:
        names = [name for name in parts.namelist() if re.match(r"word/(document|header\d*|footer\d*)\.xml", name)]
        roots = [etree.fromstring(parts.read(name)) for name in names]
    for root in roots:
        for element in root.iter(f"{_WORD}tr", f"{_WORD}p"):
            if element.tag == f"{_WORD}tr":
                yield from each_line_of_row([[*each_text(cell)] for cell in element.iterchildren(f"{_WORD}tc")])
            elif not any(above.tag == f"{_WORD}tr" for above in element.iterancestors()):
                # A heading stands in its clause as it stood on the screen.
                yield from (
                    re.sub(r"^(?!Schedule)([A-Z][\w, -]+)\. (?=.)", r"\1: ", text) for text in each_text(element)
                )


def each_line_of_row(cells: list[list[str]]) -> Iterator[str]:
    if len(cells) > 2 and cells[2]:
        yield from (text for cell in cells for text in cell)
        return
    while cells:
        # Two terms stand beside each other, with an empty cell between them.
        if len(cells) > 1 and len(cells[0]) == len(cells[1]) == 1 and not any(cells[2:3]):
            yield f"{cells[0][0]}: {cells[1][0]}"
            cells = cells[3:]
        else:
            yield from cells.pop(0)


def each_text(element: etree._Element) -> Iterator[str]:
    """Yield the texts of the paragraphs in an element, or of it; tabs and points between facts divide them."""
    own = [element] if element.tag == f"{_WORD}p" else element.iterchildren(f"{_WORD}p")
    for paragraph in own:
        nodes = paragraph.iter(f"{_WORD}t", f"{_WORD}tab", f"{_WORD}br")
        text = "".join((node.text or "") if node.tag == f"{_WORD}t" else "\t" for node in nodes)
        yield from (part.strip() for part in text.split("\t") if part.strip())


def spaceless(text: str) -> str:
    """Return a text without spaces, and without the numbers of clauses: each clause that comes before changes them."""
    return re.sub(r"\s", "", _NUMBERS.sub(r"\1", text))
