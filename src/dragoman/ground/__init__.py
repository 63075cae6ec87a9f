"""Floor 0: the words of the house. Domain types, engine protocols, the error tree, events. Python and numpy only."""
