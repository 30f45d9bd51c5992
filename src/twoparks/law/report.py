"""The packs as one document to read and to cite: three languages, no scripts, every provision with its source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from html import escape

from .language import Tree
from .markup import columns, inline, link, nested, three
from .pack import (
    LANGUAGES,
    Definition,
    Instrument,
    Interval,
    Measure,
    MeasureTerm,
    ParameterValue,
    Provision,
    Served,
)
from .phrases import Speaker
from .ways import table
from .wording import WORDS
from .zone import Zone

_STYLE = """
:root{color-scheme:light dark;--line:#8886;--bar:#2a7f8f;--soft:#8881}
body{font:16px/1.5 system-ui,"Noto Sans HK","Noto Sans SC",sans-serif;max-width:80rem;margin:0 auto;padding:1rem}
h1,h2,h3{line-height:1.25}h2{border-top:2px solid var(--line);padding-top:1.5rem;margin-top:2.5rem}
.three{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,18rem),1fr));gap:.25rem 1.5rem}
article{border-top:1px solid var(--line);padding:.75rem 0}ul{margin:.2rem 0;padding-left:1.2rem}
.mark{font-variant-numeric:tabular-nums;border:1px solid var(--line);border-radius:.3rem;padding:0 .4rem;margin-right:.4rem}
table{display:block;overflow-x:auto;border-collapse:collapse}code{overflow-wrap:anywhere}td,th{border-bottom:1px solid var(--line);padding:.25rem .5rem;text-align:left;vertical-align:top}
svg{width:100%;height:auto;background:var(--soft)}rect{fill:var(--bar)}.ways{margin:.5rem 0}@media(min-width:40rem){.ways{display:table;width:100%}}.ways th{font-weight:normal}.ways td{text-align:center}.ways tr:first-child th{font-weight:bold}
.glance{margin:1rem 0 2rem}.glance caption{text-align:left;font-weight:bold;padding:.5rem 0}.glance thead th{min-width:6rem}.glance .three{grid-template-columns:1fr;min-width:14rem}.glance tbody th,.glance td:nth-child(5),.glance td:nth-child(6){white-space:nowrap;font-variant-numeric:tabular-nums}
text{font-size:9px;fill:currentColor}a{overflow-wrap:anywhere}
"""


_GLANCE = ("provision", "law_of", "effect", "yields", "from", "until", "confidence")
_MARKS = {True: "✓", False: "✗", None: "–"}


def report(zone: Zone, flow: str | None = None, on: date | None = None) -> str:
    """The law of one flow or of all, of one day or of all time, as a whole HTML document."""
    return "\n".join(_Report(zone, flow, on).document())


def by_way(
    flow: str, chosen: Iterable[Provision], ways: Iterable[str]
) -> Iterator[tuple[tuple[str, ...], tuple[Provision, ...]]]:
    """The provisions of a flow for each way of crossing; ways under the same provisions stand together."""
    found: dict[tuple[str, ...], list[str]] = {}
    own = {provision.id: provision for provision in chosen if flow in provision.flows}
    for way in ways:
        if ruled := tuple(key for key, provision in own.items() if way in provision.crosses):
            found.setdefault(ruled, []).append(way)
    for ruled, alike in found.items():
        yield tuple(alike), tuple(own[key] for key in ruled)


class _Report:
    """One document being written."""

    def __init__(self, zone: Zone, flow: str | None, on: date | None) -> None:
        self.zone = zone
        self.flow = flow
        self.on = on
        self.speakers = {
            (f, language): Speaker(zone, f, language) for f in zone.flows for language in LANGUAGES
        }

    def document(self) -> Iterator[str]:
        """The whole."""
        chosen = [p for p in self.zone.law.provisions if self.belongs(p.flows) and self.holds(p.in_force)]
        named = {key for provision in chosen for key in provision.effect.measures}
        title = " · ".join(WORDS["title"].values())
        head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        yield f'<!DOCTYPE html>\n<html lang="en"><head>{head}<title>{escape(title)}</title><style>{_STYLE}</style></head><body>'
        yield f"<header><h1>{self.words('title')}</h1>{self.scope()}<p><code>{self.zone.digest}</code></p></header><main>"
        yield from self.overview(chosen)
        yield f"<p>{self.words('legend')}</p>"
        yield f"<h2>{self.words('instruments')}</h2>"
        for instrument in self.zone.instruments.values():
            own = [provision for provision in chosen if provision.instrument == instrument.key]
            if own:
                yield from self.instrument(instrument, own)
        yield f"<h2>{self.words('definitions')}</h2>"
        yield from (
            self.definition(d)
            for d in self.zone.law.definitions
            if self.belongs(d.flows) and self.holds(d.in_force)
        )
        yield f"<h2>{self.words('parameters')}</h2>"
        yield from self.parameters(" ".join(p.when.text for p in chosen) if self.flow else None)
        yield f"<h2>{self.words('measures')}</h2>"
        yield from (self.measure(measure) for key, measure in self.zone.measures.items() if key in named)
        yield "</main></body></html>"

    def belongs(self, flows: Iterable[str]) -> bool:
        """Whether something of these flows is in the document."""
        return self.flow is None or self.flow in flows

    def holds(self, interval: Interval) -> bool:
        """Whether something of this time is in the document."""
        return self.on is None or interval.covers(self.on)

    def scope(self) -> str:
        """Which flow and day the document is of."""
        labels = self.zone.facts["flow"].value_labels
        flow = f"<p>{three(labels.get(self.flow, {}), self.flow)}</p>" if self.flow else ""
        day = (
            self.words("on_day", day=self.on.isoformat())
            if self.on
            else ""
            if self.flow
            else self.words("whole")
        )
        return f"{flow}<p>{day}</p>"

    def words(self, key: str, **slots: str) -> str:
        """A word of the table in each language."""
        return three({language: text.format(**slots) for language, text in WORDS[key].items()})

    def overview(self, chosen: list[Provision]) -> Iterator[str]:
        """Every provision at a glance: one table for each flow and each way in which its law differs."""
        yield f"<h2>{self.words('overview')}</h2>"
        head = "".join(f'<th scope="col">{inline(WORDS[key])}</th>' for key in _GLANCE)
        for flow in (flow for flow in self.zone.flows if self.flow in (None, flow)):
            for ways, provisions in by_way(flow, chosen, self.zone.directions):
                caption = "<br>".join(
                    [self.label("flow", flow), *(self.label("crosses", way) for way in ways)]
                )
                yield f'<table class="glance"><caption>{caption}</caption>'
                yield f"<thead><tr>{head}</tr></thead><tbody>"
                yield from (self.glance(provision) for provision in provisions)
                yield "</tbody></table>"

    def label(self, fact: str, value: str) -> str:
        """A value of a fact in each language, in one line."""
        return inline(self.zone.facts[fact].value_labels.get(value) or dict.fromkeys(LANGUAGES, value))

    def glance(self, provision: Provision) -> str:
        """One provision in a row."""
        begins, ends = (day.isoformat() if day else "–" for day in provision.in_force)
        marks = (
            [provision.confidence]
            if provision.status == "in_force"
            else [provision.confidence, provision.status]
        )
        cells = (
            inline(WORDS[provision.bank]),
            self.effect(provision, formula=False),
            self.yields(provision),
            begins,
            ends,
            self.marks(*marks),
        )
        head = f'<a href="#{escape(provision.id)}">{escape(provision.id)}</a>'
        return f'<tr><th scope="row">{head}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'

    def yields(self, provision: Provision) -> str:
        """The provisions it yields to, as links within the document."""
        return ", ".join(f'<a href="#{escape(key)}">{escape(key)}</a>' for key in provision.unless)

    def instrument(self, instrument: Instrument, provisions: list[Provision]) -> Iterator[str]:
        """An instrument, its time line and its provisions."""
        yield f'<section id="{escape(instrument.key)}"><h3>{three(instrument.title)}</h3>'
        yield f"<p>{three(instrument.issuer)}</p><p>{self.marks(instrument.bank, instrument.status)} {link(instrument.source)}</p>"
        yield self.timeline(provisions)
        for provision in provisions:
            yield from self.provision(provision)
        yield "</section>"

    def provision(self, provision: Provision) -> Iterator[str]:
        """One provision: what it says, when, and what follows."""
        said = f"<strong>{escape(provision.id)}</strong>"
        marks = self.marks(provision.bank, provision.status, provision.confidence)
        yield f'<article id="{escape(provision.id)}"><p>{said} {three(self.zone.cite(provision.article))} {marks}</p>{three(provision.says)}'
        yield f"<h4>{self.words('when')}</h4>{self.conditions(provision)}"
        yield self.decisions(provision.when.tree, provision.flows, provision.in_force)
        yield f"<h4>{self.words('effect')}</h4>{self.effect(provision)}"
        if provision.unless:
            yield f"<h4>{self.words('yields')}</h4><p>{self.yields(provision)}</p>"
        yield f"{self.period(provision.in_force)}<p>{link(provision.source)}</p></article>"

    def conditions(self, provision: Provision) -> str:
        """When it holds, in each language."""
        flow = self.flow or provision.flows[0]
        said = {
            language: nested(
                self.speakers[flow, language].during(provision.in_force).condition(provision.when.tree)
            )
            for language in LANGUAGES
        }
        return columns(said)

    def decisions(self, tree: Tree, flows: Sequence[str], during: Interval) -> str:
        """The condition as a table, where it holds in several ways."""
        found = table(tree)
        if found is None:
            return ""
        speakers = {
            language: self.speakers[self.flow or flows[0], language].during(during) for language in LANGUAGES
        }
        numbers = "".join(f'<th scope="col">{at + 1}</th>' for at in range(len(found.ways)))
        rows = []
        for at, part in enumerate(found.parts):
            said = {language: speaker.condition(part).text for language, speaker in speakers.items()}
            marks = "".join(f"<td>{_MARKS[way[at]]}</td>" for way in found.ways)
            rows.append(f'<tr><th scope="row">{three(said)}</th>{marks}</tr>')
        head = f"<tr><th>{inline(WORDS['ways'])}</th>{numbers}</tr>"
        return f'<table class="ways">{head}{"".join(rows)}</table>'

    def effect(self, provision: Provision, *, formula: bool = True) -> str:
        """What follows, in each language; of an amount, with how it is computed or what it is."""
        effect = provision.effect
        key = effect.kind
        if key == "forbid" and effect.measures:
            key = "forbid_measure"
        elif key == "require" and effect.one_of:
            key = "require_one"
        said = {
            language: WORDS[key][language].format(words=self.named(provision, language, formula))
            for language in LANGUAGES
        }
        if provision.route:
            name = self.zone.measures[provision.route].name
            said = {
                language: WORDS["asked_for"][language].format(
                    route=name.get(language, provision.route), effect=text
                )
                for language, text in said.items()
            }
        return three(said)

    def named(self, provision: Provision, language: str, formula: bool) -> str:
        """The measures, authority or result of an effect."""
        effect = provision.effect
        names = [self.zone.measures[key].name.get(language, key) for key in effect.measures]
        if effect.authority:
            names.append(self.zone.authorities[effect.authority].name.get(language, effect.authority))
        if effect.value is not None and not formula:
            names.append(provision.says[language])
        elif effect.value is not None:
            speaker = self.speakers[self.flow or provision.flows[0], language].during(provision.in_force)
            steps = [f"{step.name}: {step.says[language]}" for step in effect.steps]
            names += [f"{effect.result} = {speaker.amount(effect.value.tree)}", *steps]
        return WORDS["comma"][language].join(names)

    def marks(self, *keys: str) -> str:
        """Bank, status and confidence as words."""
        return "".join(f'<span class="mark">{inline(WORDS[key])}</span>' for key in keys)

    def period(self, interval: Interval) -> str:
        """From when until when."""
        flow = self.zone.flows[0]
        return three({language: self.speakers[flow, language].time(interval) for language in LANGUAGES})

    def timeline(self, provisions: list[Provision]) -> str:
        """One bar a provision; the days themselves stand in words below."""
        days = [day for provision in provisions for day in provision.in_force if day is not None]
        if not days:
            return ""
        first, last = min(days).year, max(days).year + 2
        scale = 720 / max(1, last - first)

        def across(day: date | None, otherwise: float) -> float:
            return otherwise if day is None else 140 + ((day - date(first, 1, 1)).days / 365.25) * scale

        rows = []
        for at, provision in enumerate(provisions):
            begin, end = across(provision.in_force.from_on, 140), across(provision.in_force.until_on, 870)
            rows.append(f'<text x="2" y="{at * 14 + 24}">{escape(provision.id)}</text>')
            rows.append(
                f'<rect x="{begin:.1f}" y="{at * 14 + 17}" width="{max(1.0, end - begin):.1f}" height="9"/>'
            )
        step = max(1, (last - first) // 12)
        years = [
            f'<text x="{140 + (y - first) * scale:.1f}" y="10">{y}</text>' for y in range(first, last, step)
        ]
        size = f"0 0 880 {len(provisions) * 14 + 20}"
        title = escape(" · ".join(WORDS["history"].values()))
        return f'<svg viewBox="{size}" role="img" aria-label="{title}">{"".join(years + rows)}</svg>'

    def definition(self, definition: Definition) -> str:
        """A named condition."""
        flow = self.flow or definition.flows[0]
        said = {
            language: nested(
                self.speakers[flow, language].during(definition.in_force).condition(definition.means.tree)
            )
            for language in LANGUAGES
        }
        head = f"<article><p><strong>{escape(definition.name)}</strong></p>{three(definition.says)}"
        decisions = self.decisions(definition.means.tree, definition.flows, definition.in_force)
        return f"{head}{columns(said)}{decisions}{self.period(definition.in_force)}</article>"

    def parameters(self, used: str | None) -> Iterator[str]:
        """Every number and day with its values and who says so; of one flow, those its conditions name."""
        for parameter in self.zone.parameters.values():
            values = [value for value in parameter.values if self.holds(value.in_force)]
            if values and (used is None or parameter.name in used):
                rows = "".join(self.value(value, parameter.unit) for value in values)
                yield f"<article><p><strong>{escape(parameter.name)}</strong></p>{three(parameter.says)}<table>{rows}</table></article>"

    def value(self, value: ParameterValue, unit: str | None) -> str:
        """One value during its time."""
        shown = f"{value.value:,}" if isinstance(value.value, int) else value.value.isoformat()
        cells = (f"{shown} {escape(unit or '')}", self.period(value.in_force), self.marks(value.confidence))
        return (
            "<tr>"
            + "".join(
                f"<td>{cell}</td>"
                for cell in (*cells, f"{three(self.zone.cite(value.article))} {link(value.source)}")
            )
            + "</tr>"
        )

    def measure(self, measure: Measure) -> str:
        """A measure with how to have it and its dated terms."""
        name = three(measure.name, measure.key)
        how = three(measure.how) if measure.how else ""
        documents = "".join(f"<li>{three(document)}</li>" for document in measure.documents)
        rows = "".join(self.term(term) for term in measure.terms if self.holds(term.in_force))
        listed = f"<ul>{documents}</ul>" if documents else ""
        table = f"<table>{rows}</table>" if rows else ""
        shared = "".join(self.served(one) for one in measure.serves if self.holds(one.in_force))
        return f'<article id="{measure.key}"><h3>{name}</h3><p>{self.marks(measure.bank)}</p>{how}{listed}{table}{shared}</article>'

    def served(self, one: Served) -> str:
        """What one filing for a measure also serves."""
        also = "".join(f"<li>{three(self.zone.measures[key].name, key)}</li>" for key in one.also)
        cited = f"{three(self.zone.cite(one.article))} {link(one.source)} {self.marks(one.confidence)}"
        return f"<h4>{self.words('serves')}</h4>{three(one.says)}<ul>{also}</ul><p>{cited}</p>"

    def term(self, term: MeasureTerm) -> str:
        """One entry: who grants it, with which figures, and when that applies."""
        granted = "".join(f"<li>{three(self.zone.authorities[key].name, key)}</li>" for key in term.authority)
        figures = ", ".join(f"{escape(name)}: {escape(str(value))}" for name, value in term.terms.items())
        applies = three(term.applies) if term.applies else ""
        cited = f"{three(self.zone.cite(term.article))} {link(term.source)} {self.marks(term.confidence)}"
        return f"<tr><td><ul>{granted}</ul>{applies}</td><td><code>{figures}</code></td><td>{self.period(term.in_force)}</td><td>{cited}</td></tr>"
