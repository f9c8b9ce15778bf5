"""Addresses: participatory budgets and project accounts."""

from django.urls import URLPattern, URLResolver, path

from gongzhi.web.budgets import accounts, desk, reading, voting, writing

urlpatterns: list[URLPattern | URLResolver] = [
    path("budgets", reading.listed, name="budgets"),
    path("budgets/<int:budget_id>", reading.page, name="budget"),
    path("budgets/<int:budget_id>/result", reading.result, name="budget_result"),
    path("budgets/<int:budget_id>/file.pb", reading.exported, name="budget_file"),
    path("budgets/<int:budget_id>/idea", writing.submit, name="budget_submit"),
    path("budgets/<int:budget_id>/vote", voting.vote, name="budget_vote"),
    path("budgets/ideas/<int:idea_id>", reading.idea, name="budget_idea"),
    path("budgets/ideas/<int:idea_id>/withdrawal", writing.withdraw, name="budget_withdraw"),
    path("budgets/entries/<int:entry_id>", writing.confirm, name="budget_confirm"),
    path("budgets/receipts/<str:sha256>", reading.receipt, name="budget_receipt"),
    path("staff/budgets", desk.listed, name="budget_desk"),
    path("staff/budgets/new", desk.new, name="budget_new"),
    path("staff/budgets/<int:budget_id>", desk.page, name="budget_run"),
    path("staff/budgets/<int:budget_id>/steps/<str:step>", desk.step, name="budget_step"),
    path("staff/budgets/<int:budget_id>/file", desk.take_in, name="budget_import"),
    path("staff/budgets/ideas/<int:idea_id>", desk.judge, name="budget_judge"),
    path("staff/budgets/ideas/<int:idea_id>/account", accounts.page, name="budget_account"),
    path(
        "staff/budgets/ideas/<int:idea_id>/supervisors", accounts.supervisor,
        name="budget_supervisor",
    ),
    path("staff/budgets/ideas/<int:idea_id>/finish", accounts.finish, name="budget_finish"),
]  # fmt: skip
