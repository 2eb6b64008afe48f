"""HTTP of accounts: signing up and in, sessions, and the caller's own profile."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated
from zoneinfo import available_timezones

import msgspec
from msgspec import Meta

from locales.messages import N_
from locales.supported import SUPPORTED
from policies.vocabulary import Purpose
from region_node.errors import InvalidRequest, Mistake, NotFound, PreconditionFailed, PreconditionRequired
from region_node.features.accounts.model import NewPerson, Person, Session, normalised_email
from region_node.features.accounts.problems import (
    EmailTaken,
    SessionEnded,
    SignInRefused,
    SignUpRefused,
    TooManySignIns,
)
from region_node.features.accounts.service import AccountService
from region_node.http.call import Call, Reply
from region_node.http.declare import (
    Placement,
    Precondition,
    Public,
    PublicReason,
    RateClass,
    RouteSpec,
    person,
    route,
)
from region_node.security.passwords import FAULT_TEXTS, MAX_LENGTH, MIN_LENGTH, password_fault
from region_node.security.tokens import Scope

Name = Annotated[str, Meta(min_length=1, max_length=80)]
Email = Annotated[str, Meta(min_length=3, max_length=254)]
Country = Annotated[str, Meta(pattern="^[A-Za-z]{2}$")]
Subdivision = Annotated[str, Meta(pattern="^[A-Za-z]{2}-[A-Za-z0-9]{1,3}$")]
Text = Annotated[str, Meta(max_length=1024)]
ZoneName = Annotated[str, Meta(max_length=64)]
TAGS = ("accounts",)


class SignUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`country` and `subdivision` are ISO 3166; the subdivision is needed where law differs inside.

    `guardian` says that somebody will answer for who is too young to consent alone; until then nothing is
    done that needs a guardian.
    """

    email: Email
    password: Text
    display_name: Name
    birth_date: date
    country: Country
    subdivision: Subdivision | None = None
    language: Annotated[str, Meta(max_length=35)] = "en"
    time_zone: ZoneName = "UTC"
    guardian: bool = False


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """There is no directory of people: the country of residence says where to look."""

    email: Email
    password: Text
    country: Country
    subdivision: Subdivision | None = None


