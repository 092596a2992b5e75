"""The reference service on the PostgreSQL database of `ISTMO_DATABASE`, for `istmo check --app`."""

from __future__ import annotations

import os

from istmo.runtime.app import Application
from istmo.runtime.reference import build


def app() -> Application:
    """Make the application."""
    return build("civil_certificates", database=os.environ["ISTMO_DATABASE"])
