from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    name = "gongzhi.deliberation.programmes"
    default_auto_field = "django.db.models.BigAutoField"
