"""The playbook a matter runs under: exactly the version its row pins, kept in memory by digest."""

from functools import lru_cache

from gongzhi.core.errors import NotFound
from gongzhi.places.models import PlaybookVersion
from gongzhi.playbooks import load
from gongzhi.playbooks.schema import Playbook


@lru_cache(maxsize=256)
def playbook(digest: str) -> Playbook:
    """The playbook of that digest; it can never change, so it is never read twice."""
    source = PlaybookVersion.objects.filter(digest=digest).values_list("source", flat=True).first()
    if source is None:
        raise NotFound("这件事所用的办事规程没有找到。")
    return load.from_json(source)
