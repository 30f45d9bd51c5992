"""Addresses of a node. Each app owns its own; this file only places them."""

from django.urls import include, path

from twoparks.site.api import api, describe

handler500 = "twoparks.site.refusals.fault"

urlpatterns = [
    path("accounts/", include("twoparks.site.account_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/", describe, name="api_page"),
    path("api/", api.urls),
    path("federation/", include("twoparks.federation.urls")),
    path("", include("twoparks.site.operations.urls")),
    path("", include("twoparks.site.page_urls")),
]
