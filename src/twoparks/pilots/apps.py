"""Django configuration of this app."""

from django.apps import AppConfig


class PilotsConfig(AppConfig):
    """Registers `twoparks.pilots`: its contracts, its rows, its duty, and the law it chooses for permits."""

    name = "twoparks.pilots"
    label = "pilots"

    def ready(self) -> None:
        """Tell the federation what trials say, and permits which law is on trial for whom."""
        from twoparks.federation import catching_up
        from twoparks.federation.worker import register_duty
        from twoparks.permits import on_trial
        from twoparks.permits.actions import register_rebuild, register_then, register_told
        from twoparks.pilots import actions, contracts, trial_law
        from twoparks.pilots.actions import impact

        contracts.register_contracts(actions.apply)
        on_trial.register(trial_law.offers, trial_law.chooses)
        register_told(actions.take_permit)
        register_then(actions.watch_permit)
        register_rebuild("trials", actions.rebuild)
        catching_up.register_after(actions.go_on)
        register_duty("trials", 10, actions.follow_days)
        register_duty("impact of drafts", 0.5, impact.work)
