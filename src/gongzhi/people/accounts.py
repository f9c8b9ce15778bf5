"""Ways in: phone codes for residents, password and TOTP for staff, tokens for programs, invites."""

import re
import secrets
from datetime import datetime, timedelta

import pyotp
from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F

from gongzhi.core import text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, TooMany
from gongzhi.core.spoken import spoken
from gongzhi.people import rules
from gongzhi.people.gateway import Gateway, gateway
from gongzhi.people.models import Account, ApiToken, Invite, Person, SignInCode, SignInFailure
from gongzhi.people.roles import SCOPES

CODE_LIFE = timedelta(minutes=5)
CODE_TRIES = 5
CODES_A_HOUR = 5
LOCK_AFTER, LOCK_FOR = 5, timedelta(minutes=15)
LONGEST_NAME = 60  # of the column; a longer one is nobody's
TOKEN_LIFE = timedelta(days=365)
_MOBILE = re.compile(r"^1[3-9]\d{9}$")
# Compared against when there is no such account, so that both answers take as long.
_NO_PASSWORD = make_password("no such account")


def phone_number(value: str) -> str:
    """A mainland mobile number as it is stored; BadInput for anything else."""
    number = text.number(value)
    number = number.removeprefix("+86").removeprefix("0086")
    if not _MOBILE.match(number):
        raise BadInput(
            "phone", "手机号应是 1 开头的 11 位数字。", todo="请看看有没有多按或少按一位。"
        )
    return number


def _sealed(secret: str) -> str:
    return rules.digest(secret, settings.SECRET_KEY)


def _alone(name: str) -> None:
    """Hold everybody else who wants the same name until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def request_code(*, phone: str, at: datetime, sender: Gateway | None = None) -> datetime:
    """Send a six-digit code; returns until when it is good. TooMany: one a minute, five an hour."""
    number = phone_number(phone)
    code = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        _alone("code:" + number)
        sent = list(
            SignInCode.objects.filter(phone=number, sent_at__gt=at - timedelta(hours=1))
            .order_by("-sent_at")
            .values_list("sent_at", flat=True)
        )
        if sent and sent[0] > at - timedelta(minutes=1):
            raise TooMany("一分钟内只能发一次验证码。", todo="请等一分钟，看看短信是不是已经到了。")
        if len(sent) >= CODES_A_HOUR:
            raise TooMany(
                "一小时内最多发五次验证码。", todo="请过一会儿再试，或请社区工作人员帮忙。"
            )
        SignInCode.objects.create(
            phone=number, digest=_sealed(number + code), sent_at=at, expires_at=at + CODE_LIFE
        )
    words = spoken(f"共治登录验证码 {code}，5 分钟内有效，请不要告诉别人。")
    (sender or gateway()).send(number, words)
    return at + CODE_LIFE


def sign_in_by_code(*, phone: str, code: str, at: datetime) -> Account:
    """The account behind a phone; made on first sign-in. A code is good once, for five tries."""
    number = phone_number(phone)
    _use_code(number, text.number(code), at)
    with transaction.atomic():
        _alone("account:" + number)
        account = (
            Account.objects.filter(person__phone=number).order_by("person_id").first()
            or Account.objects.filter(username=number).first()
        )
        if account is None:
            person = Person.objects.filter(phone=number).order_by("-head", "id").first()
            if person is None:
                person = Person.objects.create(name=f"居民{number[-4:]}", phone=number)
            account = _open_account(person, number)
    return _active(account)


def _use_code(number: str, code: str, at: datetime) -> None:
    """Count the try first, then compare: a refused try is never rolled back."""
    newest = SignInCode.objects.filter(phone=number).order_by("-sent_at", "-id").first()
    if newest is None or newest.used_at is not None or newest.expires_at <= at:
        raise BadInput("code", "验证码已过期或已用过。", todo="请重新获取验证码。")
    counted = SignInCode.objects.filter(pk=newest.pk, tries__lt=CODE_TRIES, used_at=None).update(
        tries=F("tries") + 1
    )
    if not counted:
        raise TooMany("验证码输错次数太多。", todo="请重新获取验证码。")
    if not secrets.compare_digest(newest.digest, _sealed(number + code)):
        raise BadInput("code", "验证码不对。", todo="请核对短信里的六位数字。")
    if not SignInCode.objects.filter(pk=newest.pk, used_at=None).update(used_at=at):
        raise BadInput("code", "验证码已过期或已用过。", todo="请重新获取验证码。")


def _open_account(person: Person, username: str) -> Account:
    account = Account(username=username, person=person)
    account.set_unusable_password()
    account.save()
    return account


def _active(account: Account) -> Account:
    if not account.is_active:
        raise NotAllowed("这个账号已停用。", todo="请联系所在社区（村）。")
    return account


def sign_in_by_password(
    *, username: str, password: str, at: datetime, totp: str = "", second_factor: bool = True
) -> Account:
    """Staff sign-in. With a TOTP secret on the account the six digits are asked for as well.

    Raises BadInput("totp", code="totp_needed") when only those are missing; TooMany when locked.
    `second_factor=False` is for demonstration accounts only.
    """
    name = text.number(username).lower()[:LONGEST_NAME]
    since = at - LOCK_FOR
    if SignInFailure.objects.filter(username=name, at__gt=since).count() >= LOCK_AFTER:
        raise TooMany("连续输错五次，账号已锁定 15 分钟。", todo="请稍后再试，或请安全管理员重设。")
    account = Account.objects.filter(username=name).first()
    if not check_password(password, account.password if account else _NO_PASSWORD) or not account:
        SignInFailure.objects.create(username=name, at=at)
        raise BadInput("password", "账号或密码不对。")
    if account.totp_secret and second_factor:
        _check_totp(account, totp, at)
    SignInFailure.objects.filter(username=name).delete()
    return _active(account)


def _check_totp(account: Account, totp: str, at: datetime) -> None:
    code = text.number(totp)
    if not code:
        raise BadInput("totp", "请输入动态口令。", code="totp_needed")
    clock = pyotp.TOTP(account.totp_secret)
    now = clock.timecode(at)
    for step in (now, now - 1, now + 1):
        if pyotp.utils.strings_equal(code, clock.generate_otp(step)):
            # Only one of two sign-ins with the same digits moves `totp_last` forward.
            if Account.objects.filter(pk=account.pk, totp_last__lt=step).update(totp_last=step):
                return
            break
    SignInFailure.objects.create(username=account.username, at=at)
    raise BadInput("totp", "动态口令不对，或刚才已经用过。", todo="请等下一组六位数字。")


def set_password(*, account_id: int, password: str, by: int | None, at: datetime) -> None:
    """A new password after the validators of the settings; BadInput with their words."""
    account = Account.objects.get(pk=account_id)
    try:
        password_validation.validate_password(password)
    except ValidationError as weak:
        raise BadInput("password", " ".join(weak.messages)) from weak
    account.set_password(password)
    account.save(update_fields=["password"])


def set_totp(*, account_id: int, at: datetime) -> str:
    """Give the account a new TOTP secret; returns the otpauth:// address for its QR."""
    account = Account.objects.get(pk=account_id)
    account.totp_secret, account.totp_last = pyotp.random_base32(), 0
    account.save(update_fields=["totp_secret", "totp_last"])
    return str(
        pyotp.TOTP(account.totp_secret).provisioning_uri(name=account.username, issuer_name="共治")
    )


