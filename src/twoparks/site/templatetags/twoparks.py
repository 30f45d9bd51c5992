"""What templates need beyond Django: words in the reader's language, status tags, the bank of a park."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from twoparks.lists.statuses import STATUSES
from twoparks.lists.statuses import status_word as word_of
from twoparks.permits.lists import WAITS
from twoparks.permits.queries import PermitDetail
from twoparks.registry import telling as registry
from twoparks.registry.node import this_node
from twoparks.registry.phrases import phrase
from twoparks.registry.words import direction_word, reading, words
from twoparks.registry.zone import Park, ZoneError, zone
from twoparks.site.about import Source
from twoparks.site.paper import papers

register = template.Library()

register.filter("words", words)
register.filter("phrase", phrase)
register.filter("direction", direction_word)
register.simple_tag(registry.role_words)


@register.simple_tag
def html_lang() -> str:
    """Value of the page's lang attribute, in the casing of BCP 47."""
    return reading()


@register.filter
def lightly(text: object) -> SafeString:
    """The text, its word "(fictitious)" made a small mark that is read out as the word; the strip of the page says what it is."""
    word = gettext("(fictitious)")
    mark = format_html('<span aria-hidden="true">°</span><span class="vh"> {}</span>', word)
    *marked, rest = str(text).split(word)
    return format_html("{}{}", format_html_join("", "{}{}", ((part.rstrip(), mark) for part in marked)), rest)


@register.simple_tag
def status_tag(key: object) -> SafeString:
    """Word, shape and tint of a status."""
    tint, shape, word = STATUSES.get(str(key), ("plain", "ask", str(key)))
    return format_html(
        '<span class="status {}"><svg aria-hidden="true"><use href="#shape-{}"></use></svg>{}</span>',
        tint,
        shape,
        str(word),
    )


@register.simple_tag
def status_word(key: object) -> str:
    """The word of a status alone."""
    return word_of(key)


@register.filter
def as_park(park_id: object) -> Park | None:
    """The park of that id."""
    try:
        return zone().park(str(park_id))
    except ZoneError:
        return None


@register.filter
def side(park_id: object) -> str:
    """CSS class of the park's bank: north or south."""
    park = as_park(park_id)
    return park.side if park else ""


@register.simple_tag
def bank_word(park_id: object) -> SafeString:
    """The park's name in its bank's accent."""
    park = as_park(park_id)
    if park is None:
        return format_html("{}", str(park_id))
    return format_html('<span class="bankword {}">{}</span>', park.side, words(park.name))


@register.simple_tag
def moment(at: datetime | None) -> SafeString:
    """An instant in this park's time, with a machine-readable twin; the page says whose clock it is."""
    if at is None:
        return format_html("{}", "")
    here = at.astimezone(ZoneInfo(this_node().park.time_zone))
    shown = f"{date_format(here, 'Y-m-d')} {here:%H:%M}"
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), shown)


@register.simple_tag
def day(on: date | None) -> SafeString:
    """A local legal day."""
    if on is None:
        return format_html("{}", gettext("no end"))
    return format_html('<time datetime="{0}">{0}</time>', on.isoformat())


@register.filter("json")
def as_json(value: object) -> str:
    """The value as JSON, to stand (escaped) in an attribute: pages carry no script of their own."""
    return json.dumps(value, cls=DjangoJSONEncoder)


