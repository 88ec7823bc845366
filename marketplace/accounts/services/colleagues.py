"""Belonging to an organisation: inviting, claiming, accepting, removing."""

from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from marketplace import audit
from marketplace.accounts.models import Invitation, Membership, MembershipClaim, Organisation, User
from marketplace.accounts.services import organisations, people
from marketplace.accounts.states import VERIFIED
from marketplace.clock import legal_day
from marketplace.errors import N_, Conflict, Invalid, NotFound
from marketplace.notices import services as notices
from marketplace.permissions import Actor, Permission, Role, require

INVITATION_DAYS = 14

#: Roles that an organisation may give to its own people; staff roles come from the market operator.
OPEN_ROLES = {
    "university": (Role.RESEARCHER, Role.UNIT_MANAGER),
    "institute": (Role.RESEARCHER, Role.UNIT_MANAGER),
    "enterprise": (Role.ENTERPRISE_MEMBER,),
    "agency": (Role.BROKER,),
}


def invite(
    session: Session, actor: Actor, organisation_id: int, address: str, role: str, *, now: datetime
) -> Invitation:
    """Invite a person by e-mail or mobile number. Raises Invalid or Forbidden."""
    organisation = _managed(session, actor, organisation_id)
    email, phone = people.split_address(address)
    problems = {}
    if not (email or phone):
        problems["address"] = [N_("请填写电子邮箱（如 name@example.com）或 11 位手机号。")]
    if role not in OPEN_ROLES.get(organisation.organisation_type, ()):
        problems["role"] = [N_("请选择角色。")]
    if problems:
        raise Invalid(problems)
    invitation = Invitation(
        organisation_id=organisation.id,
        contact=email or phone,
        role=Role(role),
        state="pending",
        invited_by_id=actor.user_id,
        created_at=now,
        expires_on=legal_day(now) + timedelta(days=INVITATION_DAYS),
    )
    session.add(invitation)
    session.flush()
    audit.record(session, actor, "invitation.create", "organisation", organisation.id, now=now)
    _tell_invited(session, invitation, organisation, now)
    return invitation


def invitations_for(session: Session, actor: Actor, *, now: datetime) -> list[Invitation]:
    """Open invitations addressed to this person."""
    user = session.get_one(User, actor.user_id)
    return list(
        session.scalars(
            select(Invitation)
            .where(
                Invitation.state == "pending",
                Invitation.expires_on >= legal_day(now),
                or_(Invitation.contact == user.email, Invitation.contact == user.phone),
            )
            .options(joinedload(Invitation.organisation), joinedload(Invitation.invited_by))
        )
    )


def accept_invitation(session: Session, actor: Actor, invitation_id: int, *, now: datetime) -> Membership:
    """Take up an invitation addressed to oneself. Raises NotFound for anybody else's."""
    invitation = next((i for i in invitations_for(session, actor, now=now) if i.id == invitation_id), None)
    if invitation is None:
        raise NotFound
    invitation.state = "accepted"
    return _join(session, actor, actor.user_id, invitation.organisation_id, Role(invitation.role), now)


def revoke_invitation(session: Session, actor: Actor, invitation_id: int, *, now: datetime) -> Invitation:
    """Take an invitation back before it is accepted."""
    invitation = session.get(Invitation, invitation_id)
    if invitation is None:
        raise NotFound
    _managed(session, actor, invitation.organisation_id)
    if invitation.state != "pending":
        raise Conflict(N_("这份邀请已经处理过了。"))
    invitation.state = "revoked"
    audit.record(session, actor, "invitation.revoke", "organisation", invitation.organisation_id, now=now)
    return invitation


def claim(
    session: Session, actor: Actor, credit_code: str, role: str, message: str, *, now: datetime
) -> MembershipClaim:
    """Ask to belong to an organisation that is here already. Raises Invalid."""
    organisation = organisations.find_by_credit_code(session, credit_code)
    if organisation is None or organisation.state != VERIFIED:
        raise Invalid({"credit_code": [N_("平台上没有这个代码的已认证单位，请核对，或改为登记新单位。")]})
    if role not in OPEN_ROLES.get(organisation.organisation_type, ()):
        raise Invalid({"role": [N_("这类单位没有这个角色，请重新选择。")]})
    if actor.member_of(organisation.id):
        raise Conflict(N_("您已经是这个单位的成员。"))
    if _open_claim(session, actor.user_id, organisation.id):
        raise Conflict(N_("您已经提交过申请，请等对方处理。"))
    made = MembershipClaim(
        user_id=actor.user_id,
        organisation_id=organisation.id,
        role=Role(role),
        message=message.strip()[:500],
        state="pending",
        created_at=now,
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "claim.create", "organisation", organisation.id, now=now)
    return made


def claims_waiting(session: Session, actor: Actor) -> list[MembershipClaim]:
    """Open requests that this person may decide."""
    managed = [m.organisation_id for m in actor.members if m.manages_people]
    query = select(MembershipClaim).where(MembershipClaim.state == "pending")
    if Role.OPERATOR not in actor.roles():
        query = query.where(MembershipClaim.organisation_id.in_(managed))
    return list(
        session.scalars(
            query.options(joinedload(MembershipClaim.user), joinedload(MembershipClaim.organisation))
            .order_by(MembershipClaim.id)
            .limit(100)
        )
    )


