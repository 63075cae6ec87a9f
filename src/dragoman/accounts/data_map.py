"""What is stored, of whom, why, for how long: every table, column, file and folder. From here to ``docs/reference``.

The export of a person (export.py), their erasure (erasure.py) and the test that fails for anything that is not listed
here all read this. The words are for people who ask what is kept of them; they are in stored_people.py,
stored_rooms.py, stored_work.py, stored_files.py and stored_elsewhere.py.
"""

from typing import Final

from dragoman.accounts.stored import Erased, Place, StoredElsewhere, StoredFile, StoredTable
from dragoman.accounts.stored_elsewhere import ELSEWHERE
from dragoman.accounts.stored_files import FILES
from dragoman.accounts.stored_people import PEOPLE
from dragoman.accounts.stored_rooms import ROOMS
from dragoman.accounts.stored_work import WORK

__all__ = ["ELSEWHERE", "FILES", "TABLES", "Erased", "Place", "StoredElsewhere", "StoredFile", "StoredTable"]

TABLES: Final = (*PEOPLE, *ROOMS, *WORK)
"""Every table there is."""
