"""Addresses of the books."""

from django.urls import path

from gongzhi.web.ledger import openings, pages

urlpatterns = [
    path("points/holders/<int:holder_id>/statement", pages.own, name="own_statement"),
    path(
        "points/holders/<int:holder_id>/statement/file", pages.own_file,
        name="own_statement_file",
    ),
    path("staff/ledger", pages.books, name="ledger_books"),
    path("staff/ledger/places/<int:place_id>", pages.book, name="ledger_book"),
    path(
        "staff/ledger/places/<int:place_id>/month/file", pages.month_file,
        name="ledger_month_file",
    ),
    path("staff/ledger/accounts/<int:account_id>", pages.account, name="ledger_account"),
    path(
        "staff/ledger/accounts/<int:account_id>/statement/file", pages.account_file,
        name="ledger_account_file",
    ),
    path("staff/ledger/places/<int:place_id>/openings", openings.listed, name="ledger_openings"),
    path("staff/ledger/openings/template", openings.template, name="ledger_opening_template"),
    path("staff/ledger/openings/<int:opening_id>", openings.page, name="ledger_opening"),
    path(
        "staff/ledger/openings/<int:opening_id>/file", openings.annotated,
        name="ledger_opening_file",
    ),
    path("staff/ledger/openings/<int:opening_id>/entry", openings.enter, name="ledger_enter"),
    path("staff/ledger/openings/<int:opening_id>/undoing", openings.undo, name="ledger_undo"),
]  # fmt: skip
