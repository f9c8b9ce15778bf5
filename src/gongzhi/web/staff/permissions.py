"""The permissions page: what each role may do, what it never may, and who holds it where."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gongzhi.people.roles import PERMISSION_WORDS, PERSONAL_WORDS, ROLES
from gongzhi.places import queries as places
from gongzhi.web.staff import access, frame, reads


@frame.staff_only
def permissions(request: HttpRequest) -> HttpResponse:
    """One readable page, made from the declaration that the program itself obeys."""
    viewer = frame.viewer(request)
    wanted = request.GET.get("place", "")
    place = access.place(
        viewer, int(wanted) if wanted.isdecimal() else access.home(viewer).place_id
    )
    page = {
        "title": _("权限"),
        "roles": list(ROLES.values()),
        "letters": PERMISSION_WORDS,
        "personal": PERSONAL_WORDS,
        "place": place,
        "children": places.children(place.pk),
        "above": [p for p in places.ancestors(place) if access.may_open(viewer, p.path)],
        "holders": reads.holders(place.path, frame.now()),
        "mine": viewer.posts,
    }
    return frame.page(request, "permissions.html", page)
