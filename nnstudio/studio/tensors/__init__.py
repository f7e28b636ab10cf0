"""Tensors: every array of what is selected, looked at, typed into, and swept to ask what if."""
