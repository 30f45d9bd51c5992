"""The policy engine: dated, cited rules read as data, and determinations that explain themselves.

It knows no park and no law; `twoparks.packs` holds both. Start at `zone.py` for what callers use, at
`language.py` for conditions, at `verdict.py` for how provisions become an outcome.
"""
