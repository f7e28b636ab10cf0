"""Comparing runs: those that are kept, sweeps over settings, and the test of learning rates."""
