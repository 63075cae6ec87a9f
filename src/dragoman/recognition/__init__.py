"""Floor 3: microphone -> words. ``endpointing.py`` decides where utterances lie, ``session.py`` runs it."""
