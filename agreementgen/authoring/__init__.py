"""For authors of clauses and packs: proof, check, comparison, and a new pack to begin with."""
