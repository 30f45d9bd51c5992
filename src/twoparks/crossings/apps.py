"""Django configuration of this app."""

from django.apps import AppConfig


class CrossingsConfig(AppConfig):
    """Registers `twoparks.crossings`: its contracts, its duties, its rows among those made again."""

    name = "twoparks.crossings"
    label = "crossings"

    def ready(self) -> None:
        """Tell the federation what crossings say, and the worker what to do regularly."""
        from twoparks.crossings import actions, contracts, projection
        from twoparks.federation.worker import register_duty
        from twoparks.permits.actions import register_rebuild

        contracts.register_contracts(actions.apply)
        register_rebuild("crossings", projection.rebuild)
        register_rebuild("released counts", actions.rebuild_counts)
        register_duty("gates", 10, actions.sync_all)
        register_duty("waiting passages", 30, actions.record_waiting)
        register_duty("discrepancies", 60, actions.open_discrepancies)
