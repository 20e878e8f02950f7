"""What the user says: deal files, values, questions, and the Deal they make."""
