"""The questionnaire in a terminal: what is asked next, how it is asked, and the deal file that it writes."""
