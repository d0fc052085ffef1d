"""Scorers of the suites that measure on published data; one module a question."""
