"""The suite is tested against a small service of its own, never against the reference."""
