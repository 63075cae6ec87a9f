"""Floor 2: what happens inside, as logs (``log.py``), metrics (``metrics.py``) and figures (``figures.py``)."""
