from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "gongzhi.matters"
    default_auto_field = "django.db.models.BigAutoField"
