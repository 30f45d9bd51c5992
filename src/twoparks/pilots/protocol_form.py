"""The form a rule maker files a protocol with: a draft and a few figures make the whole; errors go to their fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twoparks.packs import load
from twoparks.permits.reading import place
from twoparks.permits.types import Problem
from twoparks.pilots import contracts as c
from twoparks.pilots import telling
from twoparks.pilots.default_words import DATA_KEPT, MEASURES
from twoparks.pilots.flow_words import FLOW_WORDS, directions
from twoparks.registry.models import Organisation
from twoparks.registry.words import park_word, words
from twoparks.registry.zone import LANGUAGES, zone

_TONGUES = {"en": "English", "zh-Hant": "繁體中文", "zh-Hans": "简体中文"}


class ProtocolForm(forms.Form):
    """A protocol field by field; `raw` is what `actions.file` takes."""

    use_required_attribute = False  # what is missing is said by the page, with everything else

    draft = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: as Django's form takes them
        super().__init__(*args, **kwargs)
        self.fields |= _words_fields("title", _("Title"), 200)
        self.fields |= _words_fields("question", _("What the trial is to find out"), 600)
        self.fields |= _scope() | _participants() | _caps() | _dates() | _measures() | _afterwards()

    def raw(self) -> dict[str, Any]:
        """What was typed, laid out as a protocol; nothing of it is checked here."""
        given = self.cleaned_data
        how = given["how"]
        return {
            "title": _said(given, "title"),
            "question": _said(given, "question"),
            "kind": given["kind"],
            "change": given["change"] if given["kind"] == "rule" else "",
            "flow": given["flow"],
            "crosses": given["crosses"] or None,
            "authorities": {p.bank: given[f"authorities_{p.bank}"] for p in zone().parks.values()},
            "participants": {
                "how": how,
                "organisations": given["organisations"] if how == "invited" else [],
                "sender_kinds": given["sender_kinds"],
                "places": _shares(given, "places"),
                "drawn_per_mille": given["drawn_per_mille"] if how == "lot" else None,
            },
            "caps": _caps_of(given),
            "dates": {name: given[name] for name in ("shadow_from", "live_from", "ends")},
            "benefit": [_measure(counted, {}) for counted in given["benefit"]],
            "harm": [
                _measure(counted, {"accepted_per_mille": given[f"accepted_{counted}"]})
                for counted in given["harm"]
            ],
            "stop_rule": {
                "harm": given["tested"],
                "error_per_mille": given["error_per_mille"],
                "at_least": given["at_least"],
            },
            "data_kept": {"what": _said(given, "data"), "until": given["data_until"]},
            "when_stopped": given["when_stopped"],
            "assumed": given["assumed"],
        }

    def take(self, problems: Iterable[Problem]) -> None:
        """Show each problem at the field it is about, or at the top."""
        for problem in problems:
            name = self._field_of(problem.path)
            if name in self.fields:  # the field's own label says where
                self.add_error(name, problem.says.removeprefix(f"{place(problem.path)}: "))
            else:
                self.add_error(None, problem.says)

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields in their groups, for the page."""
        return [
            (str(title), [self[name] for name in self.fields if _group(name) == n]) for n, title in _GROUPS
        ]

    def _field_of(self, path: str) -> str:
        parts = path.split(".")
        match parts:
            case ["title" | "question" as name, tongue]:
                return f"{name}_{tongue}"
            case ["data_kept", "what", tongue]:
                return f"data_{tongue}"
            case ["data_kept", "until"]:
                return "data_until"
            case ["authorities", bank]:
                return f"authorities_{bank}"
            case ["participants", "places", park]:
                return f"places_{park}"
            case ["caps", "permits", park]:
                return f"permits_{park}"
            case ["caps", "quantity", "most", park]:
                return f"quantity_{park}"
            case ["caps", "quantity", name]:
                return f"quantity_{name}"
            case ["harm", row, "accepted_per_mille"] if row.isdigit():
                return f"accepted_{self.cleaned_data['harm'][int(row) - 1]}"
            case ["stop_rule", "harm"]:
                return "tested"
        return {"caps.permits": f"permits_{next(iter(zone().parks))}"}.get(path, parts[-1])


