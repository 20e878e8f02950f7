"""Deal and library together: which clauses, in which words, under which numbers."""
