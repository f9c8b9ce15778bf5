"""Lists with a name, of one member of staff. His own business: no event is written."""

from datetime import datetime

from gongzhi.core import text
from gongzhi.core.errors import BadInput, NotFound
from gongzhi.matters.models import SavedFilter

MOST = 30  # named lists of one person


def save_filter(*, by: int, at: datetime, name: str, query: str) -> None:
    """Keep the query of a list's address under a name; the same name again replaces it.

    BadInput without a name, or when there are too many already.
    """
    words = text.clean(name, 40, field="name", one_line=True)
    if not words:
        raise BadInput("name", "请给这个常用起个名字。")
    own = SavedFilter.objects.filter(person_id=by)
    if own.filter(name=words).update(query=query[:400]):
        return
    if own.count() >= MOST:
        raise BadInput("name", "常用太多了，请先去掉几个。")
    SavedFilter.objects.create(person_id=by, name=words, query=query[:400])


def forget_filter(*, by: int, at: datetime, filter_id: int) -> None:
    """Remove a named list of one's own; NotFound for anybody else's."""
    if not SavedFilter.objects.filter(pk=filter_id, person_id=by).delete()[0]:
        raise NotFound("没有这个常用，或者不是您存的。")
