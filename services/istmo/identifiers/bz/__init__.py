"""Identifiers of Belize."""
