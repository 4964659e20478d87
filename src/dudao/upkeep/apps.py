from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    name = "dudao.upkeep"
    label = "upkeep"
    verbose_name = "运行维护"
