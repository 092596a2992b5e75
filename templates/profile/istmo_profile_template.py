"""What this template sees besides its answers. Cookiecutter loads it by the name in `cookiecutter.json`."""

from __future__ import annotations

from pathlib import Path

try:
    from istmo.scaffold.templating import KitExtension
except ImportError:
    raise ImportError("this template needs the kit beside cookiecutter: pip install 'istmo[scaffold]'") from None


class Kit(KitExtension):
    """The kit's extension, for this folder."""

    template = "profile"
    folder = Path(__file__).resolve().parent
