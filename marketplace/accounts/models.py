"""People, organisations and what people may do for them."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.db import Base, Identified, UTCDateTime, Versioned
from marketplace.permissions import Role, Subject


class User(Identified, Versioned, Base):
    """A person with an account. E-mail or phone identifies; at least one is there."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("email IS NOT NULL OR phone IS NOT NULL", name="reachable"),)

    name: Mapped[str] = mapped_column(String(60), comment="name as the person wants to be addressed")
    email: Mapped[str | None] = mapped_column(String(254), unique=True, comment="lower case")
    phone: Mapped[str | None] = mapped_column(String(20), unique=True, comment="digits only")
    password_hash: Mapped[str] = mapped_column(String(200), comment="argon2id")
    session_epoch: Mapped[int] = mapped_column(default=0, comment="raised to end every open session")
    locale: Mapped[str] = mapped_column(String(10), default="zh_CN")
    active: Mapped[bool] = mapped_column(default=True)
    consent_version: Mapped[str] = mapped_column(String(20), comment="privacy notice agreed to")
    consented_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    memberships: Mapped[list["Membership"]] = relationship(back_populates="user")


class Organisation(Identified, Versioned, Base):
    """A legal person or public body; what contracts, subsidy and checks need to know of it."""

    __tablename__ = "organisations"

    name: Mapped[str] = mapped_column(String(120), comment="full name as on the licence")
    name_key: Mapped[str] = mapped_column(
        String(120), index=True, comment="name for comparison: brackets, width, case"
    )
    former_names: Mapped[list] = mapped_column(JSON, default=list, comment="earlier names")
    credit_code: Mapped[str | None] = mapped_column(
        String(18), unique=True, comment="unified social credit code (GB 32100); empty for imported sources"
    )
    party_kind: Mapped[str] = mapped_column(
        String(30),
        comment="ENTERPRISE, PUBLIC_INSTITUTION, SOCIAL_ORGANISATION, GOVERNMENT, INDIVIDUAL, OTHER",
    )
    party_kind_code: Mapped[str | None] = mapped_column(
        String(6), comment="code list of the registration form"
    )
    organisation_type: Mapped[str] = mapped_column(
        String(30),
        comment="university, institute, enterprise, agency, registration_agency, government, platform",
    )
    public_unit: Mapped[bool] = mapped_column(
        default=False, comment="state-founded research unit or university: price publicity applies"
    )
    registration_region: Mapped[str] = mapped_column(
        String(6), index=True, comment="GB/T 2260, place of registration"
    )
    tax_region: Mapped[str | None] = mapped_column(String(6), comment="GB/T 2260, place where tax is paid")
    legal_representative: Mapped[str | None] = mapped_column(String(60))
    address: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(30))
    state: Mapped[str] = mapped_column(String(20), index=True, comment="verification, see states.py")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    memberships: Mapped[list["Membership"]] = relationship(back_populates="organisation")

    def permission_subject(self) -> Subject:
        """What the policy needs to know of it."""
        return Subject("organisation", self.state, organisations={"self": frozenset({self.id})})


class IdentityChange(Identified, Versioned, Base):
    """A verified organisation's request to be known by another name, code or legal form.

    Both sides are kept as they were asked for, so that the operator decides on what he saw. Until he accepts
    it, the organisation is what it was verified as.
    """

    __tablename__ = "identity_changes"
    __table_args__ = (
        Index(
            "uq_identity_changes_open",
            "organisation_id",
            unique=True,
            sqlite_where=text("state = 'submitted'"),
            postgresql_where=text("state = 'submitted'"),
        ),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), comment="submitted, accepted, refused, withdrawn")
    before: Mapped[dict] = mapped_column(JSON, comment="verified values of the fields to change")
    after: Mapped[dict] = mapped_column(JSON, comment="values asked for, the same fields")
    evidence_id: Mapped[int] = mapped_column(ForeignKey("attachments.id"), comment="file that proves it")
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    organisation: Mapped[Organisation] = relationship()
    evidence: Mapped["Attachment"] = relationship()  # noqa: F821  by name, a core table
    asked_by: Mapped[User] = relationship()

    def permission_subject(self) -> Subject:
        """What the policy needs to know of it: whose it is, and whether it is still open."""
        house = frozenset({self.organisation_id})
        return Subject("identity_change", self.state, organisations={"self": house})


class Membership(Identified, Base):
    """Person × organisation × role × jurisdiction × from–to (architecture decision 2)."""

    __tablename__ = "memberships"
    __table_args__ = (
        Index(
            "uq_memberships_live",
            "user_id",
            "organisation_id",
            "role",
            unique=True,
            sqlite_where=text("to_on IS NULL"),
            postgresql_where=text("to_on IS NULL"),
        ),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[Role] = mapped_column(String(30))
    region_code: Mapped[str | None] = mapped_column(
        String(6), comment="jurisdiction, GB/T 2260; staff roles only"
    )
    manages_people: Mapped[bool] = mapped_column(default=False, comment="may invite and remove colleagues")
    from_on: Mapped[date] = mapped_column(comment="first day, inclusive")
    to_on: Mapped[date | None] = mapped_column(comment="last day, inclusive; empty: still valid")
    user: Mapped[User] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship(back_populates="memberships")


class Invitation(Identified, Versioned, Base):
    """An offer of membership, accepted through a signed link or after logging in."""

    __tablename__ = "invitations"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    contact: Mapped[str] = mapped_column(String(254), index=True, comment="e-mail or phone it was sent to")
    role: Mapped[Role] = mapped_column(String(30))
    state: Mapped[str] = mapped_column(String(20), comment="pending, accepted, revoked")
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_on: Mapped[date] = mapped_column(comment="last day, inclusive")
    organisation: Mapped[Organisation] = relationship()
    invited_by: Mapped[User] = relationship()


class MembershipClaim(Identified, Versioned, Base):
    """A person's request to belong to an organisation that is already here."""

    __tablename__ = "membership_claims"
    __table_args__ = (
        Index(
            "uq_membership_claims_open",
            "user_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[Role] = mapped_column(String(30))
    message: Mapped[str | None] = mapped_column(Text, comment="why the person belongs there")
    state: Mapped[str] = mapped_column(String(20), comment="pending, accepted, declined")
    reason: Mapped[str | None] = mapped_column(Text, comment="why it was declined")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    user: Mapped[User] = relationship()
    organisation: Mapped[Organisation] = relationship()


class Consent(Identified, Base):
    """A person's recorded agreement to one version of a document (个人信息保护法)."""

    __tablename__ = "consents"
    __table_args__ = (UniqueConstraint("user_id", "document", "document_version"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    document: Mapped[str] = mapped_column(String(20), comment="privacy")
    document_version: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
