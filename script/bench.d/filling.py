"""docxtpl, filling in a template. As a program: filling.py FOLDER PART PARTS, a part of the contexts in a folder.

It imports nothing of ours, so that a cold run of it takes what docxtpl takes.
"""

from __future__ import annotations

import json
import sys
from io import BytesIO
from pathlib import Path

from docxtpl import DocxTemplate


def filled(template: bytes, context: dict[str, str]) -> bytes:
    document, buffer = DocxTemplate(BytesIO(template)), BytesIO()
    document.render(context, autoescape=True)
    document.save(buffer)
    return buffer.getvalue()


def main() -> None:
    folder, part, parts = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    template = (folder / "template.docx").read_bytes()
    contexts = json.loads((folder / "contexts.json").read_text(encoding="utf-8"))
    for index in range(part, len(contexts), parts):
        (folder / f"part{part}-{index}.docx").write_bytes(filled(template, contexts[index]))


if __name__ == "__main__":
    main()
