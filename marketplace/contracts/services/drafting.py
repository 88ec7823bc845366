"""Drafting a contract from a deal: nothing is typed twice; amounts line by line; then to the agency."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import attachments, audit, codes, workflow
from marketplace.accounts.models import Membership, Organisation
from marketplace.attachments import Attachment, Storage
from marketplace.clock import legal_day
from marketplace.contracts import states
from marketplace.contracts.models import (
    Contract,
    ContractParty,
    Instalment,
    NonTechnicalItem,
    RegistrationAgency,
)
from marketplace.contracts.services import checks
from marketplace.contracts.services.reading import find
from marketplace.deals import states as deal_states
from marketplace.deals.models import Deal
from marketplace.deals.services import publicity
from marketplace.deals.services import reading as deals
from marketplace.errors import N_, Conflict, Forbidden, Invalid, StaleEdit
from marketplace.money import amount_in_words
from marketplace.numbering import next_number
from marketplace.permissions import SYSTEM, TRADING_ROLES, Actor, Permission, require

SIGNED_COPY = "signed_copy"
_EDITABLE = (states.DRAFT, states.SUPPLEMENT)
#: Contract class → role of the seller and of the buyer (glossary).
_ROLES = {
    "DEVELOPMENT": ("developer_party", "client"),
    "TRANSFER": ("transferor", "transferee"),
    "LICENSE": ("licensor", "licensee"),
    "CONSULTING": ("service_provider", "client"),
    "SERVICE": ("service_provider", "client"),
}
CLASSES = {"1": "DEVELOPMENT", "2": "TRANSFER", "3": "LICENSE", "4": "CONSULTING", "5": "SERVICE"}


def draft(session: Session, actor: Actor, deal_number: str, *, now: datetime) -> Contract:
    """A contract from the agreed terms of a deal.

    Raises Conflict while the price's publicity has not run its days, or when there is a contract already;
    Forbidden for a broker who only mediates: the contract is the parties'.
    """
    deal = deals.find(session, deal_number)
    require(actor, Permission.DEAL_ACT, deal.permission_subject(), view=Permission.DEAL_VIEW)
    if deals.side_of(deal, actor) is None:
        raise Forbidden
    record = publicity.allow_contract(session, deal, now=now)
    workflow.apply(session, deal_states.DEAL, deal, "draft_contract", actor=actor, now=now)
    contract = session.scalar(select(Contract).where(Contract.deal_id == deal.id))
    if contract is not None:
        raise Conflict(N_("这件洽谈已有合同 %(number)s。"), number=contract.number)
    contract = _from_deal(session, deal, now)
    session.flush()
    audit.record(
        session,
        actor,
        "contract.draft",
        "contract",
        contract.id,
        now=now,
        deal=deal.number,
        publicity=record.number if record else None,
    )
    return contract


def save(
    session: Session, actor: Actor, number: str, changes: Mapping[str, Any], *, version: int, now: datetime
) -> Contract:
    """Store fields of a draft or of a contract returned for supplements. Raises StaleEdit, Conflict."""
    contract = _writable(session, actor, number, version)
    for name, value in changes.items():
        setattr(contract, name, value)
    if "contract_subtype" in changes:
        contract.contract_class = CLASSES[changes["contract_subtype"][0]]
    audit.record(session, actor, "contract.save", "contract", contract.id, now=now, fields=sorted(changes))
    session.flush()
    return contract


def save_items(
    session: Session,
    actor: Actor,
    number: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    version: int,
    now: datetime,
) -> Contract:
    """Replace the lines of non-technical cost; the technical amount follows, to the fen.

    Raises Invalid when nothing technical would be left or a carrier has no reason.
    """
    contract = _writable(session, actor, number, version)
    contract.items = [NonTechnicalItem(**row) for row in rows]
    settle(contract)
    problems = checks.amounts(contract)
    if problems:
        raise Invalid({"items": problems})
    audit.record(session, actor, "contract.items", "contract", contract.id, now=now, lines=len(rows))
    session.flush()
    return contract


def save_plan(
    session: Session,
    actor: Actor,
    number: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    version: int,
    now: datetime,
) -> Contract:
    """Replace the payment plan."""
    contract = _writable(session, actor, number, version)
    contract.instalments = []
    session.flush()
    contract.instalments = [Instalment(number=n, **row) for n, row in enumerate(rows, 1)]
    audit.record(session, actor, "contract.plan", "contract", contract.id, now=now, lines=len(rows))
    session.flush()
    return contract


def upload(
    session: Session,
    actor: Actor,
    storage: Storage,
    number: str,
    stream: BinaryIO,
    filename: str,
    *,
    now: datetime,
) -> Attachment:
    """Keep a scan of the signed contract. Raises Invalid or TooLarge."""
    contract = _writable(session, actor, number, None)
    return attachments.store(
        session,
        storage,
        actor,
        stream,
        filename,
        subject_type="contract",
        subject_id=contract.id,
        purpose=SIGNED_COPY,
        now=now,
    )


def signed_copies(session: Session, contract: Contract) -> list[Attachment]:
    """The scans of a contract, oldest first."""
    return attachments.of(session, "contract", contract.id, SIGNED_COPY)


def submit(session: Session, actor: Actor, number: str, *, version: int, now: datetime) -> Contract:
    """Hand the contract to the agency of the seller's region. Raises Invalid with a sentence per field."""
    contract = find(session, number)
    # Before its gaps are told: nobody else learns from them that there is such a contract.
    require(actor, Permission.CONTRACT_EDIT, contract.permission_subject(), view=Permission.CONTRACT_VIEW)
    ensure_complete(session, contract, now=now)
    workflow.apply(session, states.CONTRACT, contract, "submit", actor=actor, now=now, version=version)
    contract.agency = agency_for(session, contract)
    contract.submitted_at = now
    session.flush()
    return contract


