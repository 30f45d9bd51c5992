"""Django configuration of this app."""

from django.apps import AppConfig

FORGET_EVERY_S = 3600.0


class SiteConfig(AppConfig):
    """Registers `twoparks.site`, and with the worker what it is to tidy."""

    name = "twoparks.site"
    label = "site"

    def ready(self) -> None:
        """Have the worker drop answers kept long enough, and offer `twoparks permit paper`."""
        from twoparks.federation.worker import register_duty
        from twoparks.permits import desk
        from twoparks.site.calls.once import forget
        from twoparks.site.paper import command

        register_duty("forget_answers", FORGET_EVERY_S, forget)
        desk.register_verb(
            "paper", command.paper, "write the permit, receipt or letter as a PDF", command.words
        )
