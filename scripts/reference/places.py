"""Where the reference is read from. For make_reference.py."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent

SOURCE = REPOSITORY / "src" / "dragoman"

HOME = Path("/home/you")
"""Stands for everybody's home folder while defaults are read."""
