"""What stands around the canvas: palette, inspector, problems, program."""
