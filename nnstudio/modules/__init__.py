"""The catalogue: every node type, defined once as equations, a family a file."""
