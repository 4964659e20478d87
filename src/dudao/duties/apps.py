from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "dudao.duties"
    verbose_name = "责任区与挂牌"
