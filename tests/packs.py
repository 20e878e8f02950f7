"""Packs for tests: a small firm's, written file by file, so that each test shows only what it is about."""

from __future__ import annotations

from pathlib import Path

HEAD = """\
id: {id}
name: Acme Law LLP
version: "1.2"
made for: 0.1.0
"""
MEDIATION = {
    "clauses/mediation/topic.yaml": """\
title: Mediation
about: Whether the parties talk before they go to court
questions:
  mediator:
    type: text
    prompt: Who mediates?
    characters: 60
    default: the Boston Mediation Center
    example: the Boston Mediation Center
  days:
    type: duration
    prompt: How long do they try?
    least: 10 days
    most: 90 days
    default: 30 days
""",
    "clauses/mediation/acme-mediation.md": """\
---
id: acme-mediation
title: Mediation first
version: 1
words: 40
---
Before going to court, the parties try mediation by {{ mediation.mediator }} for up to {{ mediation.days }}.
""",
}


def clause(id: str, body: str, title: str = "Brand", more: str = "") -> str:
    return f"---\nid: {id}\ntitle: {title}\nversion: 7\nwords: 60\n{more}---\n{body}\n"


def write(folder: Path, files: dict[str, str | bytes], more: str = "") -> Path:
    """Write a pack named like `folder`; `more` are further lines of its pack.yaml."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"pack.yaml": HEAD.format(id=folder.name) + more, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def outline_with(topic: str, kind: str = "referral") -> dict[str, str]:
    """Return the outline of a kind with one topic more, before the last one."""
    text = (Path(__file__).resolve().parent.parent / "templates" / f"{kind}.yaml").read_text(encoding="utf-8")
    assert "  - general\n" in text
    return {f"templates/{kind}.yaml": text.replace("  - general\n", f"  - {topic}\n  - general\n", 1)}