def begun(draft: Mapping[str, Any], today: date) -> dict[str, Any]:
    """What the form begins with: a draft's words and change, what its example proposes, and days from `today`."""
    proposed = draft.get("protocol") or {}
    who, caps = proposed.get("participants", {}), proposed.get("caps", {})
    found: dict[str, Any] = {
        "draft": draft.get("id", ""),
        "kind": proposed.get("kind", "rule"),
        "change": draft.get("change", ""),
        "flow": draft.get("flow", ""),
        "crosses": draft.get("crosses", ""),
        "how": who.get("how", "open"),
        "organisations": who.get("organisations", []),
        "sender_kinds": who.get("sender_kinds", []),
        "drawn_per_mille": who.get("drawn_per_mille"),
        "per_participant": caps.get("per_participant"),
        "shadow_from": today + timedelta(days=1),
        "live_from": today + timedelta(days=15),
        "ends": today + timedelta(days=105),
        "benefit": [row["counted"] for row in proposed.get("benefit", [])] or ["working_minutes"],
        "harm": [row["counted"] for row in proposed.get("harm", [])] or ["discrepancy"],
        "data_until": today + timedelta(days=470),
        "when_stopped": proposed.get("when_stopped", "stays"),
        "assumed": [name for name in proposed.get("assumed", telling.ASSUMED) if name in telling.ASSUMED],
    }
    rule = {"error_per_mille": 50, "at_least": 10, **proposed.get("stop_rule", {})}
    tested = next(
        (h["counted"] for h in proposed.get("harm", []) if h["key"] == rule.get("harm")), found["harm"][0]
    )
    found |= {"tested": tested, "error_per_mille": rule["error_per_mille"], "at_least": rule["at_least"]}
    accepted = {h["counted"]: h["accepted_per_mille"] for h in proposed.get("harm", [])}
    found |= {f"accepted_{counted}": accepted.get(counted, 50) for counted in c.HARMS}
    found |= {f"authorities_{bank}": keys for bank, keys in proposed.get("authorities", {}).items()}
    for park in zone().parks:
        found[f"places_{park}"] = _share(who.get("places", {}), park, 10)
        found[f"permits_{park}"] = _share(caps.get("permits", {}), park, 50)
    kept = proposed.get("data_kept") or DATA_KEPT
    for tongue in LANGUAGES:
        found[f"title_{tongue}"] = draft.get("title", {}).get(tongue, "")
        found[f"question_{tongue}"] = draft.get("question", {}).get(tongue, "")
        found[f"data_{tongue}"] = kept.get("what", kept).get(tongue, "")
    return found


def _share(shares: Mapping[str, Any], park: str, otherwise: int) -> int:
    return int(shares.get(park, shares.get("each", otherwise)))


def _said(given: Mapping[str, Any], name: str) -> dict[str, str]:
    return {tongue: given[f"{name}_{tongue}"] for tongue in LANGUAGES}


