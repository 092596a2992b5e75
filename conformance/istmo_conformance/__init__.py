"""The conformance suite: judges a service through HTTP, whoever wrote it and in whatever language.

It may import the specifications and the base of the kit, never a runtime or a room.
"""
