"""Training: optimizers, schedules, metrics, the trainer, and the session that runs it in the background.

What the floors above build on:

goal         TrainingSettings has stop_loss, patience and seconds (0: none); Goal.of(settings) is the three
             together. Session.set_goal(goal) changes them while it runs. Trainer.reached and
             Session.reached say what ended a run: "" | "epochs" | "loss" | "patience" | "seconds";
             Trainer.ending and Session.sentence say it in words.
changes      Session.change(name, value) and Trainer.change(name, value) for CHANGEABLE = ("lr",
             "batch_size", "weight_decay"), between two batches. run_state["changes"] lists the marks
             {"step", "epoch" (a float: where on the curve), "name", "from", "to"}; there are such too for
             "network", "data" and "optimizer" where a run went on with others: then its best loss, patience
             and checkpoints begin anew. A snapshot's status has
             "lr", "batch_size" (as it is, never 0), "weight_decay" and the same run_state.
checkpoint   settings.keep_best (bool) and keep_every (epochs; 0: none). Checkpoint(epoch, step, why,
             validation_loss, weights, optimizer_state, run_state), `why` "best" or "every", `epoch` how
             many were finished. Trainer.checkpoints and Session.checkpoints: a list in the order of epochs,
             at most one "best" and MOST_KEPT of "every".
stability    stability(graph, part, feeds, weights, settings) -> Stability(largest_eigenvalue, rule,
             largest_lr, lr_to_try). Diverged, and Session.problem of a divergence, have "largest_lr"
             and "lr_to_try" (None where the rule does not hold, and where the rate is not to blame).
watching     Session.watch_figures(True); then snapshot.figures: {"fc1.weight" | "fc1.grad_weight" |
             "act1.output": Figure(kind, step, counts, low, high, norm, mean, std, ratio, dead)}.
metrics      History entries also hold {train,validation}_{precision,recall} (macro) and, with more than
             five classes, _top5. The confusion matrix is explain.judging's.
rate_test    RateTest(graph, data, settings, weights=…), stepped by `for share in test.run()`: rates, losses,
             smoothed, suggestion, sentence.
"""
