"""What every call of the API passes through: who calls, how often, once, in strict JSON, answered by problems."""
