"""Movements under a permit: gates, draw-down and reconciliation."""
