"""Where every number comes from: formulas, the chain rule by paths, Jacobians, curvature, checks, diagnosis.

Nothing here computes a layer in its own way: all numbers come from the program's statements and from the
definitions' own functions.
"""
