"""Watermarks in sound: models that put one in, and find it again. Used by ``voicing/watermark.py``."""
