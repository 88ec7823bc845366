"""Who may do what: one policy table with two faces, failing closed.

Each row of `POLICY` says: this permission, for a record of this type in one of these states, belongs to
the people standing in one of these relations to it. A relation turns a record into *tokens*
(`org:7:unit_manager`) and a person into the tokens he holds; a row applies when both share one.
The object check (`can`) compares the tokens; the search filter (`scopes_of_actor`, `scopes_of_object`)
stores the record's tokens in the index and asks for the person's. Both come from the same rows.
"""

from dataclasses import dataclass
from enum import StrEnum

from marketplace.errors import Forbidden, NotFound
from marketplace.relations import (
    ANYONE,
    SYSTEM,
    TRADING_ROLES,
    VISITOR,
    Actor,
    Member,
    Relation,
    Role,
    Subject,
    colleague,
    people_manager,
    person,
    staff,
    territorial,
    verified_member,
)

__all__ = [
    "ANYONE",
    "MARKET",
    "POLICY",
    "SYSTEM",
    "TRADING_ROLES",
    "VISITOR",
    "Actor",
    "Member",
    "Permission",
    "Relation",
    "Role",
    "Row",
    "Subject",
    "can",
    "carrying_member",
    "require",
    "scopes_of_actor",
    "scopes_of_object",
]


class Permission(StrEnum):
    """Every act that is checked, named record.act."""

    LISTING_CREATE = "listing.create"
    LISTING_VIEW = "listing.view"
    LISTING_VIEW_CONTACT = "listing.view_contact"
    LISTING_EDIT = "listing.edit"
    LISTING_MANAGE = "listing.manage"
    LISTING_ENQUIRE = "listing.enquire"
    REVISION_VIEW = "revision.view"
    REVISION_SUBMIT = "revision.submit"
    REVISION_APPROVE_UNIT = "revision.approve_unit"
    REVISION_REVIEW = "revision.review"
    MATCH_VIEW = "match.view"
    MATCH_DECIDE = "match.decide"
    MATCH_STUDY = "match.study"
    LEXICON_MANAGE = "lexicon.manage"
    ORGANISATION_VIEW = "organisation.view"
    ORGANISATION_EDIT = "organisation.edit"
    ORGANISATION_VERIFY = "organisation.verify"
    ORGANISATION_MANAGE_PEOPLE = "organisation.manage_people"
    IDENTITY_CHANGE_VIEW = "identity_change.view"
    USER_RESET_PASSWORD = "user.reset_password"
    SAVED_SEARCH_KEEP = "saved_search.keep"
    POOL_VIEW = "pool.view"
    POOL_ANSWER = "pool.answer"
    POOL_RESPOND = "pool.respond"
    POOL_MANAGE = "pool.manage"
    DEAL_VIEW = "deal.view"
    DEAL_ACT = "deal.act"
    PUBLICITY_VIEW = "price_publicity.view"
    PUBLICITY_MANAGE = "price_publicity.manage"
    CONTRACT_VIEW = "contract.view"
    CONTRACT_EDIT = "contract.edit"
    CONTRACT_PAY = "contract.pay"
    CONTRACT_REVIEW = "contract.review"
    CONTRACT_SECOND_REVIEW = "contract.second_review"
    CONTRACT_REVOKE = "contract.revoke"
    SUBSIDY_VIEW = "subsidy.view"
    SUBSIDY_APPLY = "subsidy.apply"
    SUBSIDY_COUNTY = "subsidy.county"
    SUBSIDY_LEAGUE = "subsidy.league"
    SUBSIDY_REGION = "subsidy.region"
    SUBSIDY_FINANCE = "subsidy.finance"
    SUBSIDY_BATCH = "subsidy.batch"


@dataclass(frozen=True)
class Row:
    """One line of the policy: permission × record type × states × relations."""

    permission: Permission
    type: str
    relations: tuple[Relation, ...]
    states: frozenset[str] | None = None  # None: in every state

    def covers(self, permission: Permission, subject: Subject) -> bool:
        return (
            self.permission is permission
            and self.type == subject.type
            and (self.states is None or subject.state in self.states)
        )

    def tokens_of(self, subject: Subject) -> frozenset[str]:
        return frozenset(token for relation in self.relations for token in relation.of_subject(subject))


