"""What roles are called, for pages and messages."""

from marketplace.errors import N_
from marketplace.permissions import Role

ROLES = {
    Role.RESEARCHER: N_("科研人员"),
    Role.UNIT_MANAGER: N_("单位管理员"),
    Role.ENTERPRISE_MEMBER: N_("企业成员"),
    Role.BROKER: N_("技术经纪人"),
    Role.REGISTRAR: N_("登记员"),
    Role.AGENCY_HEAD: N_("登记机构负责人"),
    Role.REVIEWER_COUNTY: N_("旗县（区）审核员"),
    Role.REVIEWER_LEAGUE: N_("盟市审核员"),
    Role.REVIEWER_REGION: N_("自治区审核员"),
    Role.FINANCE: N_("财务"),
    Role.OPERATOR: N_("平台运营"),
    Role.POLICY_STAFF: N_("政策管理员"),
    Role.ADMINISTRATOR: N_("系统管理员"),
}
