"""What lawyers wrote: topics, clauses and outlines, read from folders and checked without a deal."""
