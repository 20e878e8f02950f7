"""Both together: which clauses, in which words, under which numbers."""
