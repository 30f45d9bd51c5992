"""The signature of a message in transit: what it covers, who may make it, how old it may be (ADR 3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver
from http_message_signatures.algorithms import ED25519
from tests.federation.say import key
from tests.federation.test_receive import learn
from tests.two_nodes import TwoNodes

from twoparks.federation.keys import compromise, peer_trust, rotate
from twoparks.federation.transport import COVERED, TAG, Headers, Message, TransportRefused, sign, verify
from twoparks.ledger.keys import KeyPair, KeyPurpose

INBOX = "http://hk.test/federation/inbox"


def signed(nodes: TwoNodes, signer: KeyPair | None = None, url: str = INBOX) -> Message:
    """A message the first park sends to the second one's inbox."""
    message = Message("POST", url, b'{"act":{}}')
    sign(message, signer or key(nodes, "sz", KeyPurpose.TRANSPORT), nodes.now)
    return message


def check(nodes: TwoNodes, message: Message) -> str:
    """What the second park says to it: the key that signed."""
    with nodes.at("hk"):
        return verify(message, peer_trust(), nodes.now)


def with_covered(nodes: TwoNodes, covered: tuple[str, ...], tag: str = TAG) -> Message:
    """A message whose signature covers only `covered`."""
    signer = key(nodes, "sz", KeyPurpose.TRANSPORT)
    message = Message("POST", INBOX, b"{}", Headers({"Content-Type": "application/json"}))
    keys = MappingKeyResolver(public_keys={}, private_keys={signer.kid: signer.pem()})
    HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=keys).sign(
        message,
        key_id=signer.kid,
        created=nodes.now,
        tag=tag,
        covered_component_ids=covered,
        body=message.body,
    )
    return message


def test_a_message_signed_by_the_peer_names_its_key(two_nodes: TwoNodes) -> None:
    assert check(two_nodes, signed(two_nodes)) == key(two_nodes, "sz", KeyPurpose.TRANSPORT).kid


def test_a_message_without_signature_is_refused(two_nodes: TwoNodes) -> None:
    with pytest.raises(TransportRefused, match="Signature-Input"):
        check(two_nodes, Message("POST", INBOX, b"{}"))


def test_another_body_is_refused(two_nodes: TwoNodes) -> None:
    message = signed(two_nodes)
    with pytest.raises(TransportRefused, match="does not match the message body"):
        check(two_nodes, Message("POST", INBOX, b'{"act":{"more":1}}', message.headers))


def test_another_body_with_its_own_digest_is_refused(two_nodes: TwoNodes) -> None:
    first, other = signed(two_nodes), Message("POST", INBOX, b"{}")
    sign(other, key(two_nodes, "sz", KeyPurpose.TRANSPORT), two_nodes.now)
    first.headers["Content-Digest"] = other.headers["Content-Digest"]
    with pytest.raises(TransportRefused):
        check(two_nodes, Message("POST", INBOX, b"{}", first.headers))


@pytest.mark.parametrize(
    "redirect",
    [
        lambda m: Message("POST", "http://hk.test/federation/cosignature", m.body, m.headers),
        lambda m: Message("POST", "http://other.test/federation/inbox", m.body, m.headers),
        lambda m: Message("POST", INBOX + "?again=1", m.body, m.headers),
        lambda m: Message("PUT", INBOX, m.body, m.headers),
    ],
    ids=["path", "host", "query", "method"],
)
def test_a_message_for_another_target_is_refused(
    two_nodes: TwoNodes, redirect: Callable[[Message], Message]
) -> None:
    with pytest.raises(TransportRefused):
        check(two_nodes, redirect(signed(two_nodes)))


def test_a_signature_of_five_minutes_ago_is_accepted(two_nodes: TwoNodes) -> None:
    message = signed(two_nodes)
    two_nodes.tick(300)
    assert check(two_nodes, message)


def test_a_signature_older_than_five_minutes_is_refused(two_nodes: TwoNodes) -> None:
    message = signed(two_nodes)
    two_nodes.tick(301)
    with pytest.raises(TransportRefused, match="301 s old; at most 300 s"):
        check(two_nodes, message)


