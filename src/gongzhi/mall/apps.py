from django.apps import AppConfig


class MallConfig(AppConfig):
    name = "gongzhi.mall"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gongzhi.ledger.points import actions
        from gongzhi.mall import solvent

        actions.solvent_first(solvent.check)
