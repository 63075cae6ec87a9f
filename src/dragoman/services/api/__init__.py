"""The API: one origin for the page, ``/api/v1`` (a file for each resource) and LiveKit's signalling.

``app.py`` puts it together out of ``parts.py``; ``problems.py`` and ``guards.py`` are what all resources share;
``watch.py`` keeps every room interpreted.
"""
