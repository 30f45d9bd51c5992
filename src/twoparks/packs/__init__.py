"""The law and schedules of the zone, as data."""
