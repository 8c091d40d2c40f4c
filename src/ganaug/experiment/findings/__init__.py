"""What makes a verdict doubtful: findings about arms and synthetic sets, each with a remedy.

They are judged on validation images and on records of training, never on the test set. Thresholds are lenient: a false
alarm is worse than a missed problem.
"""
