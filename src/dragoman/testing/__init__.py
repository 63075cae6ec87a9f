"""Complete, deterministic stand-ins for everything the interpreter talks to; usable by anybody's tests.

Sound carries real text here: ``tones.py`` writes words as tones, ``engines.py`` speaks and recognises them. From there
``recognition.py`` (live sessions), ``rooms.py`` (people and microphones), ``observers.py`` (what was reported) and
``asgi.py`` (a WebSocket without a network).
"""
