"""The commands of docs/life.md run, one behind the other, as a reader types them; and a whole life of an agreement."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from commands import run_here
from conftest import REFERRAL, ROOT, pages, pdf_text
from deals import REFERENCE
from office_edits import Job, Step, edit_with_libreoffice
from test_signing_fields import add_signature, make_signer

from agreementgen.render.signing import FoundSignatures, find_signatures


def test_the_commands_of_the_page_run(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "life.md").read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"(?ms)^```sh\n(.*?)^```$", page) for line in block.splitlines()]
    assert len(lines) >= 3
    (tmp_path / "my-deal.yaml").write_bytes(REFERRAL.read_bytes())
    (tmp_path / "new-deal.yaml").write_bytes(REFERRAL.read_bytes().replace(b"fee: 10%", b"fee: 12%"))
    shown = re.findall(r"(?ms)^```text\n(.*?)^```$", page)
    printed = []
    for line in lines:
        done = run_here(*shlex.split(line)[1:], folder=tmp_path)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        printed.append(done.stdout)
    # Commands on a file that only a person can edit stand in a block of text.
    for block in (block for block in shown if not block.startswith("agreementgen ")):
        assert block in printed, block


# -- a whole life

SENT = REFERENCE.replace("financial:\n", "# Agreed by telephone on November 2.\nfinancial:\n", 1)
STATUS = """
status:
  - {step: draft, date: 2026-11-02}
  - {step: sent, date: 2026-11-03}
  - {step: countered, date: 2026-11-06}
  - {step: draft, date: 2026-11-09}
"""


def add_step(text: str, step: str, day: str) -> str:
    """Return a deal file with a further step of its status."""
    lines = text.split("\n")
    last = max(at for at, line in enumerate(lines) if line.startswith("  - {step:"))
    return "\n".join([*lines[: last + 1], f"  - {{step: {step}, date: {day}}}", *lines[last + 1 :]])


class Life:
    """A folder in which one deal is drafted, sent, changed, signed, amended, renewed and ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, line: str) -> str:
        """Run a command as it is typed; return what it printed."""
        done = run_here(*shlex.split(line), folder=self.folder)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        return done.stdout + done.stderr

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def bytes_of(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def one_page(self, name: str) -> str:
        """Return the words of a PDF of one page."""
        assert pages(self.bytes_of(name), self.folder) == 1
        return " ".join(pdf_text(self.bytes_of(name), self.folder).split())


@pytest.mark.office
def test_a_whole_life(tmp_path: Path) -> None:
    life = Life(tmp_path)
    # A draft, marked as such, and what is sent.
    life.write("deal.yaml", SENT + STATUS)
    life.run("build deal.yaml --draft -o out")
    assert "Draft 2, November 9, 2026" in life.one_page("out/deal-draft-2.pdf")
    life.run("build deal.yaml -o out")
    assert "Draft" not in life.one_page("out/deal.pdf")
    # The other side changes the Word file: figures with changes tracked, then a clause of its own without.
    figures: list[Step] = [("replace", "10% of net", "12% of net"), ("replace", "until 24 months", "until 36 months")]
    tracked = edit_with_libreoffice({"figures": Job(life.bytes_of("out/deal.docx"), figures, "track")}, tmp_path)
    clause: list[Step] = [("add_paragraph", "The parties will work together", "Books. Each may see the other’s books.")]
    (tmp_path / "countered.docx").write_bytes(
        edit_with_libreoffice({"clause": Job(tracked["figures"], clause)}, tmp_path)["clause"]
    )
    said = life.run("compare deal.yaml countered.docx --apply all")
    assert re.findall(r"(?m)^(?:changed|added|dropped|moved) .*$", said) == [
        "changed key term Referral fee  (tracked)",
        "changed key term Confidentiality  (tracked)",
        "added clause Books",
    ]
    assert said.endswith("deal.yaml: 2 answers written; the rest is left to you\n")
    assert "Left to a person, as new wording or special terms\n  Books\n" in said
    changed = life.read("deal.yaml")
    assert "# Agreed by telephone on November 2.\nfinancial:\n  model: referral fee\n  fee: 12%\n" in changed
    assert yaml.safe_load(changed)["confidentiality"] == {"length": "36 months"}
    # What the file sent says against what is agreed now.
    assert 'financial.fee: "12%" -> "10%"' in life.run("compare deal.yaml out/deal.pdf")
    # The clause is taken over as a special term by a person; then it is signed.
    own = "special terms: [Each party may see the other's books once a year]\n"
    life.write("deal.yaml", changed.replace("\nstatus:", f"\n{own}status:"))
    life.run("build deal.yaml --sign pdf -o to-sign")
    words = life.one_page("to-sign/deal.pdf")
    assert "12% of net collected revenue" in words
    assert "may see the other’s books once a year" in words
    signer = make_signer()
    data = add_signature(life.bytes_of("to-sign/deal.pdf"), "signer1_signature", signer)
    (tmp_path / "signed.pdf").write_bytes(add_signature(data, "signer2_signature", signer))
    assert "2 digital signatures, covering the whole file" in life.run("recover signed.pdf -o signed.yaml")
    assert life.run("compare deal.yaml signed.pdf").startswith("Nothing has changed: the same facts, the same words.\n")
    signed = add_step(life.read("deal.yaml"), "signed", "2026-11-20")
    life.write("deal.yaml", signed)
    # A fee is raised, the term renewed, the agreement ended and wrapped up.
    life.write("raised.yaml", add_step(signed.replace("fee: 12%", "fee: 15%"), "amended", "2027-06-01"))
    life.run("amend deal.yaml raised.yaml --dated 2027-06-01 -o amended --consolidated --sign pdf")
    data = add_signature(life.bytes_of("amended/deal-amendment-1.pdf"), "signer1_signature", signer)
    assert find_signatures(data) == FoundSignatures(count=1, waiting=1, covers_all=True, is_intact=True)
    assert find_signatures(life.bytes_of("amended/deal-as-amended-1.pdf")).waiting == 0
    assert "15% of net collected revenue" in life.one_page("amended/deal-amendment-1.pdf")
    life.run("letter raised.yaml renewal --dated 2027-11-01 --for '12 months' -o letters")
    assert "it now runs until December 1, 2028" in life.one_page("letters/raised-renewal-2027-11-01.pdf")
    life.write("raised.yaml", life.read("raised.yaml").replace("  term: 12 months", "  term: 24 months"))
    life.run("letter raised.yaml ending --dated 2028-05-01 --from Northshore -o letters")
    assert "The agreement ends on June 1, 2028." in life.one_page("letters/raised-ending-2028-05-01.pdf")
    life.run("letter raised.yaml wrap-up --dated 2028-06-02 --ended 2028-06-01 -o letters")
    assert life.one_page("letters/raised-wrap-up-2028-06-02.pdf")
    life.write("raised.yaml", add_step(life.read("raised.yaml"), "ended", "2028-06-01"))
    life.run("calendar raised.yaml deal.yaml -o dates -f csv --today 2028-06-10")
    table = life.read("dates/portfolio.csv")
    assert "raised.yaml,ended 2028-06-01,referral" in table
    assert "deal.yaml,signed 2026-11-20,referral" in table
