"""What happens to an agreement after its first draft."""
