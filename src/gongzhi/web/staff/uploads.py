"""Photos of a form that can fail: stored at once, remembered by key, so that none is lost."""

from django.http import HttpRequest, QueryDict

from gongzhi.core.errors import Refused
from gongzhi.matters import actions
from gongzhi.web.staff import frame

MOST = 6


def stored(request: HttpRequest) -> QueryDict:
    """The posted form, its files stored and their keys written into its field `uploaded`.

    A file that cannot be read is left to the form's own check: `problem` of the request says why.
    """
    data = request.POST.copy()
    known = list(keys(data.get("uploaded", "")))
    for n, file in enumerate(request.FILES.getlist("photos")[:MOST]):
        name = f"{data.get('key', '')[:40]}-{len(known)}-{n}"
        try:
            kept = actions.upload(
                by=frame.viewer(request).person_id, at=frame.now(), key=name,
                data=file.read(), name=file.name or "",
            )  # fmt: skip
        except Refused as refusal:
            request.upload_refused = refusal  # type: ignore[attr-defined]
            continue
        known.append(kept.key)
    data["uploaded"] = " ".join(known[:MOST])
    return data


def refused(request: HttpRequest) -> Refused | None:
    """Why one of the files could not be stored."""
    found: Refused | None = getattr(request, "upload_refused", None)
    return found


def keys(text: str) -> tuple[str, ...]:
    """The keys in the hidden field."""
    return tuple(dict.fromkeys(text.split()))[:MOST]