# A researcher's draft is not for the whole university: its author and the unit's managers see it.
_HOUSE = colleague("owner", *TRADING_ROLES)
_AUTHOR = person("author")
_MANAGER = colleague("owner", Role.UNIT_MANAGER)
_OPERATOR = staff(Role.OPERATOR)
_VERIFIED_TRADER = verified_member(Role.RESEARCHER, *TRADING_ROLES)
_PARTY_HOUSE = colleague("party", *TRADING_ROLES)
_SELLER_HOUSE = colleague("seller", *TRADING_ROLES)
_BUYER_HOUSE = colleague("buyer", *TRADING_ROLES)
_SELLER_MANAGER = colleague("seller", Role.UNIT_MANAGER)
_AGENCY = colleague("agency", Role.REGISTRAR, Role.AGENCY_HEAD)
_APPLICANT = colleague("applicant", *TRADING_ROLES)
_COUNTY = territorial(Role.REVIEWER_COUNTY)
_LEAGUE = territorial(Role.REVIEWER_LEAGUE)
_REGION = staff(Role.REVIEWER_REGION)
_FINANCE = staff(Role.FINANCE)

POLICY: tuple[Row, ...] = (
    Row(Permission.LISTING_CREATE, "market", (_VERIFIED_TRADER,)),
    Row(Permission.LISTING_VIEW, "listing", (ANYONE,), frozenset({"published"})),
    # A limited demand (定向公开) is for people whose organisation has been verified.
    Row(Permission.LISTING_VIEW, "listing", (_VERIFIED_TRADER,), frozenset({"published_limited"})),
    Row(Permission.LISTING_VIEW, "listing", (_AUTHOR, _HOUSE, _OPERATOR)),
    Row(Permission.LISTING_VIEW_CONTACT, "listing", (_AUTHOR, _HOUSE, _OPERATOR)),
    Row(Permission.LISTING_EDIT, "listing", (_AUTHOR, _MANAGER)),
    Row(Permission.LISTING_MANAGE, "listing", (_AUTHOR, _MANAGER, _OPERATOR)),
    Row(
        Permission.LISTING_ENQUIRE,
        "listing",
        (_VERIFIED_TRADER,),
        frozenset({"published", "published_limited"}),
    ),
    Row(Permission.REVISION_VIEW, "revision", (_AUTHOR, _HOUSE, _OPERATOR)),
    Row(
        Permission.REVISION_SUBMIT,
        "revision",
        (_AUTHOR, _MANAGER),
        frozenset({"draft", "returned"}),
    ),
    Row(
        Permission.REVISION_APPROVE_UNIT,
        "revision",
        (_MANAGER,),
        frozenset({"unit_approval"}),
    ),
    Row(Permission.REVISION_REVIEW, "revision", (_OPERATOR,), frozenset({"staff_review"})),
    Row(Permission.MATCH_VIEW, "listing", (_AUTHOR, _HOUSE, _OPERATOR)),
    Row(
        Permission.MATCH_DECIDE,
        "listing",
        (_AUTHOR, _HOUSE),
        frozenset({"published", "published_limited"}),
    ),
    Row(Permission.ORGANISATION_VIEW, "organisation", (ANYONE,), frozenset({"verified"})),
    Row(
        Permission.ORGANISATION_VIEW,
        "organisation",
        (colleague("self", *Role), people_manager("self"), _OPERATOR, staff(Role.ADMINISTRATOR)),
    ),
    Row(Permission.ORGANISATION_EDIT, "organisation", (people_manager("self"),)),
    Row(Permission.ORGANISATION_VERIFY, "organisation", (_OPERATOR,)),
    Row(Permission.ORGANISATION_MANAGE_PEOPLE, "organisation", (people_manager("self"), _OPERATOR)),
    # A wish for another name is no public fact: those who may wish it, and who decides.
    Row(Permission.IDENTITY_CHANGE_VIEW, "identity_change", (people_manager("self"), _OPERATOR)),
    Row(Permission.ORGANISATION_EDIT, "identity_change", (people_manager("self"),)),
    Row(Permission.ORGANISATION_VERIFY, "identity_change", (_OPERATOR,)),
    Row(Permission.MATCH_STUDY, "market", (_OPERATOR, staff(Role.ADMINISTRATOR))),
    Row(Permission.LEXICON_MANAGE, "market", (_OPERATOR, staff(Role.ADMINISTRATOR))),
    Row(Permission.USER_RESET_PASSWORD, "market", (_OPERATOR, staff(Role.ADMINISTRATOR))),
    # What a person looks for is nobody else's business, his colleagues' and the staff's neither.
    Row(Permission.SAVED_SEARCH_KEEP, "saved_search", (_AUTHOR,)),
    # Who stands in a cluster is known to staff alone; each firm sees its own place in it, once it was asked.
    Row(Permission.POOL_VIEW, "demand_cluster", (ANYONE,), frozenset({"published"})),
    Row(Permission.POOL_VIEW, "demand_cluster", (_OPERATOR,)),
    Row(Permission.POOL_RESPOND, "demand_cluster", (_VERIFIED_TRADER,), frozenset({"published"})),
    Row(Permission.POOL_ANSWER, "cluster_member", (_AUTHOR, _HOUSE), frozenset({"asking", "published"})),
    Row(Permission.POOL_MANAGE, "demand_cluster", (_OPERATOR,)),
    Row(Permission.POOL_MANAGE, "cluster_member", (_OPERATOR,)),
    Row(Permission.POOL_MANAGE, "cluster_response", (_OPERATOR,)),
    Row(Permission.POOL_MANAGE, "market", (_OPERATOR,)),
    # A deal is secret to its parties and the broker.
    Row(Permission.DEAL_VIEW, "deal", (person("participant"), _PARTY_HOUSE)),
    Row(Permission.DEAL_ACT, "deal", (person("participant"), _PARTY_HOUSE)),
    Row(
        Permission.PUBLICITY_VIEW,
        "price_publicity",
        (ANYONE,),
        frozenset({"publicizing", "objected", "confirmed", "signed", "interrupted"}),
    ),
    Row(Permission.PUBLICITY_VIEW, "price_publicity", (_SELLER_MANAGER,)),
    Row(Permission.PUBLICITY_MANAGE, "price_publicity", (_SELLER_MANAGER,)),
    # Contract texts are confidential (domain.md 2.4): the parties and the agency that registers.
    Row(Permission.CONTRACT_VIEW, "contract", (_PARTY_HOUSE, _AGENCY)),
    Row(Permission.CONTRACT_EDIT, "contract", (_SELLER_HOUSE,)),
    Row(Permission.CONTRACT_PAY, "contract", (_BUYER_HOUSE,), frozenset({"REGISTERED", "CHANGED"})),
    Row(Permission.CONTRACT_REVIEW, "contract", (_AGENCY,)),
    Row(Permission.CONTRACT_SECOND_REVIEW, "contract", (_AGENCY,)),
    Row(Permission.CONTRACT_REVOKE, "contract", (colleague("agency", Role.AGENCY_HEAD),)),
    # A draft is the applicant's own; reviewers see what has been handed in.
    Row(Permission.SUBSIDY_VIEW, "subsidy_application", (_APPLICANT,)),
    Row(
        Permission.SUBSIDY_VIEW,
        "subsidy_application",
        (_COUNTY, _LEAGUE, _REGION, _FINANCE),
        frozenset(
            {
                "SUBMITTED",
                "COUNTY_PASSED",
                "RECOMMENDED",
                "ACCEPTED",
                "FINANCE_CHECKED",
                "PROPOSED",
                "PUBLICIZED",
                "OBJECTED",
                "APPROVED",
                "RETURNED",
                "REJECTED",
            }
        ),
    ),
    Row(Permission.SUBSIDY_APPLY, "subsidy_application", (_APPLICANT,)),
    Row(Permission.SUBSIDY_COUNTY, "subsidy_application", (_COUNTY,)),
    Row(Permission.SUBSIDY_LEAGUE, "subsidy_application", (_LEAGUE,)),
    Row(Permission.SUBSIDY_REGION, "subsidy_application", (_REGION,)),
    Row(Permission.SUBSIDY_FINANCE, "subsidy_application", (_FINANCE,)),
    Row(Permission.SUBSIDY_BATCH, "subsidy_batch", (_REGION,)),
    Row(Permission.SUBSIDY_BATCH, "market", (_REGION,)),
)

