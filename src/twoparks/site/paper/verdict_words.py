"""What a check of a pass says, in words: the answer first, then why, then what to do. Shapes for the page; no markup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twoparks.registry.zone import zone
from twoparks.site.paper import wording
from twoparks.site.paper.shape import Line, Side
from twoparks.site.paper.verify import Found, Outcome, ParkSays, Word

SHAPES: Mapping[Outcome, tuple[str, str, object]] = {  # tint, shape, word
    Outcome.VALID: ("good", "good", gettext_lazy("Valid")),
    Outcome.ENDED: ("stop", "end", gettext_lazy("Ended")),
    Outcome.NOT_NOW: ("stop", "wait", gettext_lazy("Not now")),
    Outcome.UNDECIDED: ("wait", "ask", gettext_lazy("Cannot be said")),
    Outcome.UNKNOWN: ("stop", "empty", gettext_lazy("Not known here")),
    Outcome.REFUSED: ("stop", "stop", gettext_lazy("Not signed")),
}
WHY: Mapping[str, object] = {
    "valid": gettext_lazy("Both parks signed it, neither has ended it, and today is within its days."),
    "revoked": gettext_lazy("It was revoked by %(parks)s."),
    "refused": gettext_lazy("It was refused by %(parks)s."),
    "withdrawn": gettext_lazy("The applicant took it back."),
    "replaced": gettext_lazy("A newer version took its place. Ask its bearer for the newer print."),
    "used_up": gettext_lazy("It has been used as often as it allowed."),
    "not_yet_valid": gettext_lazy("Its first day has not come."),
    "expired": gettext_lazy("Its last day has passed."),
    "status_old": gettext_lazy(
        "This park has not heard from the other lately enough to know. Try again in some minutes, or ask the other park."
    ),
    "peer_unknown": gettext_lazy("This park does not hold the other park's keys yet."),
    "permit_unknown": gettext_lazy(
        "No permit with this number and digest is known here. Type the address again as printed, or scan the code."
    ),
    "key_compromised": gettext_lazy(
        "It is signed with a key that was given up. If the permit stands, a fresh print is good: ask its bearer for one."
    ),
    "key_retired": gettext_lazy(
        "It is signed with a key that is no longer used. If the permit stands, a fresh print is good: ask its bearer for one."
    ),
}
NOT_SIGNED = gettext_lazy(
    "At least one of the two signatures is missing, false or by another key. Do not rely on it, and tell the park."
)
UNREADABLE = gettext_lazy(
    "This is neither the text of a pass, which begins with TP1:, nor the address printed on a permit. Scan the code again."
)


@dataclass(frozen=True)
class ParkLine:
    """One park's word as the page shows it."""

    name: str
    side: Side
    status: str
    says: str
    heard: str
    key: str


@dataclass(frozen=True)
class Answer:
    """The whole answer as the page shows it."""

    tint: str
    shape: str
    word: str
    why: str
    lines: tuple[Line, ...]
    parks: tuple[ParkLine, ...]
    does_not_say: str
    checked: str


def told(found: Found) -> Answer:
    """The answer in the language of the moment."""
    tint, shape, word = SHAPES[found.outcome]
    return Answer(
        tint=tint,
        shape=shape,
        word=str(word),
        why=_why(found),
        lines=tuple(_lines(found)),
        parks=tuple(
            _park(says) for says in sorted(found.parks, key=lambda says: zone().park(says.park).side)
        ),
        does_not_say=_does_not_say(found),
        checked=_("Checked on %(at)s.") % {"at": wording.moment(found.at)},
    )


def _why(found: Found) -> str:
    said = str(WHY.get(found.code, NOT_SIGNED))
    if "%(parks)s" in said:
        said %= {"parks": _(" and ").join(wording.park(park) for park in found.ended_by)}
    return said


def _lines(found: Found) -> Iterator[Line]:
    claims = found.claims
    if claims is None:
        return
    names = {park.number: park.id for park in zone().parks.values()}
    leaving, arriving = (wording.park(names[number]) for number in claims.crosses)
    way = _("%(leaving)s → %(arriving)s and back") if claims.both_ways else _("%(leaving)s → %(arriving)s")
    yield Line(_("Permit"), (claims.permit,), code=True)
    yield Line(_("Version"), (str(claims.version),))
    yield Line(_("Way"), (way % {"leaving": leaving, "arriving": arriving},))
    yield Line(_("Valid from"), (wording.moment(claims.valid_from),))
    yield Line(_("Valid until"), (wording.last_moment(claims.valid_until),))
    yield Line(_("May be used"), (wording.uses(claims.uses or None),))
    if found.ended_at is not None:
        yield Line(_("Ended"), (wording.moment(found.ended_at),))


def _park(says: ParkSays) -> ParkLine:
    said = {
        Word.STANDS: _("It signed the permit and has not ended it."),
        Word.ENDED: _("It signed the permit and has ended it."),
        Word.OLD: _("It signed the permit and had not ended it when last heard."),
        Word.UNHEARD: _("It signed the permit; nothing was heard from it since."),
    }
    status = {Word.STANDS: "stands", Word.ENDED: "ended", Word.OLD: "not_heard", Word.UNHEARD: "not_heard"}
    park = zone().park(says.park)
    return ParkLine(
        wording.park(park.id), park.side, status[says.word], said[says.word], _heard(says), says.key
    )


def _heard(says: ParkSays) -> str:
    if says.issued_at is None:
        return ""
    at = wording.moment(says.issued_at)
    if says.fetched_at is None:
        return _("Read at this park on %(at)s.") % {"at": at}
    fetched = wording.moment(says.fetched_at)
    return _("Its status list of %(at)s, fetched on %(fetched)s.") % {"at": at, "fetched": fetched}


def _does_not_say(found: Found) -> str:
    if found.claims is None:
        return ""
    if found.claims.binding == "holder":
        return _(
            "This says that the permit stands, not whether it was used, nor that its bearer is its holder: the moving code on the phone shows that."
        )
    return _(
        "This says that the permit stands, not that these boxes are the ones it is for: their labels and seal show that."
    )
