"""Office files as packages of parts: opened within limits, and looked through before use."""
