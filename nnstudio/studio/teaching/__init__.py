"""Lessons in the window: the stage they are played on, the panel that guides through them, presenting."""
