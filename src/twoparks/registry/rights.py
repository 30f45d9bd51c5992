"""What each verb of access is called on pages."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy

from twoparks.registry.access import Verb

SAYS: Mapping[Verb, object] = {
    Verb.SEE_PERMIT: gettext_lazy("see permits"),
    Verb.DECLARE: gettext_lazy("declare, and keep drafts"),
    Verb.VARY: gettext_lazy("declare a new version"),
    Verb.WITHDRAW: gettext_lazy("withdraw a declaration"),
    Verb.DECIDE: gettext_lazy("decide for an authority"),
    Verb.CLEAR: gettext_lazy("clear for the park"),
    Verb.REFUSE: gettext_lazy("refuse for the park"),
    Verb.REVOKE: gettext_lazy("revoke a permit"),
    Verb.SEE_QUEUE: gettext_lazy("see what waits for a decision"),
    Verb.SEE_PROJECT: gettext_lazy("see projects"),
    Verb.CHANGE_PROJECT: gettext_lazy("open projects and add approvals"),
    Verb.SEE_PEOPLE: gettext_lazy("see who has an account and in which roles"),
    Verb.ADD_PERSON: gettext_lazy("give accounts in an organisation"),
    Verb.ADD_ROLE: gettext_lazy("give roles at this park"),
    Verb.SCAN: gettext_lazy("scan passes at a gate"),
    Verb.SEE_GATE: gettext_lazy("see gates"),
    Verb.ENROL_GATE: gettext_lazy("enrol gates and cut them off"),
    Verb.SEE_CROSSING: gettext_lazy("see crossings"),
    Verb.CLOSE_DISCREPANCY: gettext_lazy("explain discrepancies"),
    Verb.SEE_LEDGER: gettext_lazy("see and prove the log"),
    Verb.ACCEPT_LOSS: gettext_lazy("accept what a restored copy lost"),
    Verb.REGISTER_PERSON: gettext_lazy("register people to cross"),
    Verb.SEE_TRAVELLERS: gettext_lazy("see people registered to cross"),
    Verb.OWN_TRAVEL: gettext_lazy("consent, and carry the own pass"),
    Verb.DECLARE_RETURN: gettext_lazy("declare a return by another control point"),
    Verb.SEE_MOVEMENTS: gettext_lazy("see the own movements"),
    Verb.SEE_COUNTS: gettext_lazy("see the days across that people released to their employer"),
    Verb.ASK_MOVEMENTS: gettext_lazy("read a person's movements, with a reason recorded"),
    Verb.SEE_DRAFTS: gettext_lazy("see drafts of trials"),
    Verb.DRAFT_TRIAL: gettext_lazy("draft changes of the law for a trial"),
    Verb.FILE_TRIAL: gettext_lazy("file the protocol of a trial"),
    Verb.AGREE_TRIAL: gettext_lazy("agree to a trial for an authority, or not"),
    Verb.SIGN_TRIAL: gettext_lazy("sign a trial for the park, or refuse it"),
    Verb.OPEN_TRIAL: gettext_lazy("let a trial decide"),
    Verb.STOP_TRIAL: gettext_lazy("stop a trial"),
    Verb.RECORD_HARM: gettext_lazy("record harm seen in a trial"),
    Verb.JOIN_TRIAL: gettext_lazy("join a trial for the organisation, or leave it"),
    Verb.SEE_TRIAL: gettext_lazy("see trials"),
    Verb.SEE_TRIAL_CASES: gettext_lazy("see the cases of a trial"),
    Verb.REPORT_TRIAL: gettext_lazy("report what came of a trial"),
}


def says(verb: Verb) -> str:
    """The verb in the reader's words."""
    return str(SAYS.get(verb, verb))
