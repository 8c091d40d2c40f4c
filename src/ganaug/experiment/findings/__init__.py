"""What makes an answer doubtful, each problem with a remedy.

A *finding* is a problem that records show: one in a GAN's training (`gan/health.py`), or a *doubt*, about arms or
synthetic sets (`doubts.py`). A *condition* is what an answer needs, met or not, as findings and figures show
(`conditions.py`).

All are judged on validation images and on records of training, never on the test set. Thresholds are lenient: a false
alarm is worse than a missed problem.
"""
