"""Django configuration of this app."""

from django.apps import AppConfig


class PilotsConfig(AppConfig):
    """Registers `twoparks.pilots`."""

    name = "twoparks.pilots"
    label = "pilots"
