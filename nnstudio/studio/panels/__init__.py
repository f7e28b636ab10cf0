"""What stands around the canvas: palette, inspector, problems, training, program, data."""
