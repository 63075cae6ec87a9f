"""Floor 3: microphone -> words. ``endpointing.py`` finds utterances, ``commitment.py`` keeps words."""
