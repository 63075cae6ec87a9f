"""Dragoman: calls in which everyone speaks their own language. Start reading at ``ground/engines.py``."""

__version__ = "0.1.0"
