"""The standard as Python reads it: documents, operations, profiles, requirements. It serves and judges nothing.

Names are loaded when they are first used: a command that only lists the catalogue compiles no schema.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from istmo.spec._amend import amend
    from istmo.spec._bundle import bundle, slugs
    from istmo.spec._cast import Persona, fixtures, personas
    from istmo.spec._catalogue import Requirement, ServiceEntry, catalogue, requirements
    from istmo.spec._check import Fault, check_documents
    from istmo.spec._compat import Difference, compat
    from istmo.spec._document import CasePaths, Operation, Parameter, Response, Spec, Transition, spec
    from istmo.spec._foreign import Reading, bundle_file, faults_of, validation
    from istmo.spec._json import JSON, load_json, source_depth
    from istmo.spec._national import national_document, national_documents, national_schema, vendor
    from istmo.spec._national_schema import ensure_national, with_national
    from istmo.spec._problems import ProblemType, problems
    from istmo.spec._profile import IdentifierError, Normalised, Profile, countries, members, over, profile
    from istmo.spec._profile_check import ProfileFault, check_profile, completed_profile
    from istmo.spec._schemas import Schemas, Validator, Violation, violations
    from istmo.spec._yaml import load_yaml

__all__ = [
    "JSON",
    "CasePaths",
    "Difference",
    "Fault",
    "IdentifierError",
    "Normalised",
    "Operation",
    "Parameter",
    "Persona",
    "ProblemType",
    "Profile",
    "ProfileFault",
    "Reading",
    "Requirement",
    "Response",
    "Schemas",
    "ServiceEntry",
    "Spec",
    "Transition",
    "Validator",
    "Violation",
    "amend",
    "bundle",
    "bundle_file",
    "catalogue",
    "check_documents",
    "check_profile",
    "compat",
    "completed_profile",
    "countries",
    "ensure_national",
    "faults_of",
    "fixtures",
    "load_json",
    "load_yaml",
    "members",
    "national_document",
    "national_documents",
    "national_schema",
    "over",
    "personas",
    "problems",
    "profile",
    "requirements",
    "slugs",
    "source_depth",
    "spec",
    "validation",
    "vendor",
    "violations",
    "with_national",
]

_HOMES = {
    "_amend": ("amend",),
    "_bundle": ("bundle", "slugs"),
    "_cast": ("Persona", "fixtures", "personas"),
    "_catalogue": ("Requirement", "ServiceEntry", "catalogue", "requirements"),
    "_check": ("Fault", "check_documents"),
    "_compat": ("Difference", "compat"),
    "_document": ("CasePaths", "Operation", "Parameter", "Response", "Spec", "Transition", "spec"),
    "_foreign": ("Reading", "bundle_file", "faults_of", "validation"),
    "_json": ("JSON", "load_json", "source_depth"),
    "_national": ("national_document", "national_documents", "national_schema", "vendor"),
    "_national_schema": ("ensure_national", "with_national"),
    "_problems": ("ProblemType", "problems"),
    "_profile": ("IdentifierError", "Normalised", "Profile", "countries", "members", "over", "profile"),
    "_profile_check": ("ProfileFault", "check_profile", "completed_profile"),
    "_schemas": ("Schemas", "Validator", "Violation", "violations"),
    "_yaml": ("load_yaml",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a public name from its module."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found
    return found
