"""Floor 3: which voice speaks, and whether it sounds as speech does. ``router.py``, ``checks.py``, ``trimming.py``."""
