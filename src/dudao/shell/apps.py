from django.apps import AppConfig


class ShellConfig(AppConfig):
    name = "dudao.shell"
    verbose_name = "页面外壳"
