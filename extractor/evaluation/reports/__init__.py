"""Reports of a run, for people and for machines: Markdown, CSV, JUnit XML, and one self-contained page. Pure functions that return text."""
