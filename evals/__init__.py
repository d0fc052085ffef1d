"""Suites that measure this project on data kept elsewhere; run with ``python -m evals.NAME``, never shipped."""
