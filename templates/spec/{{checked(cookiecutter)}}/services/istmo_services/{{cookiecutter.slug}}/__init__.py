{% set it = facts(cookiecutter) -%}
"""{{ it.answers.title_en }}: apply, follow, and receive the decision."""

from istmo.runtime import Case, Service

from . import handlers, hooks

__all__ = ["service"]

service = Service(
    "{{ it.slug }}",
    handlers,
    cases=[Case(hooks.COLLECTION, hooks)],
)
