"""Measuring extraction against gold: samples in, runs kept on disk, scores with intervals, reports.

One idea per module. ``samples`` and ``scores`` are the values; ``fields``, ``matching`` and ``claim_scorer`` say how a claim is compared with gold;
``statistics`` gives every number its interval; ``runs`` is the only module that asks a model; the rest reads what a run left.
"""
