"""What makes a verdict doubtful: findings about arms and synthetic sets, each with a remedy.

They are judged on validation images and on records of training, never on the test set. Thresholds are wide: a finding
about a healthy run is worse than none about an ill one.
"""