def _shares(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {park: given[f"{name}_{park}"] or 0 for park in zone().parks}


def _caps_of(given: Mapping[str, Any]) -> dict[str, Any]:
    counts = given["quantity_counts"]
    quantity = {"counts": counts, "unit": given["quantity_unit"], "most": _shares(given, "quantity")}
    return {
        "permits": _shares(given, "permits"),
        "per_participant": given["per_participant"],
        "quantity": quantity if counts else None,
    }


def _measure(counted: str, more: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": counted, "counted": counted, "words": dict(MEASURES[counted]), **more}


# --- fields -----------------------------------------------------------------------------------------------------

_GROUPS = (
    (1, gettext_lazy("What is tried")),
    (2, gettext_lazy("Who agrees")),
    (3, gettext_lazy("Who takes part")),
    (4, gettext_lazy("How far it goes")),
    (5, gettext_lazy("When")),
    (6, gettext_lazy("What is measured, and when it stops")),
    (7, gettext_lazy("Afterwards")),
)
_GROUP_OF = {
    **dict.fromkeys(("title", "question", "kind", "change", "flow", "crosses"), 1),
    "authorities": 2,
    **dict.fromkeys(("how", "organisations", "sender", "places", "drawn"), 3),
    **dict.fromkeys(("permits", "per", "quantity"), 4),
    **dict.fromkeys(("shadow", "live", "ends"), 5),
    **dict.fromkeys(("benefit", "harm", "accepted", "tested", "error", "at"), 6),
    **dict.fromkeys(("data", "when", "assumed"), 7),
}


def _group(name: str) -> int:
    return _GROUP_OF.get(name.split("_")[0], 0)


def _words_fields(name: str, label: str, most: int) -> dict[str, forms.Field]:
    found: dict[str, forms.Field] = {}
    for tongue, called in _TONGUES.items():
        widget = (
            forms.TextInput(attrs={"lang": tongue})
            if most <= 200
            else forms.Textarea(attrs={"lang": tongue, "rows": 2})
        )
        found[f"{name}_{tongue}"] = forms.CharField(
            label=f"{label} · {called}", max_length=most, widget=widget
        )
    return found


def _scope() -> dict[str, forms.Field]:
    kinds = [("rule", _("a rule")), ("technology", _("a technology, under the law in force"))]
    found: dict[str, forms.Field] = {
        "kind": forms.ChoiceField(label=_("What is on trial"), choices=kinds),
        "change": forms.CharField(
            label=_("The change of the law, as packs are written"),
            required=False,
            strip=False,
            widget=forms.Textarea(attrs={"rows": 10, "class": "code", "spellcheck": "false"}),
        ),
        "flow": forms.ChoiceField(label=_("What moves"), choices=list(FLOW_WORDS.items())),
        "crosses": forms.ChoiceField(label=_("Direction"), choices=directions(), required=False),
    }
    for park in zone().parks.values():
        known = [
            (key, words(authority.name))
            for key, authority in load().authorities.items()
            if authority.bank in (park.bank, "both") and key != "party"
        ]
        found[f"authorities_{park.bank}"] = forms.MultipleChoiceField(
            label=_("Authorities of %(park)s that must agree") % {"park": words(park.name)},
            choices=sorted(known, key=lambda pair: pair[1]),
            widget=forms.SelectMultiple(attrs={"size": 6}),
        )
    return found


def _participants() -> dict[str, forms.Field]:
    known = [(o.id, words(o.name)) for o in Organisation.objects.all()]
    kinds = [(kind, telling.sender_word(kind)) for kind in load().facts["sender_kind"].values]
    return {
        "how": forms.ChoiceField(label=_("How they are chosen"), choices=list(telling.HOW.items())),
        "organisations": forms.MultipleChoiceField(
            label=_("Invited, where by invitation"),
            choices=known,
            required=False,
            widget=forms.SelectMultiple(attrs={"size": 6}),
        ),
        "sender_kinds": forms.MultipleChoiceField(
            label=_("Only these kinds of organisation"),
            choices=kinds,
            required=False,
            widget=forms.SelectMultiple(attrs={"size": 5}),
        ),
        **_by_park("places", _("Places at %(park)s"), required=True),
        "drawn_per_mille": forms.IntegerField(
            label=_("Share drawn, where by lot, in per mille"), required=False
        ),
    }


def _caps() -> dict[str, forms.Field]:
    facts = {s.name: s for flow in load().flows for s in load().facts_of(flow).values() if s.type == "int"}
    counts = [("", _("nothing more")), ("items", _("items declared, in a unit"))]
    counts += sorted((name, words(s.question) or s.meaning) for name, s in facts.items())
    return {
        **_by_park("permits", _("Permits at most, declared at %(park)s"), required=True),
        "per_participant": forms.IntegerField(
            label=_("Permits at most for one organisation"), required=False
        ),
        "quantity_counts": forms.ChoiceField(
            label=_("A cap on quantity counts"), choices=counts, required=False
        ),
        "quantity_unit": forms.CharField(label=_("Unit"), max_length=12, required=False),
        **_by_park("quantity", _("Quantity at most, declared at %(park)s")),
    }


def _by_park(name: str, label: str, required: bool = False) -> dict[str, forms.Field]:
    return {
        f"{name}_{park}": forms.IntegerField(label=label % {"park": park_word(park)}, required=required)
        for park in zone().parks
    }


def _dates() -> dict[str, forms.Field]:
    labels = {
        "shadow_from": _("Shadow run from"),
        "live_from": _("May decide from, once both parks opened it"),
        "ends": _("Last day"),
    }
    return {name: _day(label) for name, label in labels.items()}


def _day(label: str) -> forms.Field:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _measures() -> dict[str, forms.Field]:
    def boxes(label: str, keys: tuple[str, ...]) -> forms.Field:
        choices = [(key, telling.COUNTED[key]) for key in keys]
        return forms.MultipleChoiceField(label=label, choices=choices, widget=forms.CheckboxSelectMultiple)

    accepted = {
        f"accepted_{key}": forms.IntegerField(
            label=_("Accepted, in per mille: %(what)s") % {"what": telling.COUNTED[key]}, required=False
        )
        for key in c.HARMS
    }
    return {
        "benefit": boxes(_("Benefit hoped for"), c.BENEFITS),
        "harm": boxes(_("Harm watched"), c.HARMS),
        **accepted,
        "tested": forms.ChoiceField(
            label=_("The stop rule tests"), choices=[(key, telling.COUNTED[key]) for key in c.HARMS]
        ),
        "error_per_mille": forms.IntegerField(
            label=_("Error rate of the stop rule, in per mille"),
            help_text=_("How often it may stop a trial whose harm is within what is accepted."),
        ),
        "at_least": forms.IntegerField(label=_("It never stops before so many cases")),
    }


def _afterwards() -> dict[str, forms.Field]:
    return {
        "when_stopped": forms.ChoiceField(
            label=_("When it is stopped"), choices=list(telling.AFTERWARDS.items()), widget=forms.RadioSelect
        ),
        **_words_fields("data", _("What is kept"), 600),
        "data_until": _day(_("Kept until")),
        "assumed": forms.MultipleChoiceField(
            label=_("Figures that are assumed, not from a source"),
            choices=list(telling.ASSUMED.items()),
            required=False,
            widget=forms.CheckboxSelectMultiple,
        ),
    }