def open_staff_account(
    *, person_id: int, username: str, password: str, by: int | None, at: datetime
) -> Account:
    """An account with a password for a member of staff; BadInput if the name is taken."""
    name = text.number(username).lower()
    if not re.fullmatch(r"[a-z0-9_.]{3,60}", name):
        raise BadInput("username", "账号只能用小写字母、数字、下划线和点，至少 3 位。")
    if Account.objects.filter(username=name).exclude(person_id=person_id).exists():
        raise BadInput("username", "这个账号名已经有人用了。")
    with transaction.atomic():
        account, _ = Account.objects.get_or_create(person_id=person_id, defaults={"username": name})
        account.username = name
        account.save(update_fields=["username"])
        set_password(account_id=account.pk, password=password, by=by, at=at)
    account.refresh_from_db()
    return account


def set_active(*, account_id: int, active: bool, by: int, at: datetime) -> None:
    """Stop an account, or let it in again."""
    if not Account.objects.filter(pk=account_id).update(is_active=active):
        raise NotFound("没有这个账号。")


def make_token(
    *, person_id: int, name: str, scopes: tuple[str, ...], by: int, at: datetime,
    life: timedelta = TOKEN_LIFE,
) -> tuple[int, str]:  # fmt: skip
    """A key for a program: its id and the secret, which is shown this once only."""
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise BadInput("scopes", f"没有这种权限：{'、'.join(unknown) or '（空）'}。")
    secret = "gz_" + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        name=text.clean(name, 60, field="name", one_line=True),
        digest=_sealed(secret),
        person_id=person_id,
        scopes=list(scopes),
        expires_at=at + life,
        at=at,
    )
    return row.pk, secret


def revoke_token(*, token_id: int, by: int, at: datetime) -> None:
    """End a key at once."""
    if not ApiToken.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=at):
        raise NotFound("没有这个令牌，或已经停用。")


def invite(
    *, by: int, at: datetime, person_id: int | None = None, place_id: int | None = None,
    days: int = 30,
) -> str:  # fmt: skip
    """The token in an invitation QR: for one person, or for the door of a place."""
    token = secrets.token_urlsafe(18)
    Invite.objects.create(
        token=token, person_id=person_id, place_id=place_id, by_id=by,
        expires_at=at + timedelta(days=days),
    )  # fmt: skip
    return token


def join_by_invite(*, token: str, at: datetime) -> Account:
    """Open (or find) the account a person was invited to. An invitation works once."""
    with transaction.atomic():
        found = Invite.objects.select_for_update().filter(token=token, used_at=None).first()
        if found is None or found.expires_at <= at or found.person_id is None:
            raise NotFound("邀请已用过或已过期。", todo="请向网格员要一张新的邀请码。")
        found.used_at = at
        found.save(update_fields=["used_at"])
        person = Person.objects.get(pk=found.person_id)
        account = Account.objects.filter(person=person).first()
        return _active(account or _open_account(person, person.phone or f"p{person.pk}"))


def prefer(
    *, account_id: int, at: datetime, elder: bool | None = None, language: str | None = None
) -> None:
    """Remember how a person likes to read: large type, language. None leaves it as it is."""
    wishes = {"elder": elder, "language": language}
    kept = {name: wish for name, wish in wishes.items() if wish is not None}
    if kept:
        Account.objects.filter(pk=account_id).update(**kept)


def tidy(*, at: datetime) -> int:
    """Forget codes and failed tries once they no longer matter (PIPL art. 19)."""
    day_ago = at - timedelta(days=1)
    codes, _ = SignInCode.objects.filter(sent_at__lt=day_ago).delete()
    failures, _ = SignInFailure.objects.filter(at__lt=day_ago).delete()
    return codes + failures
