"""Django configuration of this app."""

from django.apps import AppConfig


class FederationConfig(AppConfig):
    """Registers `twoparks.federation`."""

    name = "twoparks.federation"
    label = "federation"
