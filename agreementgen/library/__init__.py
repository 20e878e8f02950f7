"""What lawyers wrote: topics, clauses and outlines, read from folders."""
