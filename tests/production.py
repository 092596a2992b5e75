"""Settings with which production may start, and the files that they name; each test changes what it is about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from istmo.runtime.keys import new_private_key, public_part

HOST = "notes.test"


def safe(folder: Path, **changed: Any) -> dict[str, Any]:
    """Return complete safe settings; their key files lie in the folder."""
    return {
        "environment": "production",
        "country": "HN",
        "database": f"sqlite:///{folder}/istmo.db",
        "allow_sqlite": "yes-one-machine",
        "base_url": f"https://{HOST}",
        "hosts": (HOST,),
        "proxies": ("10.1.2.0/24",),
        "issuer": "https://id.test",
        "audience": "urn:test:notes",
        "jwks": str(key_set(folder)),
        "signing_key": signing_key(folder),
        "operator": "Registro de notas",
        "contact": "notas@agency.test",
        **changed,
    }


def environment(folder: Path, **changed: Any) -> dict[str, str]:
    """Return the same settings as the variables of a process."""
    found = safe(folder, **changed)
    return {
        f"ISTMO_{name.upper()}": ",".join(value) if isinstance(value, tuple) else str(value)
        for name, value in found.items()
        if value is not None
    }


def signing_key(folder: Path, mode: int = 0o400) -> Path:
    """Make a signing key that only its owner can read."""
    path = folder / "signing-key.json"
    path.unlink(missing_ok=True)
    path.write_text(json.dumps(new_private_key()), encoding="utf-8")
    path.chmod(mode)
    return path


def key_set(folder: Path, *more: dict[str, Any]) -> Path:
    """Make the published keys of an identity provider, and write its private key beside them."""
    private = new_private_key("id-")
    (folder / "provider.json").write_text(json.dumps(private), encoding="utf-8")
    path = folder / "jwks.json"
    path.write_text(json.dumps({"keys": [public_part(private), *more]}), encoding="utf-8")
    return path
