"""Jobs: many articles handed over at once, done in the background, kept on the disk."""
