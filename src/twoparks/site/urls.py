"""Addresses of a node. Each app owns its own; this file only places them."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("federation/", include("twoparks.federation.urls")),
    path("", include("twoparks.site.page_urls")),
]
