"""Tables of partners over a base deal: their heads, their rows, and an empty one to fill in."""
