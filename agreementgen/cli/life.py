"""The commands for what happens after the first draft."""

from __future__ import annotations

from pathlib import Path

import click

from agreementgen.cli.options import force_option, packs_option
from agreementgen.terminal import print_note, print_note_lines, print_result

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("document", metavar="FILE")
@click.option("-o", "--output", type=_FILE, required=True, metavar="DEAL.yaml", help="The deal file to write.")
@packs_option
@force_option
def recover(document: str, output: Path, packs: tuple[Path, ...], force: bool) -> None:
    """Write the deal file that a Word file or PDF carries: the deal as it was sent, not as it was edited."""
    from agreementgen.core import saving
    from agreementgen.core.problems import SEVERITY_WORDS
    from agreementgen.life.recovery import recover_deal

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
