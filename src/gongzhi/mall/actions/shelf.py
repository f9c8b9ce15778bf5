"""What a shop offers: named, priced, counted, pictured."""

from datetime import datetime

from gongzhi.core import db, photos
from gongzhi.core.errors import BadInput
from gongzhi.mall import permissions, rules, store
from gongzhi.mall.models import Offer, Picture, Restock


def offer(
    *, merchant_id: int, name: str, about: str, kind: str, price_fen: int, points: int,
    stock: int, by: int, at: datetime, picture: bytes | None = None, key: str | None = None,
) -> int:  # fmt: skip
    """Something a shop sells in part for points, or a service point gives for points alone."""
    said = store.text_of(name, "name", "请写名称。", most=40)
    more = " ".join(about.split())[:300]
    if kind not in Offer.Kind.values:
        raise BadInput("kind", "请选一种。")
    if (kind == "gift") != (price_fen == 0):
        raise BadInput("price", "只用积分兑换的不写价格，其他都要写价格。")
    if not 0 <= price_fen <= 10**9:
        raise BadInput("price", "价格不对。")
    if not 0 <= stock <= 1_000_000:
        raise BadInput("stock", "库存请填0到100万。")
    with store.guarded():
        row = store.read("merchant", merchant_id)
        permissions.seller(by, row, at)
        before = store.once("mall_offer", key, by)
        if before is not None:
            return before
        _within_share(row, kind, price_fen, points, at)
        if (kind == "gift") != (row["category"] == "point"):
            raise BadInput("kind", "只用积分兑换的东西由服务点来发，服务点也只发这一种。")
        made = Offer.objects.create(
            merchant_id=merchant_id, name=said, about=more, kind=kind, price_fen=price_fen,
            points=points, stock=stock, by_id=by, at=at, key=key or None,
            picture_id=_keep(merchant_id, picture, by, at),
        )  # fmt: skip
    return int(made.pk)


def _within_share(
    merchant: dict[str, object], kind: str, price_fen: int, points: int, at: datetime
) -> None:
    if not 0 < points <= 1_000_000:
        raise BadInput("points", "积分要大于零。")
    if kind == "gift":
        return
    mall = store.read("mall", int(str(merchant["mall_id"])))
    most = rules.most_points(
        price_fen, mall["percent"], store.rate(mall["id"], store.day(at))["fen"]
    )
    if points > most:
        raise BadInput("points", f"积分最多抵价格的{mall['percent']}%，这里最多{most}分。")


def restock(
    *, offer_id: int, add: int, open: bool, by: int, at: datetime, key: str | None = None
) -> None:
    """More or fewer pieces, never below none, once for a key; shown or taken off the shelf."""
    with store.guarded():
        row = store.read("offer", offer_id, lock=True)
        permissions.seller(by, row, at)
        if store.once("mall_restock", key, by) is not None:
            return
        if not -row["stock"] <= add <= 1_000_000:
            raise BadInput("add", f"库存只有{row['stock']}，减不了这么多。" if add < 0 else
                           "一次最多添100万。")  # fmt: skip
        if add:
            Restock.objects.create(offer_id=offer_id, add=add, by_id=by, at=at, key=key or None)
        db.run(
            "update mall_offer set stock = stock + %s::int, open = %s::bool where id = %s::bigint",
            (add, open, offer_id),
        )


def show_picture(*, offer_id: int, picture: bytes, by: int, at: datetime) -> None:
    """Another photo of what is offered."""
    with store.guarded():
        row = store.read("offer", offer_id, lock=True)
        permissions.seller(by, row, at)
        Offer.objects.filter(pk=offer_id).update(
            picture_id=_keep(row["merchant_id"], picture, by, at)
        )


def _keep(merchant_id: int, data: bytes | None, by: int, at: datetime) -> int | None:
    """The photo made small and bare of what is hidden in it; the same photo is kept once."""
    if not data:
        return None
    made = photos.accept(data, "", field="picture")
    row, _ = Picture.objects.get_or_create(
        merchant_id=merchant_id, sha256=made.sha256,
        defaults={"content": made.jpeg, "thumb": made.thumb, "by_id": by, "at": at},
    )  # fmt: skip
    return int(row.pk)
