"""Transparency log: keys, append, checkpoint, cosign, prove, verify."""
