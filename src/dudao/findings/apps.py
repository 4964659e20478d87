from django.apps import AppConfig


class FindingsConfig(AppConfig):
    name = "dudao.findings"
    verbose_name = "问题整改"
