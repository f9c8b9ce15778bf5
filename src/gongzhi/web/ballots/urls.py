"""Addresses: voting: the vote page, paper entry, receipts, the board of ballots."""

from django.urls import URLPattern, URLResolver, path

from gongzhi.web.ballots import board, desk, papers, topics, voting

_PUBLIC = [
    path("votes", voting.listed, name="votes"),
    path("votes/recount.py", board.script, name="recount_script"),
    path("votes/<int:motion_id>", voting.page, name="vote"),
    path("votes/<int:motion_id>/choice", voting.confirm, name="vote_confirm"),
    path("votes/<int:motion_id>/ballot", voting.cast, name="vote_cast"),
    path("votes/<int:motion_id>/slip", voting.slip, name="vote_slip"),
    path("votes/<int:motion_id>/change", voting.change, name="vote_change"),
    path("votes/<int:motion_id>/conflict", voting.stand_aside, name="vote_conflict"),
    path("votes/<int:motion_id>/room", voting.room, name="vote_room"),
    path("votes/<int:motion_id>/result", board.result, name="vote_result"),
    path("votes/<int:motion_id>/board", board.page, name="vote_board"),
    path("votes/<int:motion_id>/board.json", board.download, name="vote_board_file"),
    path("votes/<int:motion_id>/receipt", board.check, name="vote_receipt"),
    path("topics", topics.page, name="topics"),
    path("topics/proposals", topics.propose, name="propose_topic"),
    path("topics/<int:topic_id>/appeal", topics.appeal, name="appeal_topic"),
]
_STAFF = [
    path("staff/votes", desk.listed, name="staff_votes"),
    path("staff/votes/new", desk.new, name="new_vote"),
    path("staff/votes/owners.xlsx", desk.owners_table, name="owners_table"),
    path("staff/votes/<int:motion_id>", desk.page, name="staff_vote"),
    path("staff/votes/<int:motion_id>/steps/<str:verb>", desk.step, name="vote_step"),
    path("staff/votes/<int:motion_id>/roll", papers.roll, name="vote_roll"),
    path("staff/votes/<int:motion_id>/roll/marks", papers.mark, name="vote_mark"),
    path("staff/votes/<int:motion_id>/papers", papers.page, name="vote_papers"),
    path("staff/topics", topics.desk, name="staff_topics"),
    path("staff/topics/<int:topic_id>", topics.review, name="review_topic"),
]

urlpatterns: list[URLPattern | URLResolver] = [*_PUBLIC, *_STAFF]
