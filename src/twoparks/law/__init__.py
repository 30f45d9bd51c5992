"""The policy engine: language, packs, determine, explain."""
