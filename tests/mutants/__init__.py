"""Small faults made by a program: how many does the suite find through HTTP alone?

`python -m tests.mutants [NUMBER]` changes the rules of each service and the code of state, money and
authorization in one place each, judges the reference with each change, and prints the share that was caught.
"""
