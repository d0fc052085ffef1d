"""Archives in, entries out: one article at a time, where it stands, not yet parsed."""
