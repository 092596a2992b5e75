"""Identifiers of Costa Rica."""
