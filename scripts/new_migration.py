"""Write the next migration, from what tables.py has and the migrations before it do not make.

    .venv/bin/python scripts/new_migration.py "Rooms have a colour"
    .venv/bin/python scripts/new_migration.py --first     # 0001 anew; only as long as no release has been made with it

Read what it writes: it takes a renamed column for a removed and a new one.
"""

import re
import subprocess
import sys
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from dragoman.store.upgrade import config_of, known_schemas

VERSIONS = Path(__file__).parents[1] / "src" / "dragoman" / "store" / "migrations" / "versions"
FIRST = "Users, teams, rooms, jobs"


def write_migration(message: str, *, number: int) -> Path:
    """Write ``versions/vNNNN_message.py``, formatted."""
    config = config_of(None)
    config.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
    with create_engine("sqlite://").connect() as connection:
        config.attributes.update(connection=connection, as_batch=number > 1)
        if number > 1:
            command.upgrade(config, "head")
        command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04d}")
    file = next(VERSIONS.glob(f"v{number:04d}_*.py"))
    file.write_text(re.sub(r"\n *# ### .*", "", file.read_text()))
    for arguments in (("format", "--quiet"), ("check", "--fix", "--quiet"), ("format", "--quiet")):
        subprocess.run([Path(sys.executable).with_name("ruff"), *arguments, file], check=True)
    return file


def main() -> None:
    match sys.argv[1:]:
        case ["--first"]:
            for file in VERSIONS.glob("v0001_*.py"):
                file.unlink()
            written = write_migration(FIRST, number=1)
        case [message] if not message.startswith("-"):
            written = write_migration(message, number=len(known_schemas()) + 1)
        case _:
            sys.exit(__doc__)
    print(f"wrote {written.name}; read it, and run tests/contract/store")


if __name__ == "__main__":
    main()
