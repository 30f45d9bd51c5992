"""Addresses of all pages, in the order of the menu."""

from __future__ import annotations

from django.urls import path

from twoparks.site import pages as site

urlpatterns = [
    path("", site.front, name="front"),
]
