"""Django configuration of this app."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Registers `twoparks.site`."""

    name = "twoparks.site"
    label = "site"
