"""Floor 3: rooms without accounts, in memory. ``meetings.py`` (all rooms) -> ``meeting.py`` (one) -> ``finals.py``.

Beside them: ``invitations.py`` (ids and secrets), ``choices.py`` (languages), ``warden.py`` (who interprets),
``journal.py`` (finals on their way from the interpreter), ``continued_room.py`` (numbers
that go on), ``allowance.py`` (how often). All plain, without clock or I/O.
"""
