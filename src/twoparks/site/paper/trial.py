"""A trial on paper, for everybody: its entry in the register while it runs, its exit report once it is over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from babel.numbers import format_percent
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from twoparks.lists.statuses import status_word
from twoparks.permits.letter import authority_name
from twoparks.pilots import queries, telling
from twoparks.pilots.effect import LEAST, Effect
from twoparks.pilots.flow_words import direction_words
from twoparks.pilots.outcome import Feared, Gained
from twoparks.pilots.register import Entry
from twoparks.pilots.rules import live_at, opened_at
from twoparks.pilots.types import Status
from twoparks.registry.node import this_node
from twoparks.registry.words import words
from twoparks.registry.zone import zone
from twoparks.site.paper import wording
from twoparks.site.paper.shape import (
    Block,
    Box,
    Boxes,
    Column,
    Line,
    Pairs,
    Paper,
    Section,
    Table,
    Text,
    Tint,
)

_WELL = frozenset({Status.LIVE, Status.SHADOW, Status.AGREED})
_NOTHING = "—"


def paper(entry: Entry, language: str) -> Paper:
    """The trial in `language`, which is also the language of the moment."""
    trial, park = entry.trial, this_node().park
    return Paper(
        kind="trial",
        language=language,
        title=_("Exit report of a trial") if entry.over else _("A trial in the register"),
        number=trial.id,
        version=_("version %(n)s") % {"n": trial.current.number},
        subject=words(trial.protocol.title),
        answer=_answer(entry),
        tint=_tint(entry),
        marks=tuple(_marks(entry)),
        sections=tuple(_sections(entry)),
        park=words(park.name),
        zone=words(zone().name),
        side=park.side,
        made_at=trial.changed_at,
        made=_("As it stood on %(at)s, time of %(zone)s")
        % {"at": wording.moment(trial.changed_at), "zone": park.time_zone},
        foot=_("No legal advice."),
        page_of=_("page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"},
    )


def _answer(entry: Entry) -> str:
    trial = entry.trial
    if trial.reported is not None:
        return _("What is proposed: %(proposal)s.") % {
            "proposal": str(telling.PROPOSALS[trial.reported.proposal])
        }
    if trial.stopped is not None:
        said = {"why": telling.why_word(trial.stopped.why), "at": wording.moment(trial.stopped.at)}
        return _("Stopped on %(at)s: %(why)s. What follows is not proposed yet.") % said
    return status_word(f"trial_{entry.status}")


def _tint(entry: Entry) -> Tint:
    if entry.trial.stopped is not None and entry.trial.stopped.why in ("stop_rule", "officer", "law"):
        return "stop"
    return "wait" if entry.status in _WELL else "plain"


def _marks(entry: Entry) -> Iterator[str]:
    if zone().demonstration:
        yield _("Demonstration: organisations, people and cases are fictitious")
    if entry.trial.protocol.assumed:
        yield _("Assumed: at least one provision or figure is assumed, not published")


def _sections(entry: Entry) -> Iterator[Section]:
    if entry.trial.reported is not None:
        yield Section(_("What is proposed"), (Text(words(entry.trial.reported.summary)),))
    yield Section(_("What was asked"), tuple(_asked(entry)))
    yield Section(_("Who agreed"), (_agreed(entry),))
    yield Section(_("What was planned and what happened"), (_planned(entry),))
    if entry.over:
        yield Section(_("What it did for those who took part"), tuple(_gained(entry.gained)))
    yield Section(_("Harm"), tuple(_feared(entry)))
    yield Section(_("What both laws say of the cases"), (_outcomes(entry),))
    if entry.trial.stops:
        yield Section(_("How it ended"), tuple(_ended(entry)))
    yield Section(_("To check it by"), tuple(_record(entry)))


def _asked(entry: Entry) -> Iterator[Block]:
    protocol = entry.trial.protocol
    yield Text(words(protocol.question))
    yield Pairs(
        (
            Line(_("What moves"), (telling.flow_word(protocol.flow),)),
            Line(_("Direction"), (direction_words(protocol.crosses or ""),)),
            Line(_("What is tried"), (_("a rule") if protocol.kind == "rule" else _("a technology"),)),
            Line(_("Who takes part"), tuple(_who(entry))),
        )
    )
    if entry.changes:
        columns = (
            Column(_("Provision or parameter"), code=True),
            Column(_("Change")),
            Column(_("Says"), share=1),
        )
        rows = tuple((c.id, str(telling.HOWS[c.how]), words(c.says)) for c in entry.changes)
        yield Table(_("What it changes"), columns, rows)
    elif entry.unfit:
        yield Text(_("The law has changed since: its change is kept in the protocol and fits it no more."))


def _who(entry: Entry) -> Iterator[str]:
    who, known = (
        entry.trial.protocol.participants,
        queries.names(frozenset(j.organisation for j in entry.named)),
    )
    kinds = ", ".join(telling.sender_word(kind) for kind in who.sender_kinds)
    yield f"{telling.HOW[who.how]}: {kinds}" if kinds else str(telling.HOW[who.how])
    count = ngettext("%(n)s organisation joined", "%(n)s organisations joined", entry.taking_part)
    yield count % {"n": wording.whole(entry.taking_part)}
    if entry.named:
        named = ", ".join(words(known.get(j.organisation)) or j.organisation for j in entry.named)
        yield _("Named with their consent: %(names)s") % {"names": named}


def _agreed(entry: Entry) -> Boxes:
    version = entry.trial.current
    boxes = []
    for park in zone().parks.values():
        lines = [
            Line(authority_name(name), (_answered(entry, name),))
            for name in version.protocol.authorities.get(park.bank, ())
        ]
        for label, said in ((_("Signed"), version.signed), (_("Opened"), version.opened)):
            if park.id in said:
                lines.append(Line(label, (wording.moment(said[park.id].at),)))
        boxes.append(Box(park.side, words(park.name), (), tuple(lines)))
    return Boxes(tuple(sorted(boxes, key=lambda box: box.side != "north")))


def _answered(entry: Entry, authority: str) -> str:
    said = entry.trial.current.agreed.get(authority)
    if said is None:
        return _("not answered")
    return _("agreed on %(day)s") % {"day": wording.day_of(said.at)}


def _planned(entry: Entry) -> Table:
    columns = (Column(_("Line of the protocol"), share=2), Column(_("Planned")), Column(_("Happened")))
    return Table(_("What was planned and what happened"), columns, tuple(_plan_rows(entry)))


def _plan_rows(entry: Entry) -> Iterator[tuple[str, str, str]]:
    trial, protocol, found = entry.trial, entry.trial.protocol, entry.figures
    opened, stopped = opened_at(trial), trial.stopped
    watched = ngettext("%(n)s case watched", "%(n)s cases watched", found.cases)
    yield (
        _("Shadow run from"),
        wording.day(protocol.shadow_from),
        watched % {"n": wording.whole(found.cases)},
    )
    yield (
        _("May decide from"),
        wording.day(protocol.live_from),
        wording.moment(max(opened, live_at(trial))) if opened else _("not opened"),
    )
    yield (
        _("Last day"),
        wording.day(protocol.ends),
        wording.moment(stopped.at) if stopped else _("not come yet"),
    )
    for park, most in sorted(protocol.permits.items()):
        label = _("Permits declared at %(park)s, at most") % {"park": wording.park(park)}
        yield (
            label,
            wording.whole(most),
            wording.whole(found.used[park].permits if park in found.used else 0),
        )
    if protocol.quantity is not None:
        for park, most in sorted(protocol.quantity.most.items()):
            label = _("Quantity declared at %(park)s, at most") % {"park": wording.park(park)}
            used = found.used[park].quantity if park in found.used else 0
            yield label, f"{wording.whole(most)} {protocol.quantity.unit}", wording.whole(used)
    yield (
        _("Organisations, at most"),
        wording.whole(sum(protocol.participants.places.values())),
        wording.whole(entry.taking_part),
    )
    yield _("Decided under it"), _NOTHING, wording.whole(found.decided)


def _gained(found: Iterable[Gained]) -> Iterator[Block]:
    columns = (
        Column(_("What is counted"), share=2),
        Column(_("Under the trial")),
        Column(_("Others")),
        Column(_("Difference")),
        Column(_("Says"), share=1),
    )
    rows = tuple(
        (
            f"{words(each.benefit.words)}: {telling.COUNTED[each.benefit.counted]}",
            _value(each.effect.value, each.effect.cases, each.effect),
            _value(each.effect.other_value, each.effect.other_cases, each.effect),
            _difference(each.effect),
            _says(each.effect),
        )
        for each in found
    )
    yield Table(_("Effect"), columns, rows)
    yield Text(
        _(
            "Difference: those under the trial less the others declared in its scope in the same days, with an interval of 95 per "
            "cent (rates: Newcombe; times: Hodges and Lehmann). Who takes part chose to, unless drawn by lot: a difference "
            "need not come from the rule."
        ),
        soft=True,
    )


def _value(value: int | None, cases: int, found: Effect) -> str:
    if value is None:
        return _NOTHING
    shown = _rate(value) if found.unit == "per_mille" else _time(value)
    count = ngettext("%(n)s case", "%(n)s cases", cases) % {"n": wording.whole(cases)}
    return _("%(value)s (%(count)s)") % {"value": shown, "count": count}


def _difference(found: Effect) -> str:
    if found.difference is None or found.low is None or found.high is None:
        return _NOTHING
    show = _points if found.unit == "per_mille" else _time
    return _("%(value)s (%(low)s to %(high)s)") % {
        "value": show(found.difference),
        "low": show(found.low),
        "high": show(found.high),
    }


def _says(found: Effect) -> str:
    if found.says == "too_few":
        return _("Too few cases to say: fewer than %(n)s on one side.") % {"n": LEAST}
    if found.says == "open":
        return _("No difference is shown.")
    if found.unit == "minutes":
        return _("Longer under the trial.") if found.says == "more" else _("Shorter under the trial.")
    return _("More often under the trial.") if found.says == "more" else _("Less often under the trial.")


def _feared(entry: Entry) -> Iterator[Block]:
    rule = entry.trial.protocol.stop_rule
    columns = (
        Column(_("What is counted"), share=2),
        Column(_("Seen"), numeric=True),
        Column(_("Cases"), numeric=True),
        Column(_("Rate lies between")),
        Column(_("Accepted"), numeric=True),
    )
    yield Table(_("Harm"), columns, tuple(_harm_row(each) for each in entry.feared))
    test = entry.figures.test
    said = {
        "e": _thousandths(test.e_value_per_mille),
        "bound": _thousandths(test.bound),
        "error": _rate(rule.error_per_mille),
        "n": wording.whole(rule.at_least),
    }
    yield Text(
        _(
            "The stop rule's test stands at %(e)s; at %(bound)s, after at least %(n)s cases, it stops the trial. It may be "
            "looked at after every case and stops a trial whose harm is accepted with a chance of at most %(error)s. The "
            "intervals hold all together with the same certainty."
        )
        % said,
        soft=True,
    )


def _harm_row(found: Feared) -> tuple[str, ...]:
    between = _("%(low)s and %(high)s") % {"low": _rate(found.low), "high": _rate(found.high)}
    return (
        f"{words(found.harm.words)}: {telling.COUNTED[found.harm.counted]}",
        wording.whole(found.count.harms),
        wording.whole(found.count.cases),
        between if found.count.cases else _NOTHING,
        _rate(found.harm.accepted_per_mille),
    )


def _outcomes(entry: Entry) -> Block:
    if not entry.figures.outcomes:
        return Text(_("No case was declared in its scope."))
    columns = (Column(_("Law in force")), Column(_("Law on trial")), Column(_("Cases"), numeric=True))
    rows = []
    for pair, cases in entry.figures.outcomes.items():
        before, after = pair.split(">")
        rows.append((status_word(before), status_word(after), wording.whole(cases)))
    return Table(_("What both laws say of the cases"), columns, tuple(rows))


def _ended(entry: Entry) -> Iterator[Block]:
    columns = (Column(_("When")), Column(_("Park")), Column(_("Why"), share=1))
    rows = tuple(
        (wording.moment(stop.at), wording.park(stop.park), telling.why_word(stop.why))
        for stop in entry.trial.stops
    )
    yield Table(_("How it ended"), columns, rows)
    if entry.trial.stopped is not None and entry.trial.stopped.why in ("stop_rule", "officer", "law"):
        yield Text(str(telling.AFTERWARDS[entry.trial.protocol.when_stopped]))


def _record(entry: Entry) -> Iterator[Block]:
    yield Pairs(
        (
            Line(_("Digest of the protocol"), (entry.trial.current.digest,), code=True),
            Line(_("Digest of the figures"), (entry.figures.digest(),), code=True),
        )
    )
    yield Text(
        _(
            "Both parks count the same figures from the same acts: an auditor compares the digests of both, and finds each act "
            "in both logs."
        )
    )
    columns = (
        Column(_("Act"), share=2),
        Column(_("Park")),
        Column(_("When")),
        Column(_("Number"), code=True, share=2),
    )
    rows = tuple(
        (
            str(telling.KINDS.get(act.kind, act.kind)),
            wording.park(act.park),
            wording.moment(act.at),
            f"{act.id} {act.digest[:16]}",
        )
        for act in entry.acts
    )
    yield Table(_("Acts"), columns, rows)


def _rate(per_mille: int) -> str:
    return str(format_percent(per_mille / 1000, "#,##0.#%", wording.locale()))


def _points(per_mille: int) -> str:
    """A difference of rates."""
    return _("%(n)s percentage points") % {"n": _thousandths(per_mille * 100)}


def _thousandths(number: int) -> str:
    return wording.decimal(number / 1000)


def _time(minutes: int) -> str:
    """Minutes as hours and minutes of working days."""
    sign, (hours, rest) = "−" if minutes < 0 else "", divmod(abs(minutes), 60)
    return sign + _("%(hours)s h %(minutes)s min") % {"hours": wording.whole(hours), "minutes": rest}