def ensure_complete(session: Session, contract: Contract, *, now: datetime) -> None:
    """Raise Invalid with a sentence per field that stands in the way of handing the contract in."""
    problems = checks.before_submission(contract, signed_copies(session, contract), legal_day(now))
    if problems:
        raise Invalid(problems)


def agency_for(session: Session, contract: Contract) -> RegistrationAgency:
    """The agency nearest to the seller's place (按地域登记). Raises Conflict where there is none."""
    seller = next(p for p in contract.parties if p.side == "SELLER")
    path = list(reversed(codes.regions().path(seller.region_code)))
    found = {
        agency.region_code: agency
        for agency in session.scalars(
            select(RegistrationAgency).where(RegistrationAgency.region_code.in_(path))
        )
    }
    for code in path:
        if code in found:
            return found[code]
    raise Conflict(N_("卖方所在地区没有登记机构，请联系平台客服。"))


def people_of(session: Session, contract: Contract, side: str) -> list[int]:
    """Whom to tell on one side: those who act for it in contracts, and who spoke for it in the deal."""
    houses = contract.organisations_on(side)
    people = session.scalars(
        select(Membership.user_id).where(
            Membership.organisation_id.in_(houses),
            Membership.role.in_(TRADING_ROLES),
            Membership.to_on.is_(None),
        )
    )
    spoke = getattr(contract.deal, f"{side.lower()}_person_id", None) if contract.deal else None
    return sorted({*people, spoke} - {None})


def release_deal(session: Session, contract: Contract, *, now: datetime) -> None:
    """A contract that will not be registered gives its deal back to agreed terms."""
    deal = contract.deal
    if deal is not None and deal.state == deal_states.CONTRACTING:
        contract.deal = None
        session.flush()
        workflow.apply(session, deal_states.DEAL, deal, "release", actor=SYSTEM, now=now)


def _writable(session: Session, actor: Actor, number: str, version: int | None) -> Contract:
    contract = find(session, number)
    require(actor, Permission.CONTRACT_EDIT, contract.permission_subject(), view=Permission.CONTRACT_VIEW)
    if contract.state not in _EDITABLE:
        raise Conflict(N_("合同已提交，不能再改；需要修改请等补正，或撤回申请。"))
    if version is not None and contract.version != version:
        raise StaleEdit
    return contract


def settle(contract: Contract) -> None:
    """The technical amount is the total less every item that is not a carrier of the technology."""
    if contract.total_amount_fen is None:
        contract.technical_amount_fen = None
        return
    deducted = sum(item.amount_fen for item in contract.items if not item.carrier)
    technical = contract.total_amount_fen - deducted
    contract.technical_amount_fen = technical if technical > 0 else None
    contract.amount_in_words = amount_in_words(contract.total_amount_fen)


def _from_deal(session: Session, deal: Deal, now: datetime) -> Contract:
    terms = deal.agreed_terms
    subtype = codes.cooperation_modes().get(terms.mode).more["contract_subtype"]
    contract_class = CLASSES[subtype[0]]
    year = legal_day(now).year
    contract = Contract(
        number=f"S{year}-{next_number(session, f'contract:{year}'):05d}",
        source="PLATFORM",
        deal=deal,
        state=states.DRAFT,
        title=(deal.achievement_revision or deal.demand_revision).title,
        contract_class=contract_class,
        contract_subtype=subtype,
        total_amount_fen=terms.price_fen,
        technical_amount_fen=terms.price_fen,
        amount_in_words=amount_in_words(terms.price_fen),
        amount_open=terms.payment_mode in ("ROYALTY",),
        payment_mode=terms.payment_mode,
        ip_terms=terms.ip_terms,
        created_at=now,
        **_from_listings(deal),
    )
    seller_role, buyer_role = _ROLES[contract_class]
    contract.parties = [_party(deal.seller, "SELLER", seller_role), _party(deal.buyer, "BUYER", buyer_role)]
    session.add(contract)
    return contract


def _from_listings(deal: Deal) -> dict[str, Any]:
    """What the listings said already."""
    known: dict[str, Any] = {}
    for revision in (deal.demand_revision, deal.achievement_revision):
        if revision is None:
            continue
        content = revision.typed_content()
        known["technology_field"] = (content.field_codes or ("",))[0]
        known["industry_code"] = (content.industry_codes or ("",))[0]
        known["technical_content"] = content.text[:4000]
        rights = getattr(content, "ip_rights", ())
        known["ipr"] = rights[0].kind if rights else known.get("ipr", "")
    return known


def _party(organisation: Organisation, side: str, role: str) -> ContractParty:
    """A party as the organisation stands today."""
    return ContractParty(
        side=side,
        role=role,
        organisation_id=organisation.id,
        name=organisation.name,
        credit_code=organisation.credit_code or "",
        party_kind=organisation.party_kind,
        party_kind_code=organisation.party_kind_code or "",
        region_code=organisation.registration_region,
        tax_region=organisation.tax_region or "",
        address=organisation.address or "",
        representative=organisation.legal_representative or "",
        contact_phone=organisation.phone or "",
    )
