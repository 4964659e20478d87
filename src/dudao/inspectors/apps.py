from django.apps import AppConfig


class InspectorsConfig(AppConfig):
    name = "dudao.inspectors"
    verbose_name = "督学"
