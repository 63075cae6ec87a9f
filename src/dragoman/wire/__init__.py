"""Floor 1: how ground types cross a process border. Every message is a frame: a JSON header and PCM."""
