"""What words mean: figures, times, sources, polarity, verification. Pure, and measured without any model."""
