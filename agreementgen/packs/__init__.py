"""A law firm's pack laid over the library, and the check of everything in it."""
