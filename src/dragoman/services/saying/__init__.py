"""Text to voice: for the text-to-speech service's HTTP face, for ``dragoman say`` and ``dragoman voices``.

``wishes.py`` holds what is asked for and refuses what cannot be spoken, ``desk.py`` has it spoken or finds it in
``cache.py``, ``sound_files.py`` writes it. The service's routes are in ``synthesize_http.py``, ``openai_http.py``,
``later_http.py`` and ``listings.py``; the command is in ``command.py``.

``backroom.py`` works when nobody waits: on what a better voice (``tiers.py``) was asked for (``later.py``), and on
``phrases.py``. ``watermarking.py`` marks what is spoken, ``detecting.py`` finds the mark.
"""
