"""What projects, organisations and people are found by. Written with them; `keep_all` makes it again for all of them."""

from __future__ import annotations

from twoparks.lists import search
from twoparks.registry.models import Organisation, Person, Project, User

PROJECTS, ORGANISATIONS, PEOPLE, TRAVELLERS = "projects", "organisations", "people", "travellers"


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


def keep_account(person: User) -> None:
    """Let somebody with an account be found by name and user name, by those who may see the account."""
    search.keep(PEOPLE, str(person.pk), [person.username, person.first_name])


def keep_traveller(person: Person) -> None:
    """Let a registered person be found by name and pseudonym, by the employer."""
    search.keep(TRAVELLERS, person.pk, [person.name, person.pseudonym])


def keep_all() -> int:
    """Make the words of all of them again; returns how many changed."""
    before = {kind: search.held(kind) for kind in (PROJECTS, ORGANISATIONS, PEOPLE, TRAVELLERS)}
    for organisation in Organisation.objects.iterator():
        keep_organisation(organisation)
    for project in Project.objects.select_related("organisation", "partner").iterator():
        keep_project(project)
    for account in User.objects.iterator():
        keep_account(account)
    for person in Person.objects.iterator():
        keep_traveller(person)
    after = {kind: search.held(kind) for kind in before}
    return sum(
        before[kind].get(key) != words for kind, found in after.items() for key, words in found.items()
    )
