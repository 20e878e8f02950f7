"""Law firms' packs: making one, proving it, and what it changes."""
