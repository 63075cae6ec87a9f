"""Floor 3: words -> captions and dubbed voice.

The way: ``interpreter.py`` (a room) -> ``speaker_desk.py`` (a microphone) -> ``sentences.py`` (its segments) ->
``booth.py`` (one language: translation, caption) -> ``dub_channel.py`` (one language's voice, one dub at a time).
What decides beside them: ``listeners.py``, ``ladder.py``, ``admission.py``, ``echo.py``, ``pacer.py``.
"""
