"""A package, so that its tests share one server and one browser (conftest.py), which end with the last of them."""
