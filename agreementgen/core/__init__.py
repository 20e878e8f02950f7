"""What everything stands on: problems, values, documents, files. It knows nothing of deals, clauses or terminals."""
