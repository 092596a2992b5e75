"""Keeps the file that is meant, and the page in the language of the country."""

import json
import sys
from pathlib import Path

from istmo.errors import KitError
from istmo.scaffold.templating import finish

try:
    finish("profile", json.loads({{ cookiecutter|jsonify|tojson }}), Path.cwd())
except KitError as error:
    sys.exit(f"{error.code}: {error.message}. {error.hint}")
