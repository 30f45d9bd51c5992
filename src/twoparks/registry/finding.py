"""What projects and organisations are found by. Written with them; `keep_all` makes it again for all of them."""

from __future__ import annotations

from twoparks.lists import search
from twoparks.registry.models import Organisation, Project

PROJECTS, ORGANISATIONS = "projects", "organisations"


def keep_project(project: Project) -> None:
    """Let the project be found by its title, number, protocol and parties."""
    parties = (project.organisation, project.partner)
    names = [name for party in parties for name in party.name.values()]
    search.keep(PROJECTS, project.pk, [project.pk, project.protocol, *project.title.values(), *names])


def keep_organisation(organisation: Organisation) -> None:
    """Let the organisation be found by its names and numbers."""
    search.keep(
        ORGANISATIONS, organisation.pk, [organisation.pk, organisation.number, *organisation.name.values()]
    )


def keep_all() -> int:
    """Make the words of every project and organisation again; returns how many changed."""
    before = {kind: search.held(kind) for kind in (PROJECTS, ORGANISATIONS)}
    for organisation in Organisation.objects.iterator():
        keep_organisation(organisation)
    for project in Project.objects.select_related("organisation", "partner").iterator():
        keep_project(project)
    after = {kind: search.held(kind) for kind in before}
    return sum(
        before[kind].get(key) != words for kind, found in after.items() for key, words in found.items()
    )
