"""Texts from one language to another: for the translation service's HTTP face and for ``dragoman translate``.

``texts_http.py`` answers the routes; ``bodies.py`` receives what was sent, ``fields.py`` reads it in our words or in
LibreTranslate's, ``listings.py`` says what can be asked for, ``api_key.py`` lets LibreTranslate's clients in. The
command is in ``command.py``. The work itself is done in ``translating/``.
"""
