"""`python -m istmo` is the command `istmo`."""

from __future__ import annotations

import sys

from istmo.cli import main

if __name__ == "__main__":
    sys.exit(main())
