"""Messages over HTTP: signed by RFC 9421 with an RFC 9530 digest, afresh at each attempt, and verified on arrival."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, cast

import httpx
from cryptography.hazmat.primitives.serialization import load_der_public_key
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
)
from http_message_signatures.algorithms import ED25519

from twoparks.federation.keys import node_keys, peer_trust
from twoparks.federation.types import Answer, Receipt
from twoparks.ledger.keys import KeyPair, KeyPurpose
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.ledger.trust import TrustList
from twoparks.registry.node import this_node

COVERED = ("@method", "@target-uri", "content-type", "content-digest")
TAG = "twoparks-federation"
CONTENT_TYPE = "application/json"
MAX_AGE = timedelta(seconds=300)
CLOCK_SKEW = timedelta(seconds=60)
STATUS = {
    Answer.ACCEPTED: 200,
    Answer.DUPLICATE: 200,
    Answer.EARLY: 409,
    Answer.CONFLICT: 409,
    Answer.REFUSED: 422,
}
TOO_LARGE = 413
MAX_DOCUMENT_BYTES = 8 * 1024 * 1024
_TIMEOUT_S = 10.0


class TransportRefused(Exception):
    """A message whose transport signature is missing, wrong, old or not the peer's."""

    def __init__(self, plain: str) -> None:
        super().__init__(plain)
        self.plain = plain


@dataclass(frozen=True)
class Unreachable:
    """No answer that counts: `no_answer`, `server_error`, `transport_refused` or `answer_malformed`, and what was seen."""

    code: str
    plain: str


class Transport(Protocol):
    """How this node reaches the other park."""

    def send(self, envelope: bytes, now: datetime) -> Receipt | Unreachable:
        """Hand over one envelope."""
        ...

    def fetch(self, name: str, now: datetime) -> bytes | Unreachable:
        """A document the peer publishes at /federation/<name>, query string included."""
        ...

    def cosignature(self, note: str, now: datetime) -> Unreachable | None:
        """Hand over a cosigned checkpoint of the peer's own log."""
        ...

    def ask(self, name: str, question: bytes, now: datetime) -> bytes | Unreachable:
        """The peer's answer to a signed question, for what is not for everybody to read."""
        ...


class Headers(MutableMapping[str, str]):
    """Header fields without regard to case, as the signature library reads and writes them."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = {name.lower(): value for name, value in fields.items()}

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __setitem__(self, name: str, value: str) -> None:
        self._fields[name.lower()] = value

    def __delitem__(self, name: str) -> None:
        del self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


@dataclass(frozen=True)
class Message:
    """A request as both ends see it: `url` is the full target URI at the receiver's public origin."""

    method: str
    url: str
    body: bytes
    headers: Headers = field(default_factory=lambda: Headers({}))


def sign(message: Message, key: KeyPair, now: datetime) -> None:
    """Add Content-Digest, Signature-Input and Signature to the message's headers."""
    message.headers["Content-Type"] = CONTENT_TYPE
    HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=_OwnKey(key)).sign(
        message,
        key_id=key.kid,
        created=now,
        label="park",
        tag=TAG,
        covered_component_ids=COVERED,
        body=message.body,
    )


def verify(message: Message, trust: TrustList, now: datetime) -> str:
    """The name of the peer's transport key that signed the message; raises TransportRefused with the reason."""
    verifier = _Verifier(trust, now)
    try:
        results = verifier.verify(
            message, max_age=MAX_AGE, expect_tag=TAG, require_components=COVERED, body=message.body
        )
    except HTTPMessageSignaturesException as refusal:
        raise TransportRefused(str(refusal)) from refusal
    except (ValueError, TypeError, KeyError) as malformed:  # malformed structured fields surface as these
        raise TransportRefused(f"the signature headers cannot be read: {malformed}") from malformed
    if len(results) != 1:
        raise TransportRefused(f"one signature is wanted, {len(results)} were found")
    return str(results[0].parameters["keyid"])


class _OwnKey(HTTPSignatureKeyResolver):
    """Gives the signer this node's transport key and nothing else."""

    def __init__(self, key: KeyPair) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> bytes:
        """The key as PEM."""
        return self._key.pem()


class _PeerKeys(HTTPSignatureKeyResolver):
    """Finds transport keys of the peer that are good at one moment."""

    def __init__(self, trust: TrustList, now: datetime) -> None:
        self._trust, self._now = trust, now

    def resolve_public_key(self, key_id: str) -> Any:
        """The key object; raises TransportRefused when the key may not sign messages now."""
        key = self._trust.key(key_id)
        if key is None:
            raise HTTPMessageSignaturesException(f"{key_id!r} is not a key of {self._trust.park}")
        if key.purpose is not KeyPurpose.TRANSPORT:
            raise HTTPMessageSignaturesException(f"key {key_id} is for {key.purpose}, not for transport")
        reason = key.refusal_now(self._now)
        if reason is not None:
            raise HTTPMessageSignaturesException(f"key {key_id} cannot sign messages: {reason}")
        return load_der_public_key(key.spki)


