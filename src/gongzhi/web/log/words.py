"""What the programs of the log's pages say, in words a villager reads."""

from django.utils.translation import gettext as _


def verify() -> dict[str, str]:
    """What the verification page says; kinds of entries and their fields."""
    return _found() | _wrong() | _kinds() | _fields() | {
        "loading": _("正在取回执……"),
        "gone": _("没有取到：这一件可能还没有结束，或者您看不到它。"),
        "away": _("现在连不上。已经存下的回执，在下面选文件或粘贴，断网也能核对。"),
        "save": _("把回执存到手机里"),
        "save_promise": _("把保证存到手机里"),
        "promised": _("系统签字保证：一定记进账里"),
        "promise_due": _("{due}以前记进账里。到时候没有，这张保证就是证据。"),
        "promise_wait": _("不用刷新，记进去以后这里会自己变。"),
        "promise_late": _(
            "已经过了时间还没有记进去！请把这张保证存下来，告诉村（居）务监督委员会。"
        ),
        "broken": _("程序没有运行起来，请换一个浏览器，或用电脑上的核对程序。"),
    }  # fmt: skip


def _found() -> dict[str, str]:
    return {
        "ok": _("核对无误：账没被改过"),
        "bad": _("对不上！这张回执不成立"),
        "bad_todo": _("先看看是不是没有复制完整。还是对不上，请拿给村（居）务监督委员会看。"),
        "what": _("这是：{kind}"),
        "place": _("它是账里的第{n}条，当时一共{size}条，前后都对得上。"),
        "witnessed": _("有{n}方见证过：{names}。"),
        "alone": _("还没有外人见证，只有本系统自己的签名。"),
        "at": _("记进去的时间：{at}"),
        "more": _("给懂技术的人：这一条的全部内容"),
        "origin": _("账本的名字：{origin}"),
    }


def _wrong() -> dict[str, str]:
    """By what the verifier says; keys of another form are not read."""
    return {
        "not a receipt of this kind of log": _("这不是存证回执，或者没有复制完整。"),
        "no signatures below the text": _("这不是存证回执，或者没有复制完整。"),
        "not canonical base64": _("回执里有字符变了，可能没有复制完整。"),
        "a signature line cannot be read": _("回执里有字符变了，可能没有复制完整。"),
        "the entry is not in the log of this checkpoint": _("这一条不在账里：内容或位置被改过。"),
        "the path is too short": _("这一条不在账里：内容或位置被改过。"),
        "not signed by a log of the policy": _("签名不是本存证的。"),
        "not a promise": _("这张保证读不通，可能没有复制完整。"),
        "the promise is not signed by a log of the policy": _("签名不是本存证的。"),
        "the log's signature does not hold": _("存证的签名对不上：内容被改过。"),
        "not enough witnesses have signed": _("见证人不够数。"),
        "other": _("回执的内容读不通，可能被改过，或者没有复制完整。"),
    }


def _kinds() -> dict[str, str]:
    return {
        "ledger.transfer": _("一笔积分或资金往来"),
        "ledger.account": _("开立账户"),
        "rule.version": _("积分细则的一个版本"),
        "ballot.board": _("一次投票的结果和全部选票"),
        "publication.version": _("公开栏上的一件"),
        "matter.closed": _("一件事办结"),
    }


def _fields() -> dict[str, str]:
    """What an entry says that a villager understands; other fields stay below "for experts"."""
    return {
        "field amount points": _("{value}分"),
        "field amount hours": _("{value}分钟志愿服务"),
        "field amount cny": _("{value}分钱"),
        "field verdict": _("结论：{value}"),
        "verdict pass": _("通过"),
        "verdict fail": _("没有通过"),
        "verdict no_decision": _("人数不够，没有作出决定"),
        "field version": _("第{value}版"),
        "field ended": _("办结时间：{at}"),
        "field closed": _("投票结束：{at}"),
        "open credit": _("这一笔进的是您的账户。"),
        "open debit": _("这一笔出的是您的账户。"),
        "open matter": _("说的就是您看的这件事。"),
        "open": _("回执证明：{field} 就是 {value}。"),
    }


def witness() -> dict[str, str]:
    """What the page of a supervision committee's telephone says."""
    return {
        "made": _("见证钥匙已经在这台手机里，别人拿不走。"),
        "no_key": _(
            "浏览器太旧，做不了见证钥匙。请换新版浏览器，或在电脑上用 gongzhi log witness。"
        ),
        "signed": _("核对过了，账没被改过。已见证到第{size}条。"),
        "first": _("已见证第一次：从现在的{size}条记起。"),
        "same": _("没有新的内容，和上次见证的一样。"),
        "fork": _("不要见证！账对不上"),
        "fork_why": _("前面的内容被改过，或者给您看的是另一本账。这台手机没有签名。"),
        "fork_before": _("您上次见证的：{size}条"),
        "fork_now": _("现在给您看的：{size}条"),
        "fork_hash": _("校验值"),
        "fork_todo": _(
            "请马上告诉乡镇（街道）纪检和其他见证人，把下面两份证据交给他们。证据已存在这台手机里。"
        ),
        "fork_kept": _("这台手机在{at}发现过账对不上，证据还在"),
        "unsigned": _("取来的存证签名不对，没有见证。"),
        "offline": _("连不上，请稍后再试。上次见证的还在手机里。"),
        "last": _("上次见证：{size}条，{at}"),
        "title": _("请写明您代表谁。"),
        "refused": _("系统没有收下："),
    }


def audit() -> dict[str, str]:
    """What the audit on the same page says; every finding by its name in the specification."""
    return {
        "reading": _("正在取：{n} / {size}条……"),
        "whole": _("从头到尾查过，{size}条都对"),
        "whole_more": _("一条没少、一条没改，余额没有透支，没有超过上限，也没有一笔用两次。"),
        "since": _("和这台手机上次记下的{n}条逐条比过。"),
        "promises": _("{n}张保证都兑现了，或者还没有到时间。"),
        "wrong": _("查出{n}处不对"),
        "wrong_todo": _("请不要见证。把这一页拍下来，告诉乡镇（街道）纪检和其他见证人。"),
        "at": _("第{n}条：{what}"),
        "more": _("还有{n}处，没有都列出来。"),
        "unread": _("取来的存证读不通，没有查成。"),
        "away": _("连不上，没有查成，请稍后再试。"),
        "bad_promise": _("这张保证不是本存证签的，或者没有复制完整：{name}"),
        "edit": _("内容被改过"), "delete": _("被删掉了"), "insert": _("是后来塞进去的"),
        "reorder": _("顺序被换过"), "truncate": _("从这里起，后面的被截掉了"),
        "split-view": _("给您看的是另一本账"), "omission": _("签字保证要记的，没有记"),
        "back-dating": _("时间往前写了"), "overdraft": _("账户花过了头"),
        "over-cap": _("超过了细则的上限"), "double-redemption": _("同一笔用了两次"),
        "malformed": _("内容不合规矩，读不通"),
    }  # fmt: skip


def codes() -> dict[str, str]:
    """What moved points, as the one whose points they are reads it."""
    return {
        "award": _("做好事得的"), "opening": _("从纸本转来的"), "redeem": _("兑换"),
        "spend": _("用掉的"), "return": _("退回来的"), "reverse": _("更正"),
        "expire": _("到期"), "wipe": _("退出时清掉的"),
    }  # fmt: skip
