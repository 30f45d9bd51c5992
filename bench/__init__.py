"""What the parts cost, measured; never a timed test. `python -m bench` runs all, `python -m bench law` one."""
