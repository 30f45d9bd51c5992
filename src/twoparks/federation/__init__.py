"""The other park: acts, outbox, inbox, trust, checkpoints."""
