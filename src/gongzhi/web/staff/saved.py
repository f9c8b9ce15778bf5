"""Lists with a name: the filter itself is an address, only its name is kept."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.matters.actions import saved as actions
from gongzhi.web.staff import frame


class SaveForm(frame.Form):
    """A name for the present filter."""

    name = forms.CharField(label=gettext_lazy("存成常用，起个名字"), max_length=20)
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=400)


@frame.staff_only
@frame.post_only
def save(request: HttpRequest) -> HttpResponse:
    """Keep the present filter under a name; the same name again replaces it."""
    form, by = SaveForm(request.POST), frame.viewer(request).person_id or 0

    def keep(typed: dict[str, Any]) -> bool:
        actions.save_filter(by=by, at=frame.now(), name=typed["name"], query=typed["query"])
        return True

    if not form.attempt(keep):
        words = " ".join(str(word) for words in form.errors.values() for word in words)
        return frame.warned(request, words, "inbox", request.POST.get("query", "")[:400])
    words = _("已存成常用“%s”。") % form.cleaned_data["name"]
    return frame.told(request, words, "inbox", form.cleaned_data["query"])


@frame.staff_only
@frame.post_only
def forget(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Remove a named list; only its own person's."""
    by = frame.viewer(request).person_id or 0
    actions.forget_filter(by=by, at=frame.now(), filter_id=filter_id)
    return frame.told(request, _("已经去掉。"), "inbox", "")