class _Verifier(HTTPMessageVerifier):
    """The library's verifier with the caller's clock instead of the machine's."""

    def __init__(self, trust: TrustList, now: datetime) -> None:
        super().__init__(signature_algorithm=ED25519, key_resolver=_PeerKeys(trust, now))
        self._now = now

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        """Refuse what is older than `max_age`, expired, or dated ahead of this clock by more than the skew."""
        created = sig_input.params.get("created")
        if type(created) is not int:
            raise HTTPMessageSignaturesException("the signature says no `created` time")
        age = self._now - datetime.fromtimestamp(created, UTC)
        if max_age is not None and age > max_age:
            raise HTTPMessageSignaturesException(
                f"the signature is {age.total_seconds():.0f} s old; at most {max_age.total_seconds():.0f} s are accepted"
            )
        expires = sig_input.params.get("expires")
        if type(expires) is int and datetime.fromtimestamp(expires, UTC) <= self._now:
            raise HTTPMessageSignaturesException("the signature has expired by its own word")
        if age < -CLOCK_SKEW:
            raise HTTPMessageSignaturesException(
                f"the signature is dated {-age.total_seconds():.0f} s ahead of this clock"
            )


def verify_from_peer(message: Message, now: datetime) -> str:
    """The transport key of the peer that signed `message`; raises TransportRefused, also when no peer is trusted yet."""
    try:
        trust = peer_trust()
    except LedgerRefusal as refusal:
        raise TransportRefused(refusal.plain) from refusal
    return verify(message, trust, now)


@dataclass
class HttpTransport:
    """The other park over HTTP; `client` may be replaced in tests by one that needs no network."""

    client: httpx.Client = field(
        default_factory=lambda: httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False)
    )

    def send(self, envelope: bytes, now: datetime) -> Receipt | Unreachable:
        """Sign afresh and post one envelope to the peer's inbox."""
        answer = self._post("inbox", envelope, now)
        return answer if isinstance(answer, Unreachable) else _receipt(answer)

    def cosignature(self, note: str, now: datetime) -> Unreachable | None:
        """Post a cosigned checkpoint of the peer's log."""
        answer = self._post("cosignature", note.encode(), now)
        if isinstance(answer, Unreachable):
            return answer
        return None if answer.status_code == 200 else _no_use(answer)

    def ask(self, name: str, question: bytes, now: datetime) -> bytes | Unreachable:
        """Post a signed question."""
        answer = self._post(name, question, now)
        if isinstance(answer, Unreachable):
            return answer
        return answer.content if answer.status_code == 200 else _no_use(answer)

    def fetch(self, name: str, now: datetime) -> bytes | Unreachable:
        """Get a document the peer publishes; larger than 8 MiB is refused."""
        content = bytearray()
        try:
            with self.client.stream("GET", f"{this_node().peer_url}/federation/{name}") as answer:
                for part in answer.iter_bytes():
                    content += part
                    if len(content) > MAX_DOCUMENT_BYTES:
                        return Unreachable(
                            "answer_malformed", f"{name}: more than {MAX_DOCUMENT_BYTES} bytes"
                        )
        except httpx.HTTPError as error:
            return Unreachable("no_answer", f"{name}: {error or type(error).__name__}")
        return bytes(content) if answer.status_code == 200 else _no_use(answer)

    def _post(self, name: str, body: bytes, now: datetime) -> httpx.Response | Unreachable:
        message = Message("POST", f"{this_node().peer_url}/federation/{name}", body)
        sign(message, node_keys().signer(KeyPurpose.TRANSPORT), now)
        try:
            return self.client.post(message.url, content=body, headers=dict(message.headers))
        except httpx.HTTPError as error:
            return Unreachable("no_answer", f"{error or type(error).__name__}")


def _receipt(answer: httpx.Response) -> Receipt | Unreachable:
    if answer.status_code not in (*STATUS.values(), TOO_LARGE):
        return _no_use(answer)
    try:
        said = cast(dict[str, Any], answer.json())
        verdict, expects = Answer(said["answer"]), said.get("expects")
        if answer.status_code != STATUS[verdict] and (verdict, answer.status_code) != (
            Answer.REFUSED,
            TOO_LARGE,
        ):
            raise ValueError(f"{verdict} does not come with {answer.status_code}")
        return Receipt(
            answer=verdict,
            code=str(said.get("code", ""))[:60],
            plain=str(said.get("plain", ""))[:500],
            expects=expects if type(expects) is int and expects > 0 else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return Unreachable("answer_malformed", f"answer {answer.status_code} is not one the protocol knows")


def _no_use(answer: httpx.Response) -> Unreachable:
    if answer.status_code == 401:
        return Unreachable("transport_refused", f"the peer refuses our transport signature: {_said(answer)}")
    return Unreachable("server_error", f"the peer answered {answer.status_code}")


def _said(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["plain"])[:500]
    except (ValueError, KeyError, TypeError, httpx.ResponseNotRead):
        return "no reason given"
