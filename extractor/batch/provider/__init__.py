"""OpenAI's Batch API as an engine: questions go out in files, and answers come back within a day, at half the price."""
