"""The command line. It may import every other part of the kernel; none imports it."""

from istmo.cli._main import main

__all__ = ["main"]
