from django.apps import AppConfig


class RoundsConfig(AppConfig):
    name = "gongzhi.deliberation.rounds"
    default_auto_field = "django.db.models.BigAutoField"
