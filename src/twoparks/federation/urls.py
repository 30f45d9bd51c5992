"""Addresses of the protocol between the two parks (docs/protocol.md, Messages)."""

from django.urls import path

from twoparks.federation import endpoints

urlpatterns = [
    path("inbox", endpoints.inbox),
    path("cosignature", endpoints.cosignature),
    path("consistency", endpoints.consistency),
    path("frontier", endpoints.frontier),
    path("held", endpoints.held),
    path("returned", endpoints.returned),
    path("<slug:name>", endpoints.document),
]
