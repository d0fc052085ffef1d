"""What the service answers, path by path: each handler parses, calls and responds."""
