"""Rulings in words: a sentence for each reason, each effect and each change that would allow more."""

from locales.messages import N_
from policies.ruling import Effect, ObligationKind, Reason

EFFECT_TEXTS = {
    Effect.ALLOW: N_("Allowed"),
    Effect.REDACT: N_("Allowed in part: some fields are left out"),
    Effect.NEEDS_CONSENT: N_("Refused until there is consent"),
    Effect.NEEDS_GUARDIAN: N_("Refused until a guardian agrees"),
    Effect.DENY: N_("Refused"),
}

REASON_TEXTS = {
    Reason.CONTRACT: N_("The service that the person asked for needs this data."),
    Reason.CONSENT_GIVEN: N_("There is a valid consent."),
    Reason.LEGAL_OBLIGATION: N_("A law requires it."),
    Reason.OWN_RIGHT: N_("The person has a right to it."),
    Reason.LEGITIMATE_INTEREST: N_("It protects the person, others or the service."),
    Reason.NO_CONSENT_ASKED: N_("The law allows it for as long as the person does not object."),
    Reason.TRANSFER_GROUND: N_("There is a legal ground for sending the data to that country."),
    Reason.REDUCED: N_("Only a part of this data is needed."),
    Reason.CONSENT_MISSING: N_("The person has not consented to this purpose."),
    Reason.EXPLICIT_CONSENT_MISSING: N_("This kind of data needs an explicit consent that names it."),
    Reason.GUARDIAN_MISSING: N_("The person is a minor, and no guardian has agreed."),
    Reason.TOO_YOUNG: N_("The person is too young for this, whoever agrees."),
    Reason.OBJECTED: N_("The person has objected to this purpose."),
    Reason.SIGNAL: N_("The person's browser says that they do not want this."),
    Reason.RESTRICTED: N_("The person has had the processing of their data restricted."),
    Reason.NO_TRANSFER_GROUND: N_("There is no legal ground for sending the data to that country."),
    Reason.NOTICE_MISSING: N_("The authority has to be told before the data leaves the country."),
    Reason.COUNTRY_OF_CONCERN: N_("The law forbids sending this data to that country."),
    Reason.STAYS_IN_COUNTRY: N_("The law keeps this data in its country."),
    Reason.STAYS_HOME: N_("This kind of data never leaves the region it is kept in."),
    Reason.MINOR_PROTECTED: N_("The law protects minors from this use of their data."),
    Reason.NOT_FOR_THIS_PURPOSE: N_("The purpose has no need of this kind of data."),
    Reason.NO_PACK: N_("No pack has the law of this place: nobody there is served."),
    Reason.NO_RULE: N_("No rule allows it, and what is not allowed is refused."),
    Reason.FAULT: N_("The ruling failed, and what cannot be ruled on is refused."),
}

OBLIGATION_TEXTS = {
    ObligationKind.RETAIN: N_("Keep the data no longer than needed."),
    ObligationKind.NOTIFY: N_("Tell the person or the authority."),
    ObligationKind.RECORD: N_("Keep a record of it."),
}
