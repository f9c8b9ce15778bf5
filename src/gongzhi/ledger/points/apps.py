from django.apps import AppConfig


class PointsConfig(AppConfig):
    name = "gongzhi.ledger.points"
    label = "points"
    default_auto_field = "django.db.models.BigAutoField"
