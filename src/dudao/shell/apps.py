from django.apps import AppConfig

from dudao.shell.wording import speak_plainly


class ShellConfig(AppConfig):
    name = "dudao.shell"
    verbose_name = "页面外壳"

    def ready(self) -> None:
        speak_plainly()
