"""Steps of the clearing machines: any step, whole ways, and what must always be refused."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st

from machines.clearing_model import Model
from machines.clearing_parts import BANK, BUYERS, SHOPS, Op

Labels = Iterator[str]


def labels() -> Labels:
    """Names nobody has used."""
    return (f"n{number:04d}" for number in count(1))


def _open(model: Model) -> list[str]:
    return [name for name, c in model.claims.items() if c.state == "open"]


def any_step(model: Model, names: Labels) -> st.SearchStrategy[Op]:
    """Any step on what there is; most are lawful at some time, and none always."""
    name = next(names)
    found: list[st.SearchStrategy[Op]] = [
        st.tuples(
            st.just("order"), st.just(name), st.sampled_from(BUYERS), st.sampled_from(SHOPS),
            st.integers(1, 3), st.sampled_from([1, 40, 100, 150, 151, 200]),
        ),
        st.just(("expire",)), st.just(("batch",)),
        st.tuples(st.just("draw"), st.just(name), st.sampled_from(SHOPS)),
        st.tuples(st.just("pledge"), st.just(name), st.sampled_from([500, 1500])),
        st.tuples(st.just("publish"), st.sampled_from([7, 10, 12])),
        st.tuples(
            st.just("receipt"),
            st.lists(st.sampled_from((*SHOPS, BANK)), max_size=2).map(tuple),
        ),
    ]  # fmt: skip
    if model.batches:
        which = st.integers(0, len(model.batches) - 1), st.sampled_from((*SHOPS, BANK))
        found += [st.tuples(st.sampled_from(["bounce", "bounce", "again"]), *which),
                  st.tuples(st.just("account"), which[1])]  # fmt: skip
    if model.debts:
        found += [st.tuples(st.just("repay"), st.sampled_from(sorted(model.debts)))]
    if model.orders:
        some = st.sampled_from(sorted(model.orders))
        found += [st.tuples(st.sampled_from(["redeem", "cancel", "refund"]), some)]
    if model.lines:
        some = st.sampled_from(sorted(model.lines))
        found += [st.tuples(st.just("dispute"), some),
                  st.tuples(st.just("answer"), some, st.booleans())]  # fmt: skip
    if model.statements:
        found += [st.tuples(st.just("confirm"), st.sampled_from(sorted(model.statements)))]
    if model.claims:
        found += _on_claims(model)
    return st.one_of(found)


def _on_claims(model: Model) -> list[st.SearchStrategy[Op]]:
    some = st.sampled_from(sorted(model.claims))
    # Mostly what is open: that is where the money is.
    busy = st.sampled_from(_open(model) or sorted(model.claims))
    plain = ["withdraw", "owe", "ask", "accept", "decline", "draw_down"]
    return [
        st.tuples(st.sampled_from(plain), st.one_of(some, busy)),
        st.tuples(st.sampled_from(plain), busy),
        st.tuples(st.just("split"), busy, st.integers(1, 900)),
        st.tuples(st.just("assign"), busy, st.sampled_from(SHOPS)),
        st.tuples(st.just("offer"), busy, st.integers(1, 900)),
    ]


def sale(model: Model, names: Labels, draw: Callable[[Any], Any]) -> list[Op]:
    """Somebody takes something and the shop has the code."""
    name, shop = next(names), draw(st.sampled_from(SHOPS))
    points = draw(st.sampled_from([30, 60, 90]))
    return [("order", name, draw(st.sampled_from(BUYERS)), shop, 1, points), ("redeem", name)]


def way(model: Model, names: Labels, draw: Callable[[Any], Any]) -> list[Op]:
    """From a sale to a claim; then split, financed or passed on; then to the bank and back."""
    ops = sale(model, names, draw)
    shop, statement = model_shop(ops), next(names)
    ops += [("draw", statement, shop)]
    if draw(st.booleans()):
        ops += [("dispute", ops[0][1] + "+"), ("answer", ops[0][1] + "+", draw(st.booleans()))]
        ops += [("draw", next(names), shop)]
    other = next(
        (n for n, s in model.statements.items() if s["shop"] == shop and s["state"] == "sent"),
        statement,
    )
    known, _ = model.after(*ops)
    if other not in known.statements:
        return ops
    ops += [("confirm", other)]
    if other not in model.after(*ops)[0].claims:
        return ops
    ops += [("owe", other)]
    claim = other
    if draw(st.booleans()):
        ops += [("split", other, draw(st.integers(1, 200)))]
        if f"{other}.2" in model.after(*ops)[0].claims:
            claim = f"{other}.2"
    kind = draw(st.sampled_from(["keep", "finance", "assign"]))
    if kind == "finance":
        ops += [("ask", claim), ("offer", claim, 1), ("accept", claim), ("draw_down", claim)]
    if kind == "assign":
        ops += [("assign", claim, draw(st.sampled_from(SHOPS)))]
    return [*ops, ("batch",)]


def back(model: Model, draw: Callable[[Any], Any]) -> list[Op]:
    """Paid, sent back by the bank, and paid again; and goods given back after all that."""
    ops: list[Op] = [("batch",), ("receipt", ())]
    after = model.after(*ops)[0]
    paid = [
        (number, row[0]) for number, batch in enumerate(after.batches) for row in batch
        if row[2] == "paid"
    ]  # fmt: skip
    if paid:
        number, holder = draw(st.sampled_from(paid))
        look = ("again", number, holder) if draw(st.booleans()) else ("account", holder)
        ops += [("bounce", number, holder), ("batch",), look, ("batch",), ("receipt", ())]
    done = [name for name, o in after.orders.items() if o.state == "done"]
    if done:
        name = draw(st.sampled_from(done))
        ops += [("refund", name), ("repay", name)] if draw(st.booleans()) else [("refund", name)]
    return ops


def model_shop(ops: list[Op]) -> str:
    """The shop of the sale a way begins with."""
    return str(ops[0][3])


def forbidden(model: Model, names: Labels) -> list[Op]:
    """What must be refused here and now, whatever has happened."""
    ops: list[Op] = [
        ("order", next(names), "b0", "s0", 1, 151),
        ("order", next(names), "b0", "s0", 9, 1),
    ]
    ops += [("redeem", name) for name, o in model.orders.items() if o.state != "held"][:3]
    ops += [("refund", name) for name, o in model.orders.items() if o.state == "void"][:1]
    ops += [("repay", name) for name, d in model.debts.items() if d.state == "netted"][:2]
    ops += [
        (step, number, row[0]) for number, b in list(enumerate(model.batches))[-2:]
        for row in b if row[2] in ("sent", "failed", "carried") for step in ("bounce", "again")
    ][:4]  # fmt: skip
    for name, c in sorted(model.claims.items())[-4:]:
        if c.state in ("open", "split", "redeemed"):
            ops += [("withdraw", name)]
        if c.state != "open" or c.financing in ("asked", "offered", "accepted", "live"):
            ops += [("assign", name, "s1")]
            ops += [] if c.state == "split" else [("split", name, 1)]
            ops += [] if c.financing == "asked" else [("ask", name)]
        if c.financing != "asked" and (c.financing, c.price) != ("offered", 1):
            ops += [("offer", name, 1)]
        if c.financing not in ("accepted", "live"):
            ops += [("draw_down", name)]
        ops += [("split", name, c.face), ("offer", name, c.face + 1)]
        if c.due <= model.today - timedelta(days=0):
            ops += [("ask", name)]
    return ops
