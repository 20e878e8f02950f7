"""Many deals at once: from files, folders and tables to documents, none lost, none wrong."""
