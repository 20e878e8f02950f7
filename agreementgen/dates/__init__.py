"""The dates of a deal: what the agreement makes of them, as calendar files and as tables."""
