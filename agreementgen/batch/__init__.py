"""Many deals at once: none lost, none wrong, none built twice."""
