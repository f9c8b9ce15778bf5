"""Addresses: on line rounds: statements, agree or disagree, the picture of opinions."""

from django.urls import URLPattern, URLResolver, path

from gongzhi.web.rounds import desk, results, taking_part

urlpatterns: list[URLPattern | URLResolver] = [
    path("rounds", taking_part.listed, name="rounds"),
    path("rounds/rules", taking_part.policy, name="round_rules"),
    path("rounds/<int:round_id>", taking_part.asked, name="round"),
    path("rounds/<int:round_id>/vote", taking_part.vote, name="round_vote"),
    path("rounds/<int:round_id>/say", taking_part.say, name="round_say"),
    path("rounds/<int:round_id>/statements", taking_part.statements, name="round_statements"),
    path("rounds/<int:round_id>/statements/<int:which>", taking_part.one, name="round_statement"),
    path("rounds/<int:round_id>/result", results.result, name="round_result"),
    path("rounds/<int:round_id>/votes.csv", results.matrix, name="round_matrix"),
    path("staff/rounds", desk.listed, name="round_desk"),
    path("staff/rounds/new", desk.new, name="round_new"),
    path("staff/rounds/<int:round_id>", desk.manage, name="round_manage"),
    path("staff/rounds/<int:round_id>/seed", desk.seed, name="round_seed"),
    path("staff/rounds/<int:round_id>/close", desk.close, name="round_close"),
    path("staff/rounds/statements/<int:statement_id>", desk.decide, name="round_decide"),
]
