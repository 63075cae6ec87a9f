"""Floor 3: which voice speaks, what it is given to say, and whether it sounds as speech does.

``room_voices.py`` first: ``planner.py`` chooses the engine, ``casting.py`` the voice, ``speaker_sound.py`` knows what
the speaker sounds like. ``router.py`` speaks, ``spoken_text/`` puts figures in words, ``clause.py`` looks after the
sound; ``watermark.py`` marks it as made by a machine.
"""
