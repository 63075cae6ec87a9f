"""Text as it is spoken: figures, dates, times, units, currencies, abbreviations and addresses in words.

``normalise.py`` is the way in. ``rules.py`` walks once through a text; ``figures.py``, ``quantities.py``, ``dates.py``,
``clock.py``, ``parts.py``, ``addresses.py``, ``abbreviations.py`` and ``pictures.py`` hold a concern each, and
``en.py``, ``vi.py`` and the others what their languages say; ``en_rules.py`` and its like read what one language alone
writes. Plain functions; nothing is said that is not written.
"""
