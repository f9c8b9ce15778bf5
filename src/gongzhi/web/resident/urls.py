"""Addresses of the resident's pages."""

from django.urls import path

from gongzhi.web.resident import choose, help, home, matter, me, notes, report

urlpatterns = [
    path("", home.page, name="home"),
    path("q/<str:token>", report.scan, name="scan"),
    path("choose", choose.page, name="choose"),
    path("report", report.page, name="report"),
    path("report/photo", report.photo, name="report_photo"),
    path("report/photo/<str:key>", report.upload, name="upload"),
    path("report/similar", report.similar, name="similar"),
    path("report/grids", report.grids, name="grid_layer"),
    path("report/<str:number>/done", report.done, name="report_done"),
    path("mine", matter.mine, name="mine"),
    path("matters/<str:number>", matter.page, name="matter"),
    path("matters/<str:number>/answer", matter.answer, name="answer"),
    path("matters/<str:number>/join", matter.join, name="join"),
    path("matters/<str:number>/moves/<str:verb>", matter.move, name="matter_move"),
    path("me", me.page, name="me"),
    path("me/clear", me.clear, name="me_clear"),
    path("me/data", me.download, name="me_download"),
    path("me/consents/<int:consent>/withdrawal", me.withdraw, name="withdraw_consent"),
    path("me/proxies", me.add_proxy, name="add_proxy"),
    path("me/proxies/<int:proxy>/agreement", me.agree, name="agree_proxy"),
    path("me/proxies/<int:proxy>/withdrawal", me.end_proxy, name="end_proxy"),
    path("me/texts", notes.texts, name="texts"),
    path("notes", notes.page, name="notes"),
    path("notes/read", notes.read, name="notes_read"),
    path("help", help.page, name="help"),
    path("help/paper", help.paper, name="paper"),
]
