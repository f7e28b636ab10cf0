"""What explains the numbers in the window: formulas, Jacobians, curvature, checks and diagnosis."""
