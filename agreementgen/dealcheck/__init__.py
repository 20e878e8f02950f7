"""The deal check: rules of the library and of packs, held against the facts of a deal."""
