"""Text to voice: for the text-to-speech service's HTTP face and for ``dragoman say``.

``wishes.py`` holds what is asked for and refuses what cannot be spoken, ``desk.py`` has it spoken or finds it in
``cache.py``, ``sound_files.py`` writes it. The service's routes are in ``synthesize_http.py``, ``openai_http.py`` and
``listings.py``; the command is in ``command.py``.
"""
