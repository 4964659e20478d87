from django.apps import AppConfig


class DrawsConfig(AppConfig):
    name = "dudao.draws"
    verbose_name = "随机抽取"