#: The market itself: for acts that need no record yet.
MARKET = Subject("market")


def scopes_of_object(permission: Permission, subject: Subject) -> frozenset[str]:
    """Tokens of which a person must hold one; empty where no row applies, so nobody may."""
    return frozenset(
        token for row in POLICY if row.covers(permission, subject) for token in row.tokens_of(subject)
    )


def scopes_of_actor(permission: Permission, subject_type: str, actor: Actor) -> frozenset[str]:
    """Tokens this person holds for a permission over a type of record: the search filter."""
    return frozenset(
        token
        for row in POLICY
        if row.permission is permission and row.type == subject_type
        for relation in row.relations
        for token in relation.tokens_of(actor)
    )


def can(actor: Actor, permission: Permission, subject: Subject = MARKET) -> bool:
    """Whether the policy lets this person do it. The system may do what its code does."""
    if actor.is_system:
        return True
    return bool(scopes_of_object(permission, subject) & scopes_of_actor(permission, subject.type, actor))


def carrying_member(actor: Actor, permission: Permission, subject: Subject = MARKET) -> Member | None:
    """The membership by which the person may do it, for the audit row; None for a personal right."""
    wanted = scopes_of_object(permission, subject)
    for member in actor.members:
        if wanted & scopes_of_actor(permission, subject.type, Actor(None, (member,))):
            return member
    return None


def require(
    actor: Actor, permission: Permission, subject: Subject = MARKET, *, view: Permission | None = None
) -> Member | None:
    """Raise Forbidden (403), or NotFound (404) where the person may not even see the record."""
    if can(actor, permission, subject):
        return carrying_member(actor, permission, subject)
    if view is not None and not can(actor, view, subject):
        raise NotFound
    raise Forbidden
