"""Work that may take a while and must be done once: the runner of the jobs table."""
