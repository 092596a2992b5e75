{% set it = facts(cookiecutter) -%}
"""The application as an ASGI server or the conformance suite takes it; `istmo serve` needs none of this."""

from __future__ import annotations

import os

from istmo.runtime import create_app
from istmo.runtime.app import Application
from istmo.runtime.settings import load

from .{{ it.answers.service }} import service

COUNTRY = {{ it.answers.country|tojson }}


def build() -> Application:
    """Return the service with the settings of the environment; without a database it forgets everything at its end."""
    database = os.environ.get("ISTMO_DATABASE") or "sqlite:///:memory:"
    return create_app(service, settings=load(country=COUNTRY, database=database))
