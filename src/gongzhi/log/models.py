"""Tables of the log. Nothing in them is changed or taken away but nonces and what waits.

Entries wait in `Pending` from the business transaction until the one sequencer gives them an
index. The guards are in migration 0002.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class Pending(models.Model):
    """An entry on its way: written in the transaction of what it tells, gone within seconds."""

    kind = models.TextField()
    subject = models.TextField()
    leaf = models.BinaryField(null=True)  # a transfer's is written when it is taken in: log_waiting
    at = models.DateTimeField()
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            # A transfer waits once because its number, which is its subject, is given once.
            models.UniqueConstraint(
                fields=["kind", "subject"], name="pending_once",
                condition=~Q(kind="ledger.transfer"),
            )
        ]  # fmt: skip


class Leaf(models.Model):
    """An entry of the log at its index, from 0 without gaps. Append-only."""

    index = models.BigIntegerField(primary_key=True)
    kind = models.TextField()
    subject = models.TextField()
    leaf = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject"], name="leaf_once"),
            models.CheckConstraint(condition=Q(index__gte=0), name="leaf_index"),
        ]


class Tile(models.Model):
    """256 hashes of one level side by side (C2SP tlog-tiles). Grows at its end until it is full."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["level", "index"], name="tile_once"),
            models.CheckConstraint(condition=Q(index__gte=0), name="tile_index"),
        ]


class Checkpoint(models.Model):
    """A signed head of the log; sizes only grow, and every entry below is there. Append-only."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()
    at = models.DateTimeField()


class Cosignature(models.Model):
    """A witness's line below a checkpoint. Append-only."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="lines")
    witness = models.ForeignKey("Witness", on_delete=models.PROTECT, related_name="lines")
    line = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["checkpoint", "witness"], name="cosigned_once")
        ]
        indexes = [models.Index(fields=["witness", "-checkpoint"], name="cosigned_last")]


class Nonce(models.Model):
    """What opens the commitment of a person or an account. Deleting it makes the log forget."""

    owner = models.TextField(primary_key=True)
    nonce = models.BinaryField()
    commitment = models.BinaryField()


class Witness(models.Model):
    """Somebody outside whose signature counts: a supervision committee, an auditor.

    `by_id` is the person who registered the key; people stand above this layer.
    """

    name = models.TextField(unique=True)
    title = models.CharField(max_length=60)
    vkey = models.TextField(unique=True)
    url = models.TextField(default="", blank=True)  # asked by the worker; empty: comes by itself
    by_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("at")), name="witness_in_order"
            )
        ]


class Watched(models.Model):
    """A log of others that this installation is a witness of, and the last head it signed."""

    origin = models.TextField(primary_key=True)
    vkey = models.TextField()
    size = models.BigIntegerField(default=0)
    root = models.BinaryField(null=True)
    at = models.DateTimeField(null=True)


class Anchor(models.Model):
    """A head as a transaction on a chain, signed and kept before it is sent. Append-only."""

    chain_id = models.BigIntegerField()
    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="anchors")
    tx = models.BinaryField()  # the transaction's hash, 32 bytes
    raw = models.BinaryField()
    sender = models.TextField()
    number = models.BigIntegerField()  # of the sender's transactions: the chain takes each once
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain_id", "checkpoint"], name="anchored_once"),
            models.UniqueConstraint(
                fields=["chain_id", "sender", "number"], name="anchor_number_once"
            ),
            models.CheckConstraint(condition=Q(chain_id__gte=1), name="anchor_on_a_chain"),
        ]


class AnchorEnd(models.Model):
    """What became of it: the block it lies in, or none: another transaction took its number."""

    anchor = models.OneToOneField(
        Anchor, on_delete=models.PROTECT, primary_key=True, related_name="end"
    )
    block = models.BigIntegerField(null=True)
    block_hash = models.BinaryField(null=True)
    block_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(block=None, block_hash=None, block_at=None)
                | Q(block__gte=0, block_hash__isnull=False, block_at__isnull=False),
                name="anchor_in_a_block_or_in_none",
            )
        ]
