"""Django configuration of this app."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Registers `twoparks.registry`."""

    name = "twoparks.registry"
    label = "registry"