@register.filter
def ago(at: datetime | None) -> str:
    """How long ago, in whole minutes, hours or days."""
    if at is None:
        return ""
    minutes = max(0, int((timezone.now() - at).total_seconds() // 60))
    if minutes < 60:
        return gettext("%(n)d min") % {"n": minutes}
    if minutes < 48 * 60:
        return gettext("%(n)d h") % {"n": minutes // 60}
    return gettext("%(n)d days") % {"n": minutes // 1440}


@register.filter
def hkd(cents: object) -> str:
    """Hong Kong dollars with thousands and two decimals."""
    try:
        return f"{int(str(cents or 0)) / 100:,.2f}"
    except ValueError:
        return str(cents)  # a draft shows what was typed


@register.filter
def item(mapping: object, key: object) -> object:
    """Value of a mapping under a key known only at run time."""
    return mapping.get(key) if isinstance(mapping, Mapping) else None


@register.filter
def at(sequence: object, place: int) -> object:
    """The entry of a sequence at a place known only at run time."""
    return sequence[place] if isinstance(sequence, Sequence) and place < len(sequence) else None


@register.filter
def halves(name: str) -> list[str]:
    """A name with a slash as two lines, any other as one."""
    for slash in (" / ", "／"):
        if slash in name:
            first, second = name.split(slash, 1)
            return [first + slash.rstrip(), second]
    return [name]


@register.filter
def folded(name: str) -> list[str]:
    """A long name as lines of at most 14 letters, broken at spaces."""
    return textwrap.wrap(name, 14, break_long_words=False)


@register.filter
def thousands(number: int) -> str:
    """A whole number in groups of three."""
    return f"{number:,}"


@register.filter
def said_on(source: Source) -> str:
    """The day a source spoke, or the month where no more is known."""
    return f"{source.dated:%Y-%m}" if source.month_only else source.dated.isoformat()


@register.filter
def place_in_source(at: str) -> str:
    """A place in a source as its reader would look it up: paragraph numbers stand for themselves, words are translated."""
    table, chapter = gettext("Table %(n)s"), gettext("chapter %(n)s")
    at = re.sub(r"Table ([\d.]+)", lambda found: table % {"n": found[1]}, at)
    return re.sub(r"chapter (\d+)", lambda found: chapter % {"n": found[1]}, at)


ANSWERS = {
    "declared": _("Declared. Both banks are being asked."),
    "in_review": _("In review: the law has answered, people decide."),
    "cleared_by_one": _("One park has cleared it; the other has not yet."),
    "in_force": _("These goods may cross."),
    "in_transit": _("These goods are on their way."),
    "completed": _("These goods have crossed."),
    "refused": _("These goods may not cross: refused."),
    "revoked": _("These goods may not cross: revoked."),
    "withdrawn": _("Withdrawn by the applicant."),
    "expired": _("The time allowed has ended."),
}

OF_PERSON = {
    "in_force": _("This person may cross."),
    "completed": _("This person has crossed and come back."),
    "refused": _("This person may not cross: refused."),
    "revoked": _("This permit may not be used: revoked."),
}


@register.simple_tag
def waits_word(key: object) -> str:
    """For whom a permit waits; a dash when for nobody."""
    return str(WAITS.get(str(key), "—"))


@register.simple_tag
def permit_answer(status: object, person: bool = False) -> str:
    """The permit's answer as the first sentence of its page; `person`: for a person, not for goods."""
    of_person = OF_PERSON.get(str(status)) if person else None
    return str(of_person or ANSWERS.get(str(status), status))


@register.simple_tag
def papers_of(detail: PermitDetail) -> list[dict[str, str]]:
    """The papers that can be made of a permit now, with their names."""
    return [{"kind": str(kind), "title": papers.title(kind)} for kind in papers.available(detail)]


CROSSING_ANSWERS = {
    "departed": _("On the way: left one bank, not yet arrived on the other."),
    "arrived": _("Arrived; word of its leaving is still on the way."),
    "reconciled": _("Crossed: what left is what arrived."),
    "declared": _("Declared by the person: no gate of the zone saw it."),
    "short": _("Less arrived than left."),
    "over": _("More arrived than left."),
    "overdue": _("Overdue: it left and did not arrive in time."),
    "unannounced": _("It arrived and is not known to have left."),
}


@register.simple_tag
def crossing_answer(state: object) -> str:
    """The crossing's answer as the first sentence of its page."""
    return str(CROSSING_ANSWERS.get(str(state), state))
