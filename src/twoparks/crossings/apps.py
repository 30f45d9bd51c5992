"""Django configuration of this app."""

from django.apps import AppConfig


class CrossingsConfig(AppConfig):
    """Registers `twoparks.crossings`."""

    name = "twoparks.crossings"
    label = "crossings"
