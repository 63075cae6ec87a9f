"""Places where people speak, read and listen: recordings as rooms, and what is written of them."""
