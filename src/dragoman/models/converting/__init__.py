"""Published weights into CTranslate2's format, without torch: convert.py, and the files that it chooses from."""
