"""Adds what is not in the template: the room, the contract, the deployment, the kit, the record."""

import json
import sys
from pathlib import Path

from istmo.errors import KitError
from istmo.scaffold.templating import finish

try:
    finish("service", json.loads({{ cookiecutter|jsonify|tojson }}), Path.cwd())
except KitError as error:
    sys.exit(f"{error.code}: {error.message}. {error.hint}")
