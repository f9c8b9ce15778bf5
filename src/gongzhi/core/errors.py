"""The family of refusals: a clear sentence for a person, a stable code for a program.

Plain Python. `words` and `todo` are zh-Hans source sentences; doors translate them.
"""

from collections.abc import Mapping


class Refused(Exception):
    """这件事现在不能这样办。"""

    code = "refused"
    status = 409

    def __init__(
        self,
        words: str = "",
        *,
        code: str = "",
        todo: str = "",
        data: Mapping[str, object] | None = None,
    ) -> None:
        self.words = words or (type(self).__doc__ or "").strip()
        self.code = code or type(self).code
        self.todo = todo
        self.data = dict(data or {})
        super().__init__(self.words)


class BadInput(Refused):
    """填写的内容有误。"""

    code = "bad_input"
    status = 422

    def __init__(self, field: str, words: str, *, todo: str = "", code: str = "") -> None:
        super().__init__(words, todo=todo, code=code, data={"field": field})
        self.field = field


class NotAllowed(Refused):
    """您没有办这件事的权限。"""

    code = "not_allowed"
    status = 403


class NotFound(Refused):
    """没有找到。可能编号有误，或者您不能看到它。"""

    code = "not_found"
    status = 404


class Stale(Refused):
    """刚才已有别人处理过这件事，请看最新情况。"""

    code = "stale"
    status = 409


class KeyReused(Refused):
    """这张表刚才已经交过一次了。这次的内容不一样，是另一件的话，请再提交一次。"""

    code = "key_reused"
    status = 409


class TooMany(Refused):
    """次数太多了，请稍后再试。"""

    code = "too_many"
    status = 429


class Unreadable(Refused):
    """这次提交的内容读不出来。"""

    code = "unreadable"
    status = 400


class TooLarge(Refused):
    """提交的内容太大了。"""

    code = "too_large"
    status = 413


class WrongMethod(Refused):
    """这个地址不能这样用。"""

    code = "wrong_method"
    status = 405


class Away(Refused):
    """系统正忙或正在恢复，您刚才的内容可能还没有交上去。"""

    code = "unavailable"
    status = 503
