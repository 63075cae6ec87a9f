"""Floor 4: what runs. ``assembly.py`` turns settings into objects, ``recording.py`` interprets recordings,
``doctor.py`` says what works, and the ASGI apps put engines behind HTTP for other processes."""
