"""Trials of rules: a change of the law tried on a few, with limits, measured, widened or stopped."""
