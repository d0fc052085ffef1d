"""A mock of a server that speaks OpenAI's chat completions, and the articles it knows the claims of."""
