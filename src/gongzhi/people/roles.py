"""Roles, on one page: who may do what with which things, and what nobody of them ever may.

Source: rules.md §5. A role counts only together with a place and a term (an appointment), and
for single matters also with the matter. `docs/reference/roles.md` is made from this file.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Permission(StrEnum):
    """What can be done with a thing."""

    CREATE = "C"
    READ = "R"
    READ_MASKED = "r"
    TRIAGE = "T"
    HANDLE = "H"
    DECIDE = "D"
    VERIFY = "V"
    PUBLISH = "P"
    ADMINISTER = "A"


PERMISSION_WORDS = {
    Permission.CREATE: "提出",
    Permission.READ: "查看",
    Permission.READ_MASKED: "查看（隐去姓名）",
    Permission.TRIAGE: "分类、派单、合并、催办",
    Permission.HANDLE: "办理",
    Permission.DECIDE: "决定",
    Permission.VERIFY: "核实",
    Permission.PUBLISH: "公布",
    Permission.ADMINISTER: "管理",
}


class Personal(StrEnum):
    """How far a role sees phones, ID numbers and other sensitive fields. Every look is logged."""

    NONE = "none"
    OWN = "own"
    CONTACT = "contact"
    CASE = "case"
    PLACE = "place"
    LOGS = "logs"


PERSONAL_WORDS = {
    Personal.NONE: "看不到",
    Personal.OWN: "只看自己的",
    Personal.CONTACT: "只看联系电话，须有事项",
    Personal.CASE: "办哪件事看哪个人的",
    Personal.PLACE: "本辖区内按需查看",
    Personal.LOGS: "只看查阅记录",
}


@dataclass(frozen=True)
class Role:
    """One role. `code` is what playbooks, appointments and programs write."""

    code: str
    name: str
    description: str
    never: str
    matter: frozenset[Permission] = frozenset()
    publication: frozenset[Permission] = frozenset()
    places: frozenset[Permission] = frozenset()
    people: frozenset[Permission] = frozenset()
    personal: Personal = Personal.NONE
    staff: bool = True  # works at the staff desk
    appointed: bool = True  # held by appointment; a resident simply lives here
    at: tuple[str, ...] = field(default=())  # kinds of place it is usually held at


def _may(letters: str) -> frozenset[Permission]:
    return frozenset(Permission(letter) for letter in letters)


_DECLARED = (
    Role(
        "resident", "居民", "住在这里的人：提事、跟进自己的事、对公示提异议、对结果说满不满意。",
        never="看别人的评价答案和积分",
        matter=_may("C"), publication=_may("R"), personal=Personal.OWN,
        staff=False, appointed=False,
    ),
    Role(
        "household_head", "户主", "代表一户提事，并在按户表决时代表本户。",
        never="没有委托就替家里的成年人作主",
        matter=_may("C"), publication=_may("R"), personal=Personal.OWN,
        staff=False, appointed=False,
    ),
    Role(
        "grid_worker", "网格员", "走访网格，上报和办理网格里的事，办不了的上报社区。",
        never="给自己办的事结案，或看到评价原始答案",
        matter=_may("CRTH"), publication=_may("R"), personal=Personal.PLACE, at=("grid",),
    ),
    Role(
        "generalist_worker", "全科社工", "在窗口和上门受理各条线的事，经书面同意代办。",
        never="认定谁符合待遇条件",
        matter=_may("CRTH"), publication=_may("R"), personal=Personal.CASE, at=("village",),
    ),
    Role(
        "committee", "村（居）两委成员", "受理、召集、办理和公布本村（社区）的事。",
        never="改动结果，或主持对自己的测评",
        matter=_may("CRTHD"), publication=_may("RP"), people=_may("A"), places=_may("A"),
        personal=Personal.CASE, at=("village",),
    ),
    Role(
        "supervisor", "村（居）务监督委员会成员", "监督会议和公开，核实办理结果，主持评议。",
        never="同时是两委成员或其近亲属",
        matter=_may("CRV"), publication=_may("RVP"), personal=Personal.LOGS, at=("village",),
    ),
    Role(
        "party_secretary", "村（社区）党组织书记", "事先研究重要事项，说明理由，督促办理。",
        never="不说理由就把议题压下",
        matter=_may("CRD"), publication=_may("RP"), at=("village",),
    ),
    Role(
        "workshop_host", "议事坊主持人", "召集邻里议事，照规则主持，记下谁来了、说了什么。",
        never="替参加的人投票，或不让不同意见记录下来",
        matter=_may("CRD"), publication=_may("R"), at=("village",),
    ),
    Role(
        "workshop_member", "议事坊成员", "参加议事和举手表决；议事坊的意见不代替村民会议的决定。",
        never="议与自己或近亲属有利害关系的事",
        matter=_may("CrD"), publication=_may("R"), at=("village",),
    ),
    Role(
        "town_officer", "镇（街道）干部", "办理上报到镇（街道）的事，把事派给下面和部门。",
        never="改变村民会议的决定",
        matter=_may("CRTHD"), publication=_may("RP"), people=_may("A"), places=_may("A"),
        personal=Personal.CASE, at=("town",),
    ),
    Role(
        "dept_officer", "部门工作人员", "办理派到本部门的事；不属于本部门的，说明理由退回。",
        never="看其他部门的事",
        matter=_may("rH"), publication=_may("R"), personal=Personal.CASE, at=("town", "county"),
    ),
    Role(
        "enforcement_officer", "综合执法人员", "两人以上执法，办理执法事项。",
        never="一个人办案，或不告知权利",
        matter=_may("CrH"), publication=_may("R"), personal=Personal.CASE, at=("town", "county"),
    ),
    Role(
        "dispatcher", "调度员", "分类、派单、合并、催办。",
        never="结案",
        matter=_may("CRT"), publication=_may("R"), personal=Personal.CONTACT,
        at=("village", "town", "county"),
    ),
    Role(
        "verifier", "核实员", "到现场核实办理结果，回访，结案。",
        never="办理事项",
        matter=_may("RV"), publication=_may("R"), personal=Personal.CASE,
        at=("village", "town", "county"),
    ),
    Role(
        "county_leader", "县（区）领导", "召集部门会办，看汇总情况。",
        never="没有办事理由就看到当事人是谁",
        matter=_may("rTHD"), publication=_may("R"), at=("county",),
    ),
    Role(
        "org_manager", "社会组织（物业）负责人", "承办派给本单位的事。",
        never="给别人办的活动开证明",
        matter=_may("CrH"), publication=_may("R"), personal=Personal.CASE, at=("town", "village"),
    ),
    Role(
        "volunteer", "志愿者", "自愿报名帮忙，办派给自己的事。",
        never="拿到求助人的身份信息",
        matter=_may("CrH"), publication=_may("R"), personal=Personal.OWN, staff=False,
    ),
    Role(
        "merchant", "商户", "接受积分、申请结算（商城上线后使用）。",
        never="看到买家的账户",
        publication=_may("R"), personal=Personal.OWN, staff=False,
    ),
    Role(
        "funder", "出资单位（银行）", "只看资金池总数。",
        never="看到居民是谁",
        publication=_may("R"), staff=False,
    ),
    Role(
        "observer", "观察员（研究人员）", "看去掉身份信息的事项和统计。",
        never="导出逐条数据",
        matter=_may("r"), publication=_may("R"), at=("county", "town", "village"),
    ),
    Role(
        "system_admin", "系统管理员", "维护运行、备份、日历、地图和治理办法的安装。",
        never="同时做安全管理员或审计管理员；看居民信息",
        places=_may("A"), publication=_may("R"), at=("county",),
    ),
    Role(
        "security_admin", "安全管理员", "开通和停用账号，发放接口令牌，任免岗位。",
        never="同时做系统管理员或审计管理员；看居民信息",
        people=_may("A"), publication=_may("R"), at=("county",),
    ),
    Role(
        "audit_admin", "审计管理员", "查看谁在什么时候因为什么看过谁的信息。",
        never="同时做系统管理员或安全管理员；改动任何记录",
        publication=_may("R"), personal=Personal.LOGS, at=("county",),
    ),
)  # fmt: skip

ROLES: dict[str, Role] = {role.code: role for role in _DECLARED}

SCOPES: dict[str, str] = {
    "matters:read": "查看事项",
    "matters:write": "提出和办理事项",
    "places:read": "查看地方和地图",
    "places:write": "维护地方、地图和工作日历",
    "people:read": "查看人员（敏感信息须写明用途）",
    "people:write": "登记人员、导入名册",
    "publications:read": "查看公示",
    "publications:write": "公布和答复异议",
    "open311": "Open311 接口",
}


def name_of(code: str) -> str:
    """The name of a role as people say it; the code itself for one no longer declared."""
    return ROLES[code].name if code in ROLES else code


def matter_permissions(codes: frozenset[str]) -> frozenset[Permission]:
    """What these roles together may do with a matter."""
    return frozenset().union(*(ROLES[code].matter for code in codes if code in ROLES))
