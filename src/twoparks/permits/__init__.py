"""Declaration, determination, clearances, permits."""
