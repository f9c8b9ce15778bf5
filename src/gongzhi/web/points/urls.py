"""Addresses of points."""

from django.urls import path

from gongzhi.web.points import boards, desk, own, rulebook

urlpatterns = [
    path("points", own.page, name="points"),
    path("points/join", own.join, name="points_join"),
    path("points/claim", own.claim, name="points_claim"),
    path("points/code", own.code, name="points_code"),
    path("points/claims/<int:claim_id>/withdrawal", own.withdraw, name="points_withdraw"),
    path("points/holders/<int:holder_id>/leaving", own.leave, name="points_leave"),
    path("points/books/<int:book_id>", own.book, name="points_book"),
    path("community/<str:code>", boards.page, name="community"),
    path("staff/points", desk.page, name="points_desk"),
    path("staff/points/claims/<int:claim_id>", desk.claim, name="points_check"),
    path("staff/points/claims/<int:claim_id>/photo", desk.photo, name="points_photo"),
    path("staff/points/places/<int:place_id>/notice", desk.post, name="points_notice"),
    path("staff/points/notices/<int:notice_id>/entry", desk.enter, name="points_enter"),
    path("staff/points/budgets", desk.budgets, name="points_budgets"),
    path("staff/points/budgets/<int:activity_id>", desk.fund, name="points_fund"),
    path("staff/points/books", rulebook.listed, name="points_books"),
    path("staff/points/books/new", rulebook.new, name="points_book_new"),
    path("staff/points/books/<int:book_id>", rulebook.page, name="points_book_edit"),
    path("staff/points/books/<int:book_id>/items/<int:item_id>", rulebook.item, name="points_item"),
    path("staff/points/books/<int:book_id>/steps/<str:step>", rulebook.step, name="points_step"),
]
