"""Lists with a name: the filter itself is an address, only its name is kept."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.web.staff import frame, reads


class SaveForm(frame.Form):
    """A name for the present filter."""

    name = forms.CharField(label=gettext_lazy("存成常用，起个名字"), max_length=20)
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=400)


@frame.staff_only
@frame.post_only
def save(request: HttpRequest) -> HttpResponse:
    """Keep the present filter under a name; the same name again replaces it."""
    form = SaveForm(request.POST)
    if not form.is_valid():
        words = " ".join(str(word) for words in form.errors.values() for word in words)
        return frame.warned(request, words, "inbox", request.POST.get("query", "")[:400])
    query = form.cleaned_data["query"]
    reads.keep_filter(frame.viewer(request).person_id or 0, form.cleaned_data["name"], query)
    words = _("已存成常用“%s”。") % form.cleaned_data["name"]
    return frame.told(request, words, "inbox", query)


@frame.staff_only
@frame.post_only
def forget(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Remove a named list; only its own person's."""
    reads.drop_filter(frame.viewer(request).person_id or 0, filter_id)
    return frame.told(request, _("已经去掉。"), "inbox", "")
