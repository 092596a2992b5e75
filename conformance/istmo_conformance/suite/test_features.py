"""Makes a test of each scenario of the service under judgement; `plugin.py` performs its steps."""

from __future__ import annotations

from pytest_bdd import scenarios

from istmo_conformance.plugin import current
from istmo_conformance.scenarios import feature_folders

scenarios(*map(str, feature_folders(current().features, current().spec.slug)))
