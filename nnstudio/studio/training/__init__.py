"""Training in the window: controls, curves, and how the layers fare."""
