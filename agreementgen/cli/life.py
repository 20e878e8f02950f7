"""The commands for what happens after the first draft."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from agreementgen.cli.deals import describe_signing, stem_of
from agreementgen.cli.options import (
    DayType,
    LengthType,
    force_option,
    layout_option,
    output_option,
    packs_option,
    parse_agreement_formats,
    parse_statement_formats,
    require_format_of_fields,
    sign_option,
    signed_option,
)
from agreementgen.core.problems import SEVERITY_WORDS, Problem, count_noun
from agreementgen.core.values import Duration
from agreementgen.terminal import print_note, print_note_lines, print_result, print_text

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(short_help="Take the deal out of a document.")
@click.argument("document", metavar="FILE")
@click.option("-o", "--output", type=_FILE, required=True, metavar="DEAL.yaml", help="The deal file to write.")
@packs_option
@force_option
def recover(document: str, output: Path, packs: tuple[Path, ...], force: bool) -> None:
    """Write the deal file that a Word file or PDF carries: the deal as it was sent, not as it was edited."""
    from agreementgen.core import saving
    from agreementgen.life.recovery import describe_signatures, recover_deal

    found = recover_deal(document, packs)
    saving.save_files(output.parent, {output.name: found.text.encode()}, force, print_note)
    print_result(str(output))
    for problem in found.remarks:
        print_note_lines(f"{SEVERITY_WORDS[problem.severity]}: {problem}")
    told = {
        True: "the document says what it said when it was sent",
        False: "the document was changed since: this is the deal as it was sent (agreementgen compare shows the rest)",
        None: "nothing in the document tells whether it was changed since",
    }
    print_note(f"{Path(document).name}: {told[found.is_unchanged]}")
    if signed := describe_signatures(found.signatures):
        print_note(f"{Path(document).name}: {signed}")


COMPARE_FORMATS = ("txt", "json", "docx", "pdf")


@click.command(short_help="Say what changed, also in a returned Word file.")
@click.argument("old")
@click.argument("new")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="The folder for files.")
@click.option(
    "-f", "--formats", default="", metavar="LIST", help="txt, json, docx or pdf (a redline); as usual txt, printed."
)
@click.option("--author", default="", help="Who made the changes, as Word shows it in a redline.")
@click.option("--dated", type=DayType(), metavar="DATE", help="The day of the changes, as Word shows it.")
@click.option(
    "--apply",
    "accepted",
    multiple=True,
    metavar="FACT",
    help='Write a proposed answer into OLD; "all" for all of them.',
)
@packs_option
@force_option
def compare(
    old: str,
    new: str,
    output: Path | None,
    formats: str,
    author: str,
    dated: date | None,
    accepted: tuple[str, ...],
    packs: tuple[Path, ...],
    force: bool,
) -> None:
    """Say what changed between the deals OLD and NEW: facts, figures, clauses and why, findings.

    NEW is a deal file, or a PDF of ours, signed or not: then the deal that it carries. Or it is the Word file of OLD as
    somebody has edited it: then each row and clause is told, with comments, and answers are proposed where the new
    words can be read as some.
    """
    if Path(new).suffix.lower() == ".docx":
        if formats or output:
            raise click.UsageError("what came back in a Word file is printed: leave out -f and -o")
        _compare_with_word_file(old, new, accepted, packs)
        return
    if accepted:
        raise click.UsageError("--apply takes what a Word file says: name one as NEW")
    from agreementgen.core import saving
    from agreementgen.core.escaping import to_json_text
    from agreementgen.life.comparison import compare_deals, compare_with_recovered
    from agreementgen.life.comparison_report import comparison_as_data, describe_comparison
    from agreementgen.sources import read_deals

    wanted = parse_compare_formats(formats)
    if {"docx", "pdf"} & {*wanted} and output is None:
        raise click.UsageError("a redline is a file: name its folder with -o")
    if Path(new).suffix.lower() == ".pdf":
        from agreementgen.life.recovery import describe_signatures, read_document, recover_deal, refuse_another_deal

        (before,) = read_deals([old], "", packs)
        recovered = recover_deal(new, packs)
        refuse_another_deal(read_document(new), new, before)
        found = compare_with_recovered(before, recovered, new)
        if recovered.is_unchanged is False:
            print_note(f"{Path(new).name}: its pages were changed since it was sent: this is the deal as it was sent")
        if signed := describe_signatures(recovered.signatures):
            print_note(f"{Path(new).name}: {signed}")
    else:
        before, after = read_deals([old, new], "", packs)
        found = compare_deals(before, after)
    files: dict[str, bytes] = {}
    stem = f"{Path(new).stem}-changes"
    if "docx" in wanted:
        from agreementgen.life.redline import Reviser, write_redline

        reference = found.new.library.layout["reference.docx"]
        reviser = Reviser(author or "agreementgen", dated)
        files[f"{stem}.docx"] = write_redline(found.parts, found.new_document, reference, reviser)
    if "pdf" in wanted:
        from agreementgen.life.redline_pdf import flow_of_redline
        from agreementgen.pipeline import lay_out_flow

        legend = f"From {Path(old).name} to {Path(new).name}."
        flow = flow_of_redline(found.parts, found.old_document, found.new_document, legend)
        files[f"{stem}.pdf"] = lay_out_flow(flow).write_pdf()
    texts = {}
    if "txt" in wanted:
        texts["txt"] = describe_comparison(found)
    if "json" in wanted:
        texts["json"] = to_json_text(comparison_as_data(found), 1) + "\n"
    if output is None:
        for text in texts.values():
            print_text(text)
        return
    files |= {f"{stem}.{name}": text.encode() for name, text in texts.items()}
    saving.save_files(output, files, force, print_note)
    for name in files:
        print_result(str(output / name))
    facts, parts = count_noun(len(found.facts), "fact"), count_noun(len(found.changed_parts), "part")
    print_note(f"changed: {facts}, {parts} of the agreement")


def _compare_with_word_file(old: str, new: str, accepted: tuple[str, ...], packs: tuple[Path, ...]) -> None:
    from agreementgen import pipeline
    from agreementgen.core import saving
    from agreementgen.library.signing_services import each_known_mark
    from agreementgen.life.proposals import apply_proposals, propose_answers
    from agreementgen.life.recovery import read_document, refuse_another_deal
    from agreementgen.life.returned import read_returned
    from agreementgen.life.returned_report import describe_returned
    from agreementgen.sources import read_deal_bytes, read_deals

    (sourced,) = read_deals([old], "", packs)
    built = pipeline.build(sourced.deal, sourced.library, ("docx",), carry_data=False)
    document = built.fitted.document
    marks = each_known_mark(sourced.library, len(document.signatures))
    data = read_document(new)
    found = read_returned(data, new, document, built.files["docx"], marks)
    refuse_another_deal(data, new, sourced, document.title)
    proposals = propose_answers(sourced, found.changed)
    names = [proposal.name for proposal in proposals]
    unknown = [name for name in accepted if name != "all" and name not in names]
    if unknown:
        raise click.UsageError(f'nothing is proposed for "{unknown[0]}"; proposed: {", ".join(names) or "nothing"}')
    print_text(describe_returned(found, proposals))
    chosen = [one for one in proposals if "all" in accepted or one.name in accepted]
    if chosen:
        text = apply_proposals(read_deal_bytes(old).decode("utf-8-sig"), chosen)
        saving.save_files(Path(old).parent, {Path(old).name: text.encode()}, True, print_note)
        print_note(f"{old}: {count_noun(len(chosen), 'answer')} written; the rest is left to you")


def parse_compare_formats(text: str) -> tuple[str, ...]:
    """Return the formats of a comparison; raise UsageError for one that there is not."""
    named = [name.strip().lower() for name in text.split(",") if name.strip()]
    unknown = [name for name in named if name not in COMPARE_FORMATS]
    if unknown:
        raise click.UsageError(f'there is no format "{unknown[0]}" here; there are: {", ".join(COMPARE_FORMATS)}')
    return tuple(named) or ("txt",)


@click.command(short_help="Write an amendment of a signed agreement.")
@click.argument("versions", nargs=-1, required=True, metavar="OLD.yaml NEW.yaml")
@output_option
@click.option("-f", "--formats", default="docx,pdf", show_default=True, help="Any of docx, pdf, txt.")
@click.option("--dated", "days", type=DayType(), multiple=True, metavar="DATE",
              help="The day from which it applies, else its last signature's. One for each amendment.")  # fmt: skip
@layout_option
@click.option("--consolidated", is_flag=True, help="Write the agreement as amended, too, as a copy for reading.")
@sign_option
@packs_option
@force_option
def amend(
    versions: Sequence[str],
    output: Path,
    formats: str,
    days: Sequence[date],
    layout: str,
    consolidated: bool,
    sign: str,
    packs: tuple[Path, ...],
    force: bool,
) -> None:
    """Write the amendment that makes NEW.yaml of OLD.yaml: one page, for all parties to sign.

    It says anew only what changes and keeps the rest in force. Further amendments follow: name the agreement, then the
    deal file of each amendment in order.
    """
    from agreementgen import pipeline
    from agreementgen.core import saving
    from agreementgen.dealcheck.judging import check_deal, refuse_stopped_deals
    from agreementgen.life.amendment import describe_amendment, write_amendment, write_consolidated
    from agreementgen.render.formats import AgreementToWrite
    from agreementgen.render.signing import name_recipients
    from agreementgen.sources import read_deals

    wanted = parse_agreement_formats(formats)
    require_format_of_fields(sign, wanted)
    if len(versions) < 2:
        raise click.UsageError("an amendment needs two deal files: the agreement as it is, and as it will be")
    if not len(versions) - 2 <= len(days) <= len(versions) - 1:
        raise click.UsageError("give --dated once for each amendment, in order; it may be left out for the last one")
    sources = read_deals(versions, "", packs)
    first, last = sources[0], sources[-1]
    refuse_stopped_deals([check_deal(last.deal, last.library)])
    step = pipeline.build(first.deal, first.library, (), layout, carry_data=False).fitted.step
    amendment = write_amendment(sources, days, step)
    stem = stem_of(first.name, first.deal)
    name_of_amendment = f"{stem}-amendment-{amendment.number}"
    papers = {name_of_amendment: amendment.fitted}
    document = amendment.fitted.document
    signing = pipeline.prepare_signing(sign, last.library, document)
    if consolidated:
        papers[f"{stem}-as-amended-{amendment.number}"] = write_consolidated(amendment)
    files: dict[str, bytes] = {}
    problems: tuple[Problem, ...] = ()
    for name, fitted in papers.items():
        # A copy for reading is not signed.
        how = signing if name == name_of_amendment else None
        selection = amendment.versions[-1].selection
        paper = AgreementToWrite(last.deal, selection, fitted, last.library.layout, None, signing=how)
        written, found = pipeline.write_fitted(paper, wanted)
        files |= {f"{name}.{kind}": data for kind, data in written.items()}
        problems += found
    files |= name_recipients(last.deal, document, signing, name_of_amendment, wanted)
    saving.save_files(output, files, force, print_note)
    for name in files:
        print_result(str(output / name))
    if signing:
        print_note(describe_signing(signing))
    for line in describe_amendment(amendment):
        print_note(line)
    for problem in problems:
        print_note_lines(f"{SEVERITY_WORDS[problem.severity]}: {problem}")


@click.command(short_help="Write a notice, renewal or other letter.")
@click.argument("deal", metavar="DEAL.yaml")
@click.argument("kind", metavar="LETTER", default="")
@click.option("--dated", type=DayType(), metavar="DATE", help="The day on which it is sent.")
@click.option("--from", "sender", default="", metavar="PARTY", help="Who sends it, where not all parties sign it.")
@click.option("--by", "broken_by", default="", metavar="PARTY", help="Who broke the agreement, among three or more.")
@click.option("--about", default="", metavar="TEXT", help="What was broken or missed, in your words.")
@click.option("--for", "length", type=LengthType(), metavar="LENGTH", help="For how long it is renewed.")
@click.option("--ended", type=DayType(), metavar="DATE", help="The day on which the agreement ended.")
@signed_option
@output_option
@click.option("-f", "--formats", default="docx,pdf", show_default=True, help="Any of docx, pdf.")
@packs_option
@force_option
def letter(
    deal: str,
    kind: str,
    dated: date | None,
    sender: str,
    broken_by: str,
    about: str,
    length: Duration | None,
    ended: date | None,
    signed: date | None,
    output: Path,
    formats: str,
    packs: tuple[Path, ...],
    force: bool,
) -> None:
    """Write a letter to the agreement of DEAL.yaml; without LETTER, list those there are.

    It counts its days from the deal and shows how. One that the agreement does not allow, or that comes too late, is
    refused.
    """
    from agreementgen import pipeline
    from agreementgen.core import saving
    from agreementgen.life.letters import LetterRequest, list_letters, unknown_letter, write_letter
    from agreementgen.memo.writing import write_memo
    from agreementgen.sources import read_deals

    wanted = parse_statement_formats(formats)
    (sourced,) = read_deals([deal], "", packs)
    letters = list_letters(sourced)
    if not kind:
        for id, about_it in letters.items():
            print_result(f"{id:<18} {about_it}")
        return
    if kind not in letters:
        raise unknown_letter(kind, letters)
    if dated is None:
        raise click.UsageError("--dated is missing: the day on which the letter is sent, as in --dated 2027-05-03")
    built = pipeline.build(sourced.deal, sourced.library, (), carry_data=False)
    request = LetterRequest(kind, dated, sender, about, length, ended, signed, broken_by)
    written = write_letter(sourced, built.selection, built.fitted.document, request)
    files, pages = write_memo(written.memo, sourced.deal, wanted)
    stem = f"{stem_of(sourced.name, sourced.deal)}-{kind}-{dated}"
    saving.save_files(output, {f"{stem}.{name}": data for name, data in files.items()}, force, print_note)
    for name in files:
        print_result(str(output / f"{stem}.{name}"))
    for one in written.counted:
        print_note(f"{one.what}: {one.day} ({one.how})")
    for remark in written.remarks:
        print_note(f"note: {remark}")
    if pages > 1:
        print_note(f"{stem}: {pages} pages")
    print_note("no legal advice: have a lawyer read it before you send it")
