"""Voices for background jobs: large models, each with PyTorch, in a process of its own.

One engine (``engine.py``) and, per library, a file that describes it and is its worker: ``xtts.py``, ``f5.py`` and
``chatterbox.py``. The libraries are imported in the worker alone. None of them has run here with its real weights.
"""
