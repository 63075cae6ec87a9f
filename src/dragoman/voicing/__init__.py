"""Floor 3: which voice speaks, what it is given to say, and whether it sounds as speech does.

``router.py`` first; ``spoken_text/`` puts figures in words, ``checks.py``, ``trimming.py``, ``levelling.py`` and
``loudness.py`` look after the sound.
"""
