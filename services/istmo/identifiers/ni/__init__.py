"""Identifiers of Nicaragua."""
