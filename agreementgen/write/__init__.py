"""From a Document to files: fit, DOCX, PDF, text."""
