"""From a Document to files: measuring, fit, PDF, DOCX, text, and the Word templates of law firms."""
