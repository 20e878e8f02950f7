"""The command "audit"."""

from __future__ import annotations

from pathlib import Path

import click

from agreementgen.core.escaping import to_json_text
from agreementgen.core.problems import count_noun, problem_to_json
from agreementgen.terminal import print_lines, print_note, print_text


@click.command(short_help="Hold written documents against their record.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--record",
    "records",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A record of a build (build --record), which counts more than the folder's own lists; there may be several.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def audit(folder: Path, records: tuple[Path, ...], as_json: bool) -> int:
    """Read the documents in FOLDER again, and say which are not as they were written.

    They are held against the list of the batch that wrote them, or against the record of their build. Documents that
    are missing, changed or renamed and files that do not belong there are named; nothing is written. Exit status 1 if
    there are any.
    """
    from agreementgen.batch.audit import audit_folder

    found = audit_folder(folder, records)
    for remark in found.remarks:
        print_note(remark)
    if as_json:
        fields = {
            "folder": str(found.folder),
            "against": list(found.against),
            "documents": found.documents,
            "findings": [problem_to_json(finding) for finding in found.findings],
            "status": 1 if found.findings else 0,
        }
        print_text(to_json_text(fields, 1) + "\n")
    else:
        print_lines(line for finding in found.findings for line in str(finding).split("\n"))
    held = f"{count_noun(found.documents, 'document')} held against {', '.join(found.against)}"
    print_note(f"{held}: " + (count_noun(len(found.findings), "difference") if found.findings else "all as written"))
    return 1 if found.findings else 0
