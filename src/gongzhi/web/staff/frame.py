"""What every page of the staff desk shares: who may enter, forms with clear errors, one write.

A view asks `seen_by` who is there, fills a `Form`, and hands one domain call to `Form.attempt`.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.errors import BadInput, KeyReused, NotAllowed, Refused, Stale, WrongMethod
from gongzhi.core.spoken import spoken
from gongzhi.people.permissions import Viewer

P = ParamSpec("P")
T = TypeVar("T")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def viewer(request: HttpRequest) -> Viewer:
    """Who asks; set by the middleware."""
    found: Viewer = request.viewer  # type: ignore[attr-defined]
    return found


def staff_only(view: View[P]) -> View[P]:
    """The staff desk: strangers are sent to sign in, residents are told kindly."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        who = viewer(request)
        if who.person_id is None:
            return redirect(f"{reverse('sign_in')}?next={quote(request.get_full_path())}")
        if not who.is_staff:
            raise NotAllowed(
                "这里是工作人员的办事台，您现在的身份是居民。",
                todo="您的事在“我的事”里；工作人员请换自己的账号登录。",
            )
        return view(request, *args, **kwargs)

    return checked


def post_only(view: View[P]) -> View[P]:
    """For an address that only takes a form: anything else is told so in a sentence."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method != "POST":
            raise WrongMethod(
                "这个地址只接收提交的表格。", code="post_only", todo="请从待办重新进入。"
            )
        return view(request, *args, **kwargs)

    return checked


def now() -> datetime:
    """The one reading of the clock of a request."""
    return timezone.now()


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """A page of the staff desk."""
    return render(request, f"staff/{template}", dict(context), status=status)


def done(request: HttpRequest, words: str, name: str, **kwargs: Any) -> HttpResponse:
    """After a write: say what happened, on the page it belongs to."""
    messages.success(request, words)
    return redirect(reverse(f"staff:{name}", kwargs=kwargs))


def go(name: str, **kwargs: Any) -> HttpResponse:
    """To another page of the desk."""
    return redirect(reverse(f"staff:{name}", kwargs=kwargs))


def attachment(name: str) -> str:
    """A Content-Disposition that keeps a Chinese file name."""
    header = content_disposition_header(as_attachment=True, filename=name)
    assert header is not None
    return header


def told(request: HttpRequest, words: str, name: str, query: str = "") -> HttpResponse:
    """After a small write: back to a page without parts in its address, with its query."""
    messages.success(request, words)
    return redirect(f"{reverse(f'staff:{name}')}{'?' + query if query else ''}")


def warned(request: HttpRequest, words: str, name: str, query: str = "") -> HttpResponse:
    """The same when nothing was written."""
    messages.warning(request, words)
    return redirect(f"{reverse(f'staff:{name}')}{'?' + query if query else ''}")


class Form(forms.Form):
    """A form whose refusals stand beside their fields; the hidden key makes it safe to repeat."""

    use_required_attribute = False
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)

    submit = "提交"
    refusal: Refused | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial.setdefault("key", uuid.uuid4().hex)
        for field in self.fields.values():
            words = _("请填写“%s”。") if _is_typed(field) else _("请选择“%s”。")
            field.error_messages["required"] = words % (field.label or "")

    def hidden(self) -> list[forms.BoundField]:
        """The fields nobody sees."""
        return self.hidden_fields()

    def shown(self) -> list[forms.BoundField]:
        """The fields in the order people fill them."""
        return self.visible_fields()

    def value(self, name: str) -> Any:
        """What was typed, or what the field starts with."""
        return self[name].value()

    @property
    def status(self) -> int:
        """The status of the page that shows the form again."""
        if self.refusal is not None:
            return self.refusal.status
        return 422 if self.is_bound and self.errors else 200

    @property
    def stale(self) -> Stale | None:
        """Set when somebody else was faster; the page then shows the new state."""
        return self.refusal if isinstance(self.refusal, Stale) else None

    def attempt(self, call: Callable[[dict[str, Any]], T]) -> T | None:
        """The one domain call, if the form can be read; a refusal becomes an error of the form."""
        if not self.is_valid():
            return None
        try:
            return call(self.cleaned_data)
        except Refused as refusal:
            self.refuse(refusal)
            return None

    def did(self, call: Callable[[dict[str, Any]], object]) -> bool:
        """As `attempt`, for who needs only to know whether it was done."""

        def told(typed: dict[str, Any]) -> bool:
            call(typed)
            return True

        return self.attempt(told) is not None

    def refuse(self, refusal: Refused) -> None:
        """Put the refusal where it belongs and keep everything that was typed."""
        self.refusal = refusal
        words = " ".join(part for part in (spoken(refusal.words), spoken(refusal.todo)) if part)
        field = refusal.field if isinstance(refusal, BadInput) else ""
        # A program's name for it may be longer: "attendance.by_role.affected".
        last = field.rpartition(".")[2]
        named = next((f for f in (field, last, f"role_{last}") if f in self.fields), None)
        self.add_error(named, words)
        if isinstance(refusal, KeyReused):
            self.renew_key()

    def renew_key(self) -> None:
        """Another key: the same submission may be sent again with other content."""
        self.set("key", uuid.uuid4().hex)

    def set(self, name: str, value: str) -> None:
        """Put another value into what was posted."""
        assert isinstance(self.data, QueryDict)
        posted = self.data.copy()
        posted[self.add_prefix(name)] = value
        self.data = posted


def _is_typed(field: forms.Field) -> bool:
    return not isinstance(field, forms.ChoiceField | forms.FileField | forms.BooleanField)


class Lines(forms.Textarea):
    """A text of some lines."""

    def __init__(self, rows: int = 3) -> None:
        super().__init__(attrs={"rows": rows})


class Day(forms.DateInput):
    """A day, with the browser's own picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class Moment(forms.DateTimeInput):
    """A day and an hour, with the browser's own picker."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


def count(label: Any, *, required: bool = True, most: int = 1_000_000) -> forms.IntegerField:
    """A number of people."""
    return forms.IntegerField(label=label, min_value=0, max_value=most, required=required)


def reason(label: Any, *, required: bool = True, most: int = 200) -> forms.CharField:
    """Why; read by those it concerns."""
    return forms.CharField(label=label, required=required, max_length=most, widget=Lines())


class Photos(forms.FileInput):
    """Several files in one field."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Up to six photos; nothing is checked here but their number."""

    widget = Photos

    def __init__(self, label: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            help_text=gettext_lazy("最多6张。拍摄地点和时间会自动去掉。"),
            widget=Photos(attrs={"accept": "image/*"}),
        )

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The files; ValidationError for more than six."""
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if len(files) > 6:
            raise forms.ValidationError(_("最多6张照片。"))
        return [super(PhotosField, self).clean(file, initial) for file in files]


def number(request: HttpRequest, name: str, default: int) -> int:
    """A whole number of the address; the default where it is none."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else default
