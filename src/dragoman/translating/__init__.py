"""Floor 3: which engine translates, and whether its answer can be believed.

``texts.py`` takes a whole text, ``splitting.py`` cuts it into sentences, ``router.py`` has each translated:
``hygiene.py`` makes it fit for an engine, ``cache.py`` remembers it, ``checks.py`` looks at the answer.
``detection.py`` says which language a text is in.
"""
