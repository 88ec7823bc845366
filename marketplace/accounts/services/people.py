"""People: creating an account, logging in, resetting a password."""

from datetime import date, datetime

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from marketplace import audit, identifiers
from marketplace.accounts import passwords
from marketplace.accounts.models import Consent, Membership, Organisation, User
from marketplace.accounts.states import VERIFIED
from marketplace.errors import N_, Invalid, NotFound
from marketplace.notices import services as notices
from marketplace.permissions import MARKET, VISITOR, Actor, Member, Permission, Role, require

PRIVACY_VERSION = "2026-11"
RESET_SECONDS = 3600
_RESET_SALT = "password reset"


def register(
    session: Session,
    *,
    name: str,
    address: str,
    password: str,
    consent: bool,
    now: datetime,
    locale: str = "zh_CN",
) -> User:
    """A new account, with the recorded consent to the privacy notice.

    Raises Invalid; an address already in use is told only by mail to its owner, so that nobody can
    find out who has an account: then too a user is returned, the existing one, and nothing is changed.
    """
    email, phone = split_address(address)
    _check_registration(name, address, password, consent)
    existing = find_by_address(session, address)
    password_hash = passwords.hash_password(
        password
    )  # also for a known address: the same work, the same time
    if existing is not None:
        _tell_owner(session, existing, now)
        return existing
    user = User(
        name=name.strip(),
        email=email,
        phone=phone,
        password_hash=password_hash,
        locale=locale,
        consent_version=PRIVACY_VERSION,
        consented_at=now,
        created_at=now,
    )
    session.add(user)
    session.flush()
    session.add(Consent(user_id=user.id, document="privacy", document_version=PRIVACY_VERSION, at=now))
    audit.record(session, Actor(user.id), "user.register", "user", user.id, now=now)
    session.flush()
    return user


def split_address(address: str) -> tuple[str | None, str | None]:
    """An e-mail address or a mobile number, cleaned: (email, phone); (None, None) when it is neither."""
    if "@" in address or "＠" in address:
        return identifiers.check_email(address).normalised, None
    check = identifiers.check_phone(address)
    return None, check.normalised if check.phone_kind == "MOBILE" else None


def find_by_address(session: Session, address: str) -> User | None:
    """The person with this e-mail or phone."""
    email, phone = split_address(address)
    conditions = [User.email == email] if email else [User.phone == phone]
    return session.scalar(select(User).where(or_(*conditions))) if (email or phone) else None


def authenticate(session: Session, address: str, password: str, *, now: datetime) -> User | None:
    """The person when address and password fit; None otherwise, always after the same work."""
    user = find_by_address(session, address)
    fits = passwords.verify(user.password_hash if user else None, password)
    if not fits or user is None or not user.active:
        return None
    if passwords.outdated(user.password_hash):
        user.password_hash = passwords.hash_password(password)
    user.last_login_at = now
    audit.record(session, Actor(user.id), "user.log_in", "user", user.id, now=now)
    return user


def load(session: Session, user_id: int) -> User | None:
    """An active person with memberships and organisations, in one query each."""
    return session.scalar(
        select(User)
        .where(User.id == user_id, User.active)
        .options(selectinload(User.memberships).joinedload(Membership.organisation))
    )


def actor_of(user: User | None, today: date) -> Actor:
    """The person as the policy sees it: memberships valid today."""
    if user is None:
        return VISITOR
    members = tuple(
        Member(
            id=m.id,
            organisation_id=m.organisation_id,
            role=Role(m.role),
            region_code=m.region_code,
            manages_people=m.manages_people,
            verified=m.organisation.state == VERIFIED,
            from_on=m.from_on,
            to_on=m.to_on,
        )
        for m in user.memberships
        if m.from_on <= today and (m.to_on is None or m.to_on >= today)
    )
    return Actor(user.id, members)


