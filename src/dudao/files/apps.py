from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "dudao.files"
    label = "files"
    verbose_name = "佐证材料"
