"""What outlives a call: accounts, teams, rooms, jobs. One database, SQLite by default, PostgreSQL by its address."""