def ask_reset(session: Session, address: str, secret: str, *, now: datetime) -> None:
    """Mail a signed link when the address has an account; the caller says the same either way."""
    email, _phone = split_address(address)
    user = find_by_address(session, address) if email else None
    if user is None or not user.active:
        return
    notices.queue_mail(
        session,
        user.email,
        "password_reset",
        path=f"/accounts/reset/{reset_token(user, secret)}",
        params={},
        locale=user.locale,
        now=now,
    )
    audit.record(session, Actor(user.id), "user.ask_reset", "user", user.id, now=now)


def reset_token(user: User, secret: str) -> str:
    """A signed token good for one hour and one use: it names the session epoch, which a reset raises."""
    return URLSafeTimedSerializer(secret, salt=_RESET_SALT).dumps([user.id, user.session_epoch])


def user_of_token(session: Session, token: str, secret: str) -> User:
    """The person a reset link was made for. Raises NotFound when it is used up, too old or forged."""
    try:
        user_id, epoch = URLSafeTimedSerializer(secret, salt=_RESET_SALT).loads(token, max_age=RESET_SECONDS)
    except (BadData, ValueError) as error:
        raise NotFound(N_("这个链接已失效。请重新申请重设密码。")) from error
    user = session.get(User, user_id)
    if user is None or not user.active or user.session_epoch != epoch:
        raise NotFound(N_("这个链接已失效。请重新申请重设密码。"))
    return user


def set_password(session: Session, user: User, password: str, *, actor: Actor, now: datetime) -> None:
    """Set a new password and end every open session of the person. Raises Invalid."""
    weak = passwords.weakness(password, name=user.name, address=user.email or user.phone or "")
    if weak:
        raise Invalid({"password": [weak]})
    user.password_hash = passwords.hash_password(password)
    user.session_epoch += 1
    audit.record(session, actor, "user.set_password", "user", user.id, now=now)
    session.flush()


def reset_by_operator(session: Session, actor: Actor, address: str, secret: str, *, now: datetime) -> str:
    """A reset link that the operator hands to a person without e-mail, after checking who asks.

    Raises Forbidden, or NotFound for an unknown address.
    """
    require(actor, Permission.USER_RESET_PASSWORD, MARKET)
    user = find_by_address(session, address)
    if user is None or not user.active:
        raise NotFound(N_("没有这个账号，请核对电子邮箱或手机号。"))
    audit.record(session, actor, "user.reset_by_operator", "user", user.id, now=now)
    return f"/accounts/reset/{reset_token(user, secret)}"


def set_locale(session: Session, actor: Actor, locale: str) -> None:
    """Remember the language for mails."""
    user = session.get_one(User, actor.user_id)
    user.locale = locale


def organisations_of(session: Session, actor: Actor) -> list[Organisation]:
    """The organisations a person belongs to, in the order of joining."""
    ids = list(dict.fromkeys(member.organisation_id for member in actor.members))
    found = {o.id: o for o in session.scalars(select(Organisation).where(Organisation.id.in_(ids)))}
    return [found[i] for i in ids if i in found]


def _tell_owner(session: Session, user: User, now: datetime) -> None:
    if user.email and user.active:
        notices.queue_mail(
            session, user.email, "already_registered", path="/login", params={}, locale=user.locale, now=now
        )


def _check_registration(name: str, address: str, password: str, consent: bool) -> None:
    problems: dict[str, list[str]] = {}
    if not 2 <= len(name.strip()) <= 60:
        problems["name"] = [N_("请填写姓名，2 到 60 个字。")]
    if split_address(address) == (None, None):
        problems["address"] = [N_("请填写电子邮箱（如 name@example.com）或 11 位手机号。")]
    weak = passwords.weakness(password, name=name.strip(), address=address)
    if weak:
        problems["password"] = [weak]
    if not consent:
        problems["consent"] = [N_("请先阅读并同意隐私说明，才能注册。")]
    if problems:
        raise Invalid(problems)
