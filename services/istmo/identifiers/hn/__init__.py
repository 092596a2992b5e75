"""Identifiers of Honduras."""
