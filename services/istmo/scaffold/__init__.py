"""A national project from the templates: answers that are data, files that are theirs, a record for later upgrades."""

from istmo.scaffold.answers import Answers, answered
from istmo.scaffold.projects import make

__all__ = ["Answers", "answered", "make"]
