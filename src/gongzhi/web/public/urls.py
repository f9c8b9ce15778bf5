"""Addresses of the public pages: the board, the county view, the playbooks."""

from django.urls import path

from gongzhi.web.public import board, county, figures, playbooks, qr

urlpatterns = [
    path("board", board.page, name="board"),
    path("board/places/<str:code>", board.page, name="board_of"),
    path("board/<int:item>", board.publication, name="publication"),
    path("board/<int:item>/objections", board.object_to, name="object_to"),
    path("county", county.page, name="county"),
    path("county/<str:code>", county.page, name="county_of"),
    path("county/<str:code>/levels", county.shares, name="shares"),
    path("playbooks", playbooks.listed, name="playbooks"),
    path("playbooks/<str:name>", playbooks.page, name="playbook"),
    path("playbooks/<str:name>/figures", figures.page, name="figures"),
    path("playbooks/<str:name>/figures.pdf", figures.printed, name="figures_pdf"),
    path("places/<str:code>/codes", qr.page, name="codes"),
]
