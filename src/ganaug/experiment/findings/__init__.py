"""Problems that make an answer doubtful, each with a remedy.

A *finding* is a problem that records show: in a GAN's training (`gan/health.py`), or a *doubt*, about arms or synthetic
sets (`doubts.py`). A *condition* must be met for an answer to be relied on; findings and figures show whether it is
(`conditions.py`).

All are judged on validation images and on records of training, never on the test set. Thresholds are lenient: a false
alarm is worse than a missed problem.
"""
