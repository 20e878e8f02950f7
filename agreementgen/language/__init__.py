"""The clause language: a small subset of Jinja over Markdown, checked before any deal exists."""
