"""Django configuration of this app."""

from django.apps import AppConfig


class PermitsConfig(AppConfig):
    """Registers `twoparks.permits`."""

    name = "twoparks.permits"
    label = "permits"
