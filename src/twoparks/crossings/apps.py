"""Django configuration of this app."""

from django.apps import AppConfig


class CrossingsConfig(AppConfig):
    """Registers `twoparks.crossings`: its contracts and its duties."""

    name = "twoparks.crossings"
    label = "crossings"

    def ready(self) -> None:
        """Tell the federation what crossings say, and the worker what to do regularly."""
        from twoparks.crossings import actions, contracts, projection
        from twoparks.federation.worker import register_duty
        from twoparks.permits.actions import register_rebuild

        register_rebuild("crossings", projection.rebuild)
        contracts.register_contracts(actions.apply)
        register_duty("gates", 10, actions.sync_all)
        register_duty("waiting passages", 30, lambda now: _done(actions.record_waiting(now)))
        register_duty("discrepancies", 60, lambda now: _done(actions.open_discrepancies(now)))


def _done(count: int) -> None:
    """A duty's count is of interest to tests only."""
