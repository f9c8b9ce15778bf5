"""Addresses: the proposal form, seconding, levels, results; the desk of proposals."""

from django.urls import URLPattern, URLResolver, path

from gongzhi.web.proposals import desk, reading, taking_part, writing

urlpatterns: list[URLPattern | URLResolver] = [
    path("proposals", reading.listed, name="proposals"),
    path("proposals/new", writing.new, name="proposal_new"),
    path("proposals/similar", writing.similar, name="proposal_similar"),
    path("proposals/results", reading.results, name="proposal_results"),
    path("proposals/<str:number>", reading.page, name="proposal"),
    path("proposals/<str:number>/form", writing.edit, name="proposal_edit"),
    path("proposals/<str:number>/photos/<str:key>", reading.photo, name="proposal_photo"),
    path("proposals/<str:number>/second", taking_part.second, name="proposal_second"),
    path("proposals/<str:number>/comments", taking_part.comment, name="proposal_comment"),
    path("proposals/<str:number>/appeal", taking_part.appeal, name="proposal_appeal"),
    path("proposals/<str:number>/withdrawal", taking_part.take_back, name="proposal_take_back"),
    path("proposals/<str:number>/supervision", taking_part.supervise, name="proposal_supervise"),
    path("proposals/<str:number>/levies/<int:line>", taking_part.levy, name="proposal_levy"),
    path("proposals/<str:number>/lessons", taking_part.learn, name="proposal_learn"),
    path("staff/proposals", desk.inbox, name="proposal_desk"),
    path("staff/proposals/<str:number>", desk.page, name="proposal_case"),
    path("staff/proposals/<str:number>/<str:verb>", desk.do, name="proposal_do"),
]
