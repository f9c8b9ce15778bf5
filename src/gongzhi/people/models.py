"""People as the law sees them: persons, households, five kinds of membership, appointments."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from gongzhi.core.pinyin import initials
from gongzhi.places.models import Place


class Initials(models.CharField):  # type: ignore[type-arg]
    """The first letters of the row's name (张三丰 → zsf), written with it however it is saved."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Of the name as it is now; a new row may bring its own."""
        given = str(getattr(model_instance, self.attname)) if add else ""
        made = given or initials(str(getattr(model_instance, "name", "")))
        setattr(model_instance, self.attname, made)
        return made

    def deconstruct(self) -> Any:
        """For migrations a plain text."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class Household(models.Model):
    """A household at a door: building, stairwell, room."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="households")
    grid = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    door = models.CharField(max_length=60)  # "2单元 501"
    batch = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "door"], name="one_household_a_door")
        ]


class Person(models.Model):
    """A person. The last five fields are sensitive: read them only through `queries.reveal`."""

    name = models.CharField(max_length=60)
    initials = Initials(max_length=12, default="", blank=True)
    household = models.ForeignKey(
        Household, null=True, on_delete=models.SET_NULL, related_name="people"
    )
    head = models.BooleanField(default=False)  # 户主
    batch = models.BigIntegerField(null=True)
    gender = models.CharField(max_length=1, default="", blank=True)
    born_on = models.DateField(null=True)
    id_number = models.CharField(max_length=18, null=True, unique=True)
    phone = models.CharField(max_length=20, null=True)
    care = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["phone"], name="person_phone"),
            models.Index(fields=["name"], name="person_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """Five different sets that must never be mixed (cases.md §0.3)."""

    class Kind(models.TextChoices):
        RESIDENT = "resident", "常住居民"
        REGISTERED = "registered", "户籍人口"
        VILLAGER = "villager", "村民"
        COLLECTIVE = "collective", "集体经济组织成员"
        OWNER = "owner", "业主"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    from_on = models.DateField(null=True)
    to_on = models.DateField(null=True)
    batch = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "place", "kind"],
                condition=Q(to_on=None),
                name="one_open_membership",
            ),
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(from_on=None) | Q(to_on__gte=F("from_on")),
                name="membership_in_order",
            ),
        ]


class Organisation(models.Model):
    """A department, property company, social organisation or resident unit that handles matters."""

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=24, default="department")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="organisations")
    phone = models.CharField(max_length=20, default="", blank=True)

    def __str__(self) -> str:
        return self.name


class Appointment(models.Model):
    """Role × place × term. A supervisor may not sit on the committee of the same place."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=30)  # people.roles
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="appointments")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT)
    from_on = models.DateField()
    to_on = models.DateField(null=True)
    appointed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    ended_reason = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "place"],
                condition=Q(to_on=None),
                name="one_open_appointment",
            ),
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="appointment_in_order"
            ),
        ]
        indexes = [models.Index(fields=["place", "role"], name="appointment_place_role")]


class Kinship(models.Model):
    """Near kin, as declared; blocks handling, verifying and deciding (rules.md §5)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    how = models.CharField(max_length=30)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "other"], name="kinship_once"),
            models.CheckConstraint(condition=Q(person__lt=F("other")), name="kinship_ordered"),
        ]


class Consent(models.Model):
    """Consent to one purpose, given and withdrawn (PIPL art. 14-17)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=40)
    text = models.TextField()
    given_at = models.DateTimeField()
    given_to = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "purpose"],
                condition=Q(withdrawn_at=None),
                name="one_open_consent",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("given_at")),
                name="consent_in_order",
            ),
        ]


class Proxy(models.Model):
    """A family member may act for a person (代办), with written consent, to the end of a day."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="proxies")
    acts_for = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="represented_by")
    agreed_at = models.DateTimeField(null=True)  # by the person represented
    until_on = models.DateField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "acts_for"],
                condition=Q(withdrawn_at=None),
                name="one_open_proxy",
            ),
            models.CheckConstraint(condition=~Q(person=F("acts_for")), name="proxy_for_another"),
        ]


class AccessLog(models.Model):
    """Who read which sensitive field of whom, when, and for what purpose. Append-only (trigger)."""

    reader = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="access_log")
    field = models.CharField(max_length=40)
    purpose = models.CharField(max_length=200)
    at = models.DateTimeField()
    matter = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(purpose=""), name="access_has_purpose")]
        indexes = [models.Index(fields=["person", "-at"], name="access_of_person")]


class ImportBatch(models.Model):
    """One roster file: dry run, counts, application, undo within 24 hours."""

    class State(models.TextChoices):
        CHECKED = "checked", "已检查"
        APPLIED = "applied", "已导入"
        UNDONE = "undone", "已撤销"

    place = models.ForeignKey(Place, on_delete=models.PROTECT)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    file = models.BinaryField(null=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.CHECKED)
    progress = models.PositiveSmallIntegerField(default=0)
    counts = models.JSONField(default=dict)
    errors = models.JSONField(default=list)  # first 50
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)


class ImportChange(models.Model):
    """What a batch changed in one person, so that it can be put back."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="changes")
    person = models.BigIntegerField()
    before = models.JSONField()
    after = models.JSONField()


class Accounts(BaseUserManager["Account"]):
    """How accounts are found: by their sign-in name."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(username=username)


class Account(AbstractBaseUser):
    """A way to sign in. Residents by phone code, staff by password and TOTP."""

    username = models.CharField(max_length=60, unique=True)
    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="account")
    totp_secret = models.CharField(max_length=64, default="", blank=True)
    totp_last = models.BigIntegerField(default=0)  # a code is good once
    elder = models.BooleanField(default=False)
    language = models.CharField(max_length=10, default="", blank=True)
    is_active = models.BooleanField(default=True)

    objects = Accounts()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []


class SignInCode(models.Model):
    """A six-digit code sent to a phone: hashed, five minutes, five tries."""

    phone = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["phone", "-sent_at"], name="code_of_phone")]


class SignInFailure(models.Model):
    """A wrong password or TOTP; five within 15 minutes close the door for as long."""

    username = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["username", "-at"], name="failure_of_account")]


class Invite(models.Model):
    """An invitation QR: opens an account for one person, or a household door for a resident."""

    token = models.CharField(max_length=32, unique=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE)
    place = models.ForeignKey(Place, null=True, on_delete=models.CASCADE)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class ApiToken(models.Model):
    """A key of a program: hashed, scoped, ending."""

    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    scopes = models.JSONField(default=list)  # people.roles.SCOPES
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    at = models.DateTimeField(db_default=Now())


class Note(models.Model):
    """A short note to one person, in his own list; also by text if he agreed to that."""

    key = models.CharField(max_length=60, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notes")
    words = models.CharField(max_length=300)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    texted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-at"], name="note_of_person")]
