"""Tables every area leans on: the outbox and the keys that make a POST safe to repeat."""

from django.db import models
from django.db.models.functions import Now


class Outbox(models.Model):
    """Something happened; `reactions` will look at it once. Written in the event's transaction."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    data = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    problem = models.TextField(default="", db_default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], name="outbox_waiting", condition=models.Q(done_at__isnull=True)
            )
        ]


class Once(models.Model):
    """The answer given to a request key: the same key brings the same answer, written once."""

    key = models.CharField(max_length=80, primary_key=True)
    request_hash = models.CharField(max_length=64)
    answer = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now())


class Fact(models.Model):
    """A small named number or text of the deployment itself (version of seeds, demo kind)."""

    name = models.CharField(max_length=60, primary_key=True)
    value = models.JSONField()
