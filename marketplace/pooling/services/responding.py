"""“I can solve this”: an achievement offered to a common demand, passed on by staff to the firms behind it.

The firms stay unknown to the responder: they hear of his achievement and turn to him by the usual enquiry, if
they want to. Where all of them are named, he can also enquire with each himself.
"""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from marketplace import audit, workflow
from marketplace.accounts.services import colleagues
from marketplace.clock import legal_day
from marketplace.errors import N_, Conflict, Invalid, NotFound
from marketplace.listings import states as listing_states
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing
from marketplace.notices import services as notices
from marketplace.permissions import Actor, Permission, Role, require
from marketplace.pooling import states
from marketplace.pooling.models import ClusterResponse, DemandCluster
from marketplace.pooling.services import asking
from marketplace.pooling.services.pooled import consenting

LONGEST_TEXT = 1000
#: More achievements than this are not offered as choices; the others can be found by their numbers.
_MOST_OFFERED = 200


def offered_by(session: Session, actor: Actor) -> list[Listing]:
    """The published achievements in whose name this person may respond, newest first."""
    return list(
        session.scalars(
            select(Listing)
            .where(
                Listing.kind == Kind.ACHIEVEMENT,
                Listing.state == listing_states.PUBLISHED,
                Listing.organisation_id.in_([m.organisation_id for m in actor.members if m.verified]),
                or_(Listing.author_id == actor.user_id, Listing.organisation_id.in_(actor.houses())),
            )
            .options(joinedload(Listing.accepted_revision))
            .order_by(Listing.id.desc())
            .limit(_MOST_OFFERED)
        )
    )


def respond(
    session: Session, actor: Actor, cluster: DemandCluster, achievement: str, text: str, *, now: datetime
) -> ClusterResponse:
    """Offer a published achievement of one's own house; staff are told.

    Raises Forbidden, NotFound, Invalid (no achievement, no text), Conflict (offered already).
    """
    subject = cluster.permission_subject()
    member = require(actor, Permission.POOL_RESPOND, subject, view=Permission.POOL_VIEW)
    chosen = next((row for row in offered_by(session, actor) if row.number == achievement), None)
    _check(chosen, text)
    made = ClusterResponse(
        cluster_id=cluster.id,
        achievement_id=chosen.id,
        organisation_id=chosen.organisation_id,
        person_id=actor.user_id,
        text=text.strip(),
        state=states.RECEIVED,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as twice:
        raise Conflict(N_("这项成果已经回应过这条共性需求。")) from twice
    audit.record(
        session, actor, "cluster_response.make", "cluster_response", made.id, now=now, membership=member
    )
    for user_id in colleagues.people_in_role(session, Role.OPERATOR, legal_day(now)):
        _tell(session, user_id, "pool_response", made, f"/staff/pooled-demands/{cluster.id}", now)
    return made


def response_of(cluster: DemandCluster, response_id: int) -> ClusterResponse:
    """A response to an opened cluster. Raises NotFound."""
    found = next((response for response in cluster.responses if response.id == response_id), None)
    if found is None:
        raise NotFound
    return found


def forward(session: Session, actor: Actor, response: ClusterResponse, *, version: int, now: datetime) -> int:
    """Tell the people of every firm that agreed; returns how many firms. Raises Forbidden, StaleEdit, Conflict."""
    if response.achievement.state != listing_states.PUBLISHED:
        raise Conflict(N_("这项成果已经下架，不能转交。"))
    workflow.apply(session, states.RESPONSE, response, "forward", actor=actor, now=now, version=version)
    members = consenting(response.cluster)
    for member in members:
        for user_id in asking.people_of(session, member):
            _tell(
                session, user_id, "pool_forwarded", response, f"/listings/{response.achievement.number}", now
            )
    _tell(session, response.person_id, "pool_response_passed", response, _page(response), now)
    return len(members)


def set_aside(
    session: Session, actor: Actor, response: ClusterResponse, reason: str, *, version: int, now: datetime
) -> None:
    """Do not pass a response on; its maker is told why. Raises Forbidden, StaleEdit, Conflict, Invalid."""
    workflow.apply(
        session, states.RESPONSE, response, "set_aside", actor=actor, now=now, version=version, reason=reason
    )
    _tell(session, response.person_id, "pool_response_kept", response, _page(response), now, reason=reason)


def _check(chosen: Listing | None, text: str) -> None:
    problems = {}
    if chosen is None:
        problems["achievement"] = [N_("请选择本单位一项在架的成果。")]
    if not text.strip():
        problems["text"] = [N_("请写明怎样解决，例如适用的工况、已有的案例和需要的条件。")]
    if problems:
        raise Invalid(problems)


def _page(response: ClusterResponse) -> str:
    return f"/pooled-demands/{response.cluster.number}"


def _tell(
    session: Session,
    user_id: int,
    kind: str,
    response: ClusterResponse,
    path: str,
    now: datetime,
    **more: str,
) -> None:
    params = {
        "number": response.cluster.number,
        "title": response.cluster.title,
        "achievement": response.achievement.accepted_revision.title,
        **more,
    }
    key = f"{kind}:{response.id}"
    notices.tell(session, user_id, kind, key=key, path=path, params=params, now=now)
