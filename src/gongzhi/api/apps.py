from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "gongzhi.api"
    default_auto_field = "django.db.models.BigAutoField"