def decide_claim(
    session: Session, actor: Actor, claim_id: int, accepted: bool, reason: str, *, version: int, now: datetime
) -> MembershipClaim:
    """Let a person in, or decline with a reason; the person is told."""
    made = session.get(MembershipClaim, claim_id)
    if made is None:
        raise NotFound
    _managed(session, actor, made.organisation_id)
    if made.state != "pending" or made.version != version:
        raise Conflict(N_("这份申请已经处理过了。"))
    if not accepted and not reason.strip():
        raise Invalid({"reason": [N_("请写明不同意的原因，对方会看到。")]})
    made.state, made.reason = ("accepted", None) if accepted else ("declined", reason.strip()[:500])
    if accepted:
        _join(session, actor, made.user_id, made.organisation_id, Role(made.role), now)
    notices.tell(
        session,
        made.user_id,
        "claim_accepted" if accepted else "claim_declined",
        key=f"claim:{made.id}",
        path="/workbench",
        params={"name": made.organisation.name, "reason": made.reason or ""},
        now=now,
    )
    return made


def colleagues(session: Session, organisation_id: int, *, now: datetime) -> list[Membership]:
    """Who belongs to it today."""
    return list(
        session.scalars(
            select(Membership)
            .where(Membership.organisation_id == organisation_id, _valid_on(legal_day(now)))
            .options(joinedload(Membership.user))
            .order_by(Membership.id)
        )
    )


def people_in_role(session: Session, role: Role, day: date) -> list[int]:
    """Everybody who has a role on a day, wherever he works: who hears what staff should look at."""
    query = select(Membership.user_id).where(Membership.role == role, _valid_on(day)).distinct()
    return list(session.scalars(query.order_by(Membership.user_id)))


def pending_invitations(session: Session, organisation_id: int) -> list[Invitation]:
    """Invitations that have not been taken up."""
    return list(
        session.scalars(
            select(Invitation)
            .where(Invitation.organisation_id == organisation_id, Invitation.state == "pending")
            .order_by(Invitation.id.desc())
            .limit(100)
        )
    )


def managed_membership(session: Session, actor: Actor, membership_id: int) -> Membership:
    """A valid membership whose organisation's people this person manages. Raises NotFound or Forbidden."""
    membership = session.get(Membership, membership_id)
    if membership is None or membership.to_on is not None:
        raise NotFound
    _managed(session, actor, membership.organisation_id)
    return membership


def remove(session: Session, actor: Actor, membership_id: int, *, now: datetime) -> Membership:
    """End a membership at once: yesterday was its last day. The last people manager cannot be removed."""
    membership = managed_membership(session, actor, membership_id)
    if membership.manages_people and _manager_count(session, membership.organisation_id) < 2:
        raise Conflict(N_("这是单位唯一的成员管理人，请先把管理权交给别人。"))
    membership.to_on = legal_day(now) - timedelta(days=1)
    audit.record(
        session,
        actor,
        "membership.end",
        "organisation",
        membership.organisation_id,
        now=now,
        person=membership.user_id,
    )
    session.flush()
    return membership


def hand_management(session: Session, actor: Actor, membership_id: int, *, now: datetime) -> Membership:
    """Make a colleague a people manager too."""
    membership = managed_membership(session, actor, membership_id)
    membership.manages_people = True
    audit.record(
        session,
        actor,
        "membership.manage",
        "organisation",
        membership.organisation_id,
        now=now,
        person=membership.user_id,
    )
    return membership


def appoint(
    session: Session,
    user_id: int,
    organisation_id: int,
    role: Role,
    *,
    now: datetime,
    region_code: str | None = None,
    manages_people: bool = False,
) -> Membership:
    """Give a person a role directly: staff roles, by commands of the installation (no page does this)."""
    membership = Membership(
        user_id=user_id,
        organisation_id=organisation_id,
        role=role,
        region_code=region_code,
        manages_people=manages_people,
        from_on=legal_day(now),
    )
    session.add(membership)
    session.flush()
    return membership


def _managed(session: Session, actor: Actor, organisation_id: int) -> Organisation:
    organisation = organisations.get(session, organisation_id)
    require(
        actor,
        Permission.ORGANISATION_MANAGE_PEOPLE,
        organisation.permission_subject(),
        view=Permission.ORGANISATION_VIEW,
    )
    return organisation


def _join(
    session: Session, actor: Actor, user_id: int, organisation_id: int, role: Role, now: datetime
) -> Membership:
    audit.record(session, actor, "membership.begin", "organisation", organisation_id, now=now, person=user_id)
    return appoint(session, user_id, organisation_id, role, now=now)


def _open_claim(session: Session, user_id: int, organisation_id: int) -> bool:
    return (
        session.scalar(
            select(MembershipClaim.id).where(
                MembershipClaim.user_id == user_id,
                MembershipClaim.organisation_id == organisation_id,
                MembershipClaim.state == "pending",
            )
        )
        is not None
    )


def _manager_count(session: Session, organisation_id: int) -> int:
    return len(
        session.scalars(
            select(Membership.id).where(
                Membership.organisation_id == organisation_id,
                Membership.manages_people,
                Membership.to_on.is_(None),
            )
        ).all()
    )


def _valid_on(day):
    return (Membership.from_on <= day) & (Membership.to_on.is_(None) | (Membership.to_on >= day))


def _tell_invited(
    session: Session, invitation: Invitation, organisation: Organisation, now: datetime
) -> None:
    """A person with an account gets a notice (and its mail); a stranger with an e-mail gets a mail."""
    user = people.find_by_address(session, invitation.contact)
    params = {"name": organisation.name, "until": invitation.expires_on.isoformat()}
    if user is not None:
        key = f"invitation:{invitation.id}"
        notices.tell(session, user.id, "invitation", key=key, path="/workbench", params=params, now=now)
    elif "@" in invitation.contact:
        notices.queue_mail(
            session,
            invitation.contact,
            "invitation",
            path="/register",
            params=params,
            locale="zh_CN",
            now=now,
        )
