"""Django configuration of this app."""

from django.apps import AppConfig

FORGET_EVERY_S = 3600.0


class SiteConfig(AppConfig):
    """Registers `twoparks.site`, and with the worker what it is to tidy."""

    name = "twoparks.site"
    label = "site"

    def ready(self) -> None:
        """Have the worker drop answers kept long enough."""
        from twoparks.federation.worker import register_duty
        from twoparks.site.calls.once import forget

        register_duty("forget_answers", FORGET_EVERY_S, forget)
