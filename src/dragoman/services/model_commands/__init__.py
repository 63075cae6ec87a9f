"""The work of ``dragoman models``: pulling.py, verifying.py, bundles.py, probing.py, profiles.py, converting.py."""
