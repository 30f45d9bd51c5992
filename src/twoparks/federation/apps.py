"""Django configuration of this app."""

from django.apps import AppConfig


class FederationConfig(AppConfig):
    """Registers `twoparks.federation`."""

    name = "twoparks.federation"
    label = "federation"

    def ready(self) -> None:
        """Publish what the protocol itself publishes."""
        from twoparks.federation import catching_up, contracts, published, roles, witness
        from twoparks.federation.keys import PEER_TRUST, node_keys
        from twoparks.federation.queries import fetched

        def checkpoint() -> bytes | None:
            note = witness.current_note()
            return None if note is None else note.encode()

        def peer_trust() -> bytes | None:
            held = fetched(PEER_TRUST)
            return None if held is None else held.content

        contracts.register(catching_up.CONTRACT)
        roles.register_roles()
        published.publish("peer-trust", peer_trust)
        published.publish("trust", lambda: node_keys().published)
        published.publish("checkpoint", checkpoint)
        published.publish("witnessed", witness.witnessed_document)
