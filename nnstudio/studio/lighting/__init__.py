"""What runs, brought to the canvas: which quantity travels along which edge, and what is said of it."""
