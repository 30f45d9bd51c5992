"""Addresses for whoever looks after the machine."""

from django.urls import path

from twoparks.site.operations.health import live, ready
from twoparks.site.operations.metrics import metrics

urlpatterns = [
    path("health/live", live),
    path("health/ready", ready),
    path("metrics", metrics),
]
