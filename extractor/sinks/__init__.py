"""Extractions in, text out."""
