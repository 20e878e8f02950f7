"""YAML as people type it: nodes with their places, mistakes in plain words, changes that leave the rest alone."""
