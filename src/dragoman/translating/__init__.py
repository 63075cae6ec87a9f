"""Floor 3: which engine translates, and whether its answer can be believed. ``router.py``, ``checks.py``."""