def test_a_signature_expired_by_its_own_word_is_refused(two_nodes: TwoNodes) -> None:
    signer = key(two_nodes, "sz", KeyPurpose.TRANSPORT)
    message = Message("POST", INBOX, b"{}", Headers({"Content-Type": "application/json"}))
    keys = MappingKeyResolver(public_keys={}, private_keys={signer.kid: signer.pem()})
    HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=keys).sign(
        message,
        key_id=signer.kid,
        created=two_nodes.now,
        expires=two_nodes.now + timedelta(seconds=30),
        tag=TAG,
        covered_component_ids=COVERED,
        body=message.body,
    )
    two_nodes.tick(30)
    with pytest.raises(TransportRefused, match="expired by its own word"):
        check(two_nodes, message)


def test_a_signature_from_a_clock_far_ahead_is_refused(two_nodes: TwoNodes) -> None:
    two_nodes.tick(61)
    message = signed(two_nodes)
    two_nodes.tick(-61)
    with pytest.raises(TransportRefused, match="61 s ahead"):
        check(two_nodes, message)


@pytest.mark.parametrize("purpose", [KeyPurpose.ACTS, KeyPurpose.CHECKPOINT])
def test_a_message_signed_by_a_key_of_another_purpose_is_refused(
    two_nodes: TwoNodes, purpose: KeyPurpose
) -> None:
    with pytest.raises(TransportRefused, match="not for transport"):
        check(two_nodes, signed(two_nodes, key(two_nodes, "sz", purpose)))


def test_a_message_signed_by_this_park_itself_is_refused(two_nodes: TwoNodes) -> None:
    with pytest.raises(TransportRefused, match="is not a key of sz"):
        check(two_nodes, signed(two_nodes, key(two_nodes, "hk", KeyPurpose.TRANSPORT)))


def test_a_message_signed_by_a_retired_key_is_refused(two_nodes: TwoNodes) -> None:
    old = key(two_nodes, "sz", KeyPurpose.TRANSPORT)
    with two_nodes.at("sz"):
        rotate(KeyPurpose.TRANSPORT, two_nodes.now)
    learn(two_nodes)
    with pytest.raises(TransportRefused, match="key_retired"):
        check(two_nodes, signed(two_nodes, old))


def test_a_message_signed_by_a_compromised_key_is_refused(two_nodes: TwoNodes) -> None:
    old = key(two_nodes, "sz", KeyPurpose.TRANSPORT)
    with two_nodes.at("sz"):
        compromise(old.kid, two_nodes.now)
    learn(two_nodes)
    with pytest.raises(TransportRefused, match="key_compromised"):
        check(two_nodes, signed(two_nodes, old))


@pytest.mark.parametrize("left_out", ["@method", "@target-uri", "content-type"])
def test_a_signature_that_covers_less_is_refused(two_nodes: TwoNodes, left_out: str) -> None:
    covered = tuple(c for c in COVERED if c != left_out)
    with pytest.raises(TransportRefused, match=f"{left_out}.* was not covered"):
        check(two_nodes, with_covered(two_nodes, covered))


def test_a_signature_made_for_another_use_is_refused(two_nodes: TwoNodes) -> None:
    with pytest.raises(TransportRefused, match="tag"):
        check(two_nodes, with_covered(two_nodes, COVERED, tag="something-else"))


@pytest.mark.parametrize("value", ["", "park=", "park=:not base64:", "\x00", "park=1, park=2"])
def test_headers_that_cannot_be_read_are_refused(two_nodes: TwoNodes, value: str) -> None:
    message = signed(two_nodes)
    message.headers["Signature-Input"] = value
    with pytest.raises(TransportRefused):
        check(two_nodes, message)


def test_each_attempt_is_signed_afresh(two_nodes: TwoNodes) -> None:
    first = signed(two_nodes)
    two_nodes.tick(timedelta(hours=1).total_seconds())
    assert first.headers["Signature"] != signed(two_nodes).headers["Signature"]
