"""The drawing: one item a node, one item an edge, and the gestures that push edits."""
