"""What keeps a node running: health, log lines, figures for a monitor, copies and their restoring."""
