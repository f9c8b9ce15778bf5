"""The deployment learns its own categories, off line, from what its people have confirmed."""

import tempfile
from datetime import datetime
from pathlib import Path

from gongzhi.matters.models import Matter, SuggestionModel
from gongzhi.matters.queries.similar import LEARN_FROM

MOST = 50_000
GROWN_BY = 10  # per cent more confirmed matters than the last time


def learn(*, at: datetime) -> int | None:
    """Train and keep a new model when it would know more; its id, or None when it is too early."""
    confirmed = Matter.objects.filter(category_confirmed=True).exclude(category="")
    count = confirmed.count()
    last = SuggestionModel.objects.order_by("-id").values_list("matters", flat=True).first() or 0
    if count < LEARN_FROM or count * 100 < last * (100 + GROWN_BY):
        return None
    from gongzhi.matters.suggest.classifier import train  # a second of imports, only when used

    rows = confirmed.order_by("-id").values_list("title", "body", "category")[:MOST]
    texts, labels = zip(*((f"{title}\n{body}", label) for title, body, label in rows), strict=True)
    if len(set(labels)) < 2:
        return None
    model = train(texts, labels)
    with tempfile.NamedTemporaryFile(suffix=".npz") as file:
        model.save(Path(file.name))
        content = Path(file.name).read_bytes()
    return SuggestionModel.objects.create(content=content, matters=count, at=at).pk
