"""Check a crossing: public pages that answer without an account and keep nothing."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twoparks.packs import load
from twoparks.permits.flows import FLOWS as DECLARABLE
from twoparks.permits.form import Choice
from twoparks.pilots.queries import running
from twoparks.registry.node import this_node
from twoparks.registry.words import words
from twoparks.registry.zone import zone
from twoparks.window import checking, links

FLOWS = {
    "personnel": gettext_lazy("A person"),
    "materials": gettext_lazy("Goods or samples"),
    "data": gettext_lazy("Data"),
    "capital": gettext_lazy("Money"),
    "schemes": gettext_lazy("Support from a scheme"),
}


def check(request: HttpRequest) -> HttpResponse:
    """Choose what moves, and which way."""
    flow, crosses = request.GET.get("flow", ""), request.GET.get("crosses", "")
    if flow in FLOWS:
        ways = checking.directions(flow)
        if crosses in ways or len(ways) == 1:
            return redirect("check_case", flow, crosses if crosses in ways else ways[0])
    elif flow:
        raise Http404
    context = {
        "flows": [Choice(key, str(label), key == flow) for key, label in FLOWS.items()],
        "flow": flow,
        "ways": [Choice(way, way_words(way), False) for way in checking.directions(flow)] if flow else [],
    }
    return render(request, "window/check.html", context)


def check_case(request: HttpRequest, flow: str, crosses: str) -> HttpResponse:
    """The answer so far and the question that settles most; everything stated stands in the address."""
    if flow not in FLOWS or crosses not in checking.directions(flow):
        raise Http404
    case = links.read_link(flow, crosses, request.GET, timezone.localdate())
    found = checking.answer(case)
    asked = request.GET.get("asked", "")
    if found.question and asked == found.question.short and not found.question.says:
        found = replace(
            found, question=replace(found.question, says=_("Choose an answer, or pass the question over."))
        )
    context = {
        "case": case,
        "answer": found,
        "letter": found.letter,
        "what": FLOWS[flow],
        "way": way_words(crosses),
        "stated": links.pairs(case),
        "query": links.link(case),
        "share": request.build_absolute_uri(reverse("check_case", args=(flow, crosses)))
        + "?"
        + links.link(case),
        "can_declare": flow in DECLARABLE and zone().directions.get(crosses, ("",))[0] == this_node().id,
        "digest": load().digest,
        "trials": running(flow, crosses, timezone.now()),
    }
    return render(request, "window/case.html", context)


def way_words(crosses: str) -> str:
    """A direction in words, as the packs say it."""
    return words(load().facts["crosses"].value_labels.get(crosses)) or crosses
