"""Invented people, organisations and listings for tests, made through the services where a rule is involved."""

import itertools
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from marketplace.accounts import states as organisation_states
from marketplace.accounts.models import Organisation, User
from marketplace.accounts.services import colleagues, organisations, people
from marketplace.listings.content import (
    AchievementContent,
    AchievementIndicator,
    Content,
    DemandContent,
    DemandIndicator,
    Kind,
)
from marketplace.listings.models import Listing
from marketplace.listings.services import drafts, publication
from marketplace.permissions import Actor, Role

_numbers = itertools.count(1)
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code(number: int) -> str:
    """A valid, invented credit code."""
    body = f"91150100MA0{number:06d}"[:17].ljust(17, "0")
    total = sum(_CREDIT.index(c) * pow(3, place, 31) for place, c in enumerate(body))
    return body + _CREDIT[(31 - total % 31) % 31]


def user(session: Session, *, now: datetime, name: str = "示例用户", password: str = "correct horse") -> User:
    """A person with an account."""
    number = next(_numbers)
    made = people.register(
        session,
        name=f"{name}{number}",
        address=f"person{number}@example.com",
        password=password,
        consent=True,
        now=now,
    )
    assert made is not None
    return made


def organisation(
    session: Session,
    *,
    now: datetime,
    kind: str = "enterprise",
    public_unit: bool = False,
    verified: bool = True,
) -> Organisation:
    """An organisation, verified unless told otherwise."""
    number = next(_numbers)
    name = f"示例单位{number}号有限公司"
    made = Organisation(
        name=name,
        name_key=organisations.name_key(name),
        credit_code=credit_code(number),
        party_kind="ENTERPRISE" if kind == "enterprise" else "PUBLIC_INSTITUTION",
        organisation_type=kind,
        public_unit=public_unit,
        registration_region="150203",
        tax_region="150203",
        state=organisation_states.VERIFIED if verified else organisation_states.UNVERIFIED,
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def actor(
    session: Session,
    role: Role,
    house: Organisation,
    *,
    now: datetime,
    region_code: str | None = None,
    manages: bool = False,
) -> Actor:
    """A new person with one role in one organisation."""
    person = user(session, now=now)
    colleagues.appoint(
        session, person.id, house.id, role, now=now, region_code=region_code, manages_people=manages
    )
    return actor_of(session, person.id, now)


def actor_of(session: Session, user_id: int, now: datetime) -> Actor:
    """The person as the policy sees it now."""
    session.flush()
    session.expire_all()
    return people.actor_of(people.load(session, user_id), now.date())


def user_of(session: Session, who: Actor) -> User:
    """The account of a person."""
    return session.get_one(User, who.user_id)


def achievement(**changes) -> AchievementContent:
    """A complete achievement."""
    content = AchievementContent(
        title="高炉风口用耐高温耐磨涂层及等离子堆焊工艺",
        use="让高炉风口小套更耐冲刷，少停炉更换",
        problem="风口小套端部长期受高温铁水与煤粉冲刷，常规喷涂层容易剥落。",
        principle="以镍基自熔合金为底层，原位生成硼化物强化，用等离子堆焊形成冶金结合层。",
        keywords=("涂层", "堆焊"),
        field_codes=("05",),
        industry_codes=("C31",),
        indicators=(
            AchievementIndicator("硬度", "58", "HRC", "常温", "检测报告"),
            AchievementIndicator("工作温度", "950", "℃", "", ""),
        ),
        trl=7,
        trl_note="用户试用报告",
        ownership="unit",
        modes=("license_non_exclusive", "transfer"),
        pricing_mode="negotiated",
        price_kind="band",
        price_min_fen=45_000_000,
        price_max_fen=60_000_000,
        region_code="150203",
        contact_name="示例联系人",
        contact_phone="04711234567",
    )
    return replace(content, **changes)


def demand(**changes) -> DemandContent:
    """A complete demand."""
    content = DemandContent(
        title="高炉风口套表面耐磨涂层",
        current_state="现有风口套表面喷涂层三个月后端部剥落，停炉更换损失大，需要更耐磨的涂层。",
        goal="涂层硬度不低于60HRC，工作温度不低于900℃，寿命延长一倍以上，费用可以接受。",
        limits="不改变原有铜套结构",
        tried="等离子喷涂，约三个月剥落",
        keywords=("涂层",),
        field_codes=("05",),
        industry_codes=("C31",),
        indicators=(
            DemandIndicator("硬度", "52", "≥", "60", "HRC", True),
            DemandIndicator("工作温度", "750", "≥", "900", "℃", True),
        ),
        solve_by=date(2027, 6, 30),
        price_kind="band",
        price_min_fen=30_000_000,
        price_max_fen=50_000_000,
        modes=("license_non_exclusive",),
        region_code="150203",
        contact_name="示例联系人",
        contact_phone="04711234567",
    )
    return replace(content, **changes)


def published(
    session: Session, author: Actor, house: Organisation, content: Content, operator: Actor, *, now: datetime
) -> Listing:
    """A listing that went the whole way through the services (no unit manager in between)."""
    kind = Kind.ACHIEVEMENT if isinstance(content, AchievementContent) else Kind.DEMAND
    revision = drafts.start(session, author, kind, house.id, now=now, content=content)
    drafts.submit(session, author, revision.id, version=revision.version, now=now)
    return publication.accept(session, operator, revision.id, version=revision.version, now=now)


def published_by_unit(
    session: Session,
    author: Actor,
    manager: Actor,
    house: Organisation,
    content: AchievementContent,
    operator: Actor,
    *,
    now: datetime,
) -> Listing:
    """An achievement of a unit with a manager, through his approval."""
    revision = drafts.start(session, author, Kind.ACHIEVEMENT, house.id, now=now, content=content)
    drafts.submit(session, author, revision.id, version=revision.version, now=now)
    publication.approve_by_unit(session, manager, revision.id, version=revision.version, now=now)
    return publication.accept(session, operator, revision.id, version=revision.version, now=now)


def operator(session: Session, *, now: datetime) -> Actor:
    """A person of the market's staff."""
    platform = organisation(session, now=now, kind="platform")
    return actor(session, Role.OPERATOR, platform, now=now)
