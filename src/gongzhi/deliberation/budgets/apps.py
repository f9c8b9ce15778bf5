from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    name = "gongzhi.deliberation.budgets"
    default_auto_field = "django.db.models.BigAutoField"
