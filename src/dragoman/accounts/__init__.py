"""Who people are and what they may do: sign-in, sessions, API keys, teams, roles, plans, privacy."""
