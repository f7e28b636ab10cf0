"""The sizes of a card, in scene units."""

WIDTH = 152.0
HEIGHT = 112.0
PORT_RADIUS = 5.0
PORT_PITCH = 24.0
MARGIN = 14.0  # ports, selection outline and the sheets of a group stand out of the card
HEADER = 44.0
RADIUS = 8.0
