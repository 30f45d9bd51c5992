"""The one-stop window: what a person asks before anything is declared."""
