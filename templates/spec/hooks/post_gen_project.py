"""Lays the room into the checkout in which it was rendered, and generates what follows from it."""

import json
import sys
from pathlib import Path

from istmo.errors import KitError
from istmo.scaffold.templating import finish

try:
    finish("spec", json.loads({{ cookiecutter|jsonify|tojson }}), Path.cwd())
except KitError as error:
    sys.exit(f"{error.code}: {error.message}. {error.hint}")
