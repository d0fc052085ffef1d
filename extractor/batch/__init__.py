"""A whole archive, to the end, whatever fails: entries in, results out, resumable and within a budget."""
