"""See a glossary through: which terms a sentence holds, whether its translation has them, and what helps if not.

``folding.py`` makes spellings comparable, ``automaton.py`` and ``matcher.py`` find terms, ``forms.py`` finds their
translations in any inflection, ``demands.py`` says what is missing, ``repairs.py`` proposes better translations,
``verifying.py`` refuses those that are worse, and ``enforcing.py`` asks the engine for them in time.
``files.py`` reads and writes glossaries.
"""
