"""Istmo."""
