from django.apps import AppConfig


class TeamsConfig(AppConfig):
    name = "dudao.teams"
    verbose_name = "组队与分工"
