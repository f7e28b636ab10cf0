"""The debugger of the program: the stepper, its transport bar, the scrubber, and the breakpoints."""
