"""What accounts of the demonstration are for, where their role does not say it. By username."""

from django.utils.translation import gettext_noop as _

DUTIES = {
    "lan": _("居民，有积分"),
    "xinqiao": _("居民，用积分买东西"),
    "clerk": _("积分管理员（两委成员）"),
    "check": _("网格员，初审积分"),
    "street": _("街道干部，积分办法备案"),
    "desk": _("积分兑换点"),
    "grain": _("商户"),
    "operator": _("商城运营单位"),
    "fund": _("积分资金的出资单位"),
    "finance": _("融资银行"),
    "witness": _("监督委员会成员，见证存证"),
}
