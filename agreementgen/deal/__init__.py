"""What the user says: questions, answers, and the Deal they make."""
