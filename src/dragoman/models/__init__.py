"""The model store: what can be fetched (table.py), fetching (pull.py), finding (store.py), advice (offer.py)."""
