"""The seam to whoever finds the tree of a sentence, and the parsers behind it."""
