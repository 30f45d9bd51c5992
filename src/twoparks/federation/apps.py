"""Django configuration of this app."""

from django.apps import AppConfig


class FederationConfig(AppConfig):
    """Registers `twoparks.federation`."""

    name = "twoparks.federation"
    label = "federation"

    def ready(self) -> None:
        """Publish what the protocol itself publishes."""
        from twoparks.federation import published, witness
        from twoparks.federation.keys import node_keys

        def checkpoint() -> bytes | None:
            note = witness.current_note()
            return None if note is None else note.encode()

        published.publish("trust", lambda: node_keys().published)
        published.publish("checkpoint", checkpoint)
        published.publish("witnessed", witness.witnessed_document)
