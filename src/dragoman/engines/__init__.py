"""Floor 2: engines behind the seams of ``ground/engines.py``, one file each. ``registry.py`` finds them by name."""
