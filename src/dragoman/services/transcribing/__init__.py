"""Recordings to text: for the speech-to-text service's HTTP face and for ``dragoman transcribe``.

``stretches.py`` cuts a recording into what an engine takes at once, ``hearing.py`` asks the engines,
``transcription.py`` puts sentences and subtitles together, ``formats.py`` writes them. The service's routes are in
``recordings_http.py``, ``openai_http.py``, ``listings.py`` and ``live_socket.py``; the command is in ``command.py``,
with ``live.py`` for ``--live``.
"""
