"""TwoParks: the system that runs one zone with two parks."""
