"""The shared workbook of a deal: what is owed for a period, from the deal's terms and what was entered."""
