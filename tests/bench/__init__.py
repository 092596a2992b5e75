"""Measurements: ratios side by side, and every figure that a document of the project claims."""
