"""Training: optimizers, schedules, metrics, the trainer, and the session that runs it in the background."""
