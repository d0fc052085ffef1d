"""Proofs that the service holds: each script runs ``extractor serve`` and a mock model, and exits with 1 where a criterion is missed."""
