"""Deliberately wrong variants of the reference services: the suite proves itself on them.

Each variant breaks one requirement and says which; `python -m tests.wrong_services` judges every one with the
real suite and prints the kill matrix. The services' own code knows nothing of this.
"""
