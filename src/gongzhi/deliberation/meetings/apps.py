from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "gongzhi.deliberation.meetings"
    default_auto_field = "django.db.models.BigAutoField"
