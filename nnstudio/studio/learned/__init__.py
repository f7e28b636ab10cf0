"""What the network has learned, seen: its answers over the inputs, its weights, its mistakes, its loss."""
