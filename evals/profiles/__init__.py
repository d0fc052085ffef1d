"""Extraction tasks of the project's own suites, made the way a user makes one: a module and a folder with a prompt."""