class Refresh(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    refresh_token: Annotated[str, Meta(max_length=256)]


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    person_id: str
    access_token: str
    refresh_token: str
    expires_in_s: int
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    person_id: str
    version: int
    display_name: str
    email: str
    birth_date: date
    place: str
    language: str
    time_zone: str
    age_assurance: str


class ProfileChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    display_name: Name | None = None
    language: Annotated[str, Meta(max_length=35)] | None = None
    time_zone: ZoneName | None = None


@dataclass(frozen=True, slots=True)
class AccountRoutes:
    service: AccountService

    @route(
        RouteSpec(
            method="POST",
            path="/v1/sign-up",
            operation_id="accounts.sign_up",
            summary="Open an account",
            placement=Placement.ANY,
            access=Public(PublicReason.SIGN_UP),
            purpose=Purpose.ACCOUNT,
            rate=RateClass.SIGN_IN,
            body=SignUp,
            responses={201: Profile},
            problems=(SignUpRefused, EmailTaken),
            tags=TAGS,
        )
    )
    async def sign_up(self, call: Call) -> Reply:
        new = _new_person(call.body)
        opened = await self.service.sign_up(call.tenant.id, new)
        return Reply(_profile(opened), status=201, headers={"location": "/v1/me"})

    @route(
        RouteSpec(
            method="POST",
            path="/v1/sign-in",
            operation_id="accounts.sign_in",
            summary="Begin a session",
            placement=Placement.ANY,
            access=Public(PublicReason.SIGN_IN),
            purpose=Purpose.ACCOUNT,
            rate=RateClass.SIGN_IN,
            body=SignIn,
            responses={200: Tokens},
            problems=(SignInRefused, TooManySignIns),
            tags=TAGS,
        )
    )
    async def sign_in(self, call: Call) -> Tokens:
        said: SignIn = call.body
        place = (said.country, said.subdivision)
        return _tokens(await self.service.sign_in(call.tenant.id, place, said.email, said.password))

    @route(
        RouteSpec(
            method="POST",
            path="/v1/session/refresh",
            operation_id="accounts.refresh",
            summary="Trade a refresh token for new tokens",
            placement=Placement.ANY,
            access=Public(PublicReason.SIGN_IN),
            purpose=Purpose.ACCOUNT,
            body=Refresh,
            responses={200: Tokens},
            problems=(SessionEnded,),
            tags=TAGS,
        )
    )
    async def refresh(self, call: Call) -> Tokens:
        return _tokens(await self.service.refresh(call.tenant.id, call.body.refresh_token))

    @route(
        RouteSpec(
            method="DELETE",
            path="/v1/session",
            operation_id="accounts.sign_out",
            summary="End this session",
            placement=Placement.HOME_CALLER,
            access=person(Scope.PROFILE_WRITE),
            purpose=Purpose.ACCOUNT,
            responses={204: None},
            problems=(),
            tags=TAGS,
        )
    )
    async def sign_out(self, call: Call) -> None:
        await self.service.sign_out(call.tenant.id, call.caller.family)

    @route(
        RouteSpec(
            method="GET",
            path="/v1/me",
            operation_id="accounts.show_me",
            summary="The caller's profile",
            placement=Placement.HOME_CALLER,
            access=person(Scope.PROFILE_READ),
            purpose=Purpose.ACCOUNT,
            responses={200: Profile},
            problems=(NotFound,),
            precondition=Precondition.READ,
            tags=TAGS,
        )
    )
    async def show_me(self, call: Call) -> Reply:
        found = await self.service.person(call.tenant.id, call.caller.person)
        return Reply(_profile(found), etag=str(found.version))

    @route(
        RouteSpec(
            method="PATCH",
            path="/v1/me",
            operation_id="accounts.change_me",
            summary="Change the caller's profile",
            placement=Placement.HOME_CALLER,
            access=person(Scope.PROFILE_WRITE),
            purpose=Purpose.ACCOUNT,
            body=ProfileChange,
            responses={200: Profile},
            problems=(NotFound, PreconditionFailed, PreconditionRequired),
            precondition=Precondition.WRITE,
            tags=TAGS,
        )
    )
    async def change_me(self, call: Call) -> Reply:
        change: ProfileChange = call.body
        _require(_profile_mistakes(change))

        def changed(before: Person) -> Person:
            call.require_match(str(before.version))
            given = {
                name: value for name, value in msgspec.structs.asdict(change).items() if value is not None
            }
            return replace(before, **given)

        after = await self.service.change(call.tenant.id, call.caller.person, changed)
        return Reply(_profile(after), etag=str(after.version))


def _new_person(said: SignUp) -> NewPerson:
    email = normalised_email(said.email)
    mistakes = [] if email else [Mistake(pointer="#/email", detail=N_("This is no e-mail address."))]
    fault = password_fault(said.password)
    if fault is not None:
        params = {"min_length": MIN_LENGTH, "max_length": MAX_LENGTH}
        mistakes.append(Mistake(pointer="#/password", detail=FAULT_TEXTS[fault], params=params))
    mistakes += _profile_mistakes(ProfileChange(language=said.language, time_zone=said.time_zone))
    _require(mistakes)
    return NewPerson(
        email=email or "",
        password=said.password,
        display_name=said.display_name.strip() or said.display_name,
        birth_date=said.birth_date,
        country=said.country.upper(),
        subdivision=said.subdivision.upper() if said.subdivision else None,
        language=said.language,
        time_zone=said.time_zone,
        guardian=said.guardian,
    )


def _profile_mistakes(change: ProfileChange) -> list[Mistake]:
    mistakes = []
    if change.language is not None and change.language not in SUPPORTED:
        known = ", ".join(SUPPORTED)
        detail = N_("This language is not offered; choose one of {languages}.")
        mistakes.append(Mistake(pointer="#/language", detail=detail, params={"languages": known}))
    if change.time_zone is not None and change.time_zone not in available_timezones():
        detail = N_("This is no time zone; an example of one is Europe/Berlin.")
        mistakes.append(Mistake(pointer="#/time_zone", detail=detail))
    return mistakes


def _require(mistakes: list[Mistake]) -> None:
    if mistakes:
        raise InvalidRequest(*mistakes)


def _profile(person_: Person) -> Profile:
    names = ("person_id", "version", "display_name", "email", "birth_date", "place", "language", "time_zone")
    return Profile(**{name: getattr(person_, name) for name in names}, age_assurance=person_.age_assurance)


def _tokens(session: Session) -> Tokens:
    return Tokens(
        person_id=session.person_id,
        access_token=session.access_token,
        refresh_token=session.refresh_token,
        expires_in_s=session.expires_in_s,
    )
