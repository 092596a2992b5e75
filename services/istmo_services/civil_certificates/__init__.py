"""Birth, marriage, death, divorce and single-status certificates: request, decide, deliver, verify."""

from istmo.runtime import Case, Collection, Service

from . import handlers, hooks, register

__all__ = ["service"]

service = Service(
    "civil_certificates",
    handlers,
    cases=[Case(hooks.COLLECTION, hooks)],
    collections=[
        Collection(hooks.COLLECTION, unique=(hooks.TWIN,)),
        Collection("certificates", unique=("code",)),
    ],
    seed=register.seed,
)
