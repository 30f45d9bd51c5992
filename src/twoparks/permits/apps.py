"""Django configuration of this app."""

from django.apps import AppConfig


class PermitsConfig(AppConfig):
    """Registers `twoparks.permits`: its contracts, and the status list it publishes and follows."""

    name = "twoparks.permits"
    label = "permits"

    def ready(self) -> None:
        """Tell the federation what permits say, publish and read."""
        from datetime import UTC, datetime

        from twoparks.federation import catching_up, keys, published
        from twoparks.federation.worker import register_duty
        from twoparks.ledger.keys import KeyPurpose
        from twoparks.permits import contracts, issued
        from twoparks.permits.actions import (
            apply,
            follow_keys,
            follow_law,
            go_on,
            rebuild_people,
            register_rebuild,
            take_status,
        )
        from twoparks.registry import finding

        contracts.register_contracts(apply)
        published.publish(issued.STATUS, lambda: issued.status_token(datetime.now(UTC)))
        published.subscribe(issued.STATUS, take_status)
        catching_up.register_after(go_on)
        keys.register_last_use(KeyPurpose.PASSES, issued.last_use)
        register_rebuild("people", rebuild_people)
        register_rebuild("words of the registry", finding.keep_all)
        register_duty("law", 86_400, follow_law)
        register_duty("sign anew", 10, follow_keys)
