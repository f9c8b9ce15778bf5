from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "gongzhi.deliberation.proposals"
    default_auto_field = "django.db.models.BigAutoField"
