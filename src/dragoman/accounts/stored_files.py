"""What lies in the data folder. To data_map.py."""

from typing import Final

from dragoman.accounts.stored import SERVERS, THEIRS, Erased, StoredFile

FILES: Final = (
    StoredFile(
        path="dragoman.db*",
        what="The tables above, where the database is SQLite, with its log; and what an upgrade or a restore replaced.",
        why="It is the database.",
        whose="as the tables say",
        how_long="for good; copies of before an upgrade or a restore until somebody removes them",
        erased="row by row; what is erased is overwritten with zeros, the log is cut, backups beside it are rewritten",
    ),
    StoredFile(
        path="*.backup",
        what="What was in PostgreSQL before a restore.",
        why="To go back to it.",
        whose="as the tables say",
        how_long="until somebody removes it",
        erased="rewritten without the person",
    ),
    StoredFile(
        path="backups",
        what="One backup of every table for each day.",
        why="To lose no more than a day.",
        whose="as the tables say",
        how_long="the newest 14",
        erased="every backup is rewritten without the person; one that cannot be read is removed",
    ),
    StoredFile(
        path="exports",
        what="Exports that people asked for.",
        why="For them to download.",
        whose=THEIRS,
        how_long="for a week, or until the next one",
        erased="removed",
    ),
    StoredFile(
        path="account.key",
        what="The key of the accounts: of access tokens, the webhooks' secrets, and the links of rooms.",
        why="So that nobody else can.",
        whose=SERVERS,
        how_long="for good",
        erased=Erased.STAYS,
    ),
    StoredFile(
        path="certificate",
        what="The certificate of `dragoman up --lan` and its key.",
        why="For https within the house.",
        whose=SERVERS,
        how_long="until it expires",
        erased=Erased.STAYS,
    ),
    StoredFile(
        path="models",
        what="Models that were pulled or added; `models_dir` may put them elsewhere.",
        why="To work with.",
        whose=SERVERS,
        how_long="until somebody removes them",
        erased=Erased.STAYS,
    ),
)
"""Everything that is written below ``data_dir``."""
