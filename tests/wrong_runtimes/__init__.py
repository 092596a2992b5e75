"""Deliberately wrong variants of the runtime: the tests that hold what no scenario can see prove themselves on them.

Each variant breaks one requirement of those that a suite cannot observe from outside, and names the tests that hold
it; `python -m tests.wrong_runtimes` runs exactly these and prints which fell.  The product knows nothing of this:
parts of it are replaced from here, also in the processes that a test starts.
"""
