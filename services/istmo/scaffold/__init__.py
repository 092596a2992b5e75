"""Projects, profiles and rooms from templates: answers that are data, files that are theirs, a record for upgrades."""

from istmo.scaffold.answers import Answers, Template
from istmo.scaffold.projects import make
from istmo.scaffold.templates import NAMES, find

__all__ = ["NAMES", "Answers", "Template", "find", "make"]
