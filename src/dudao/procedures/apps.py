from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "dudao.procedures"
    verbose_name = "程序"
