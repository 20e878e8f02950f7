"""The clause language: a small subset of Jinja over Markdown."""
