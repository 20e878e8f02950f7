"""Tables: CSV and XLSX as people have them, read as cells of text with their places, and written."""
