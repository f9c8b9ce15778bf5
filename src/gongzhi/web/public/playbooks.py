"""Ways of governing, each on a page a villager can read, with its picture."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from markupsafe import Markup

from gongzhi.core.errors import NotFound
from gongzhi.matters import words
from gongzhi.places import queries
from gongzhi.places.models import PlaybookVersion
from gongzhi.playbooks import explain, picture
from gongzhi.research import cases
from gongzhi.web.asked import Asked


@require_GET
def listed(request: Asked) -> HttpResponse:
    """Those adopted somewhere in this county, newest version of each."""
    newest = PlaybookVersion.objects.order_by("playbook", "-version").distinct("playbook")
    rows = [
        {"id": row.playbook, "version": row.version, "words": words.of(queries.playbook(row.pk))}
        for row in newest
    ]
    return render(request, "public/playbooks.html", {"rows": rows})


@require_GET
def page(request: Asked, name: str) -> HttpResponse:
    """The newest version of one, explained."""
    row = PlaybookVersion.objects.filter(playbook=name).order_by("-version").first()
    if row is None:
        raise NotFound("这里没有采用这个治理办法。")
    playbook = queries.playbook(row.pk)
    language = words.language()
    page = {
        "playbook": playbook,
        "words": words.of(playbook),
        "digest": row.pk,
        "picture": Markup(picture.svg(playbook, language)),  # noqa: S704 - our own drawing
        "sections": explain.sections(playbook, language),
        "has_figures": cases.known(name),
    }
    return render(request, "public/playbook.html", page)
