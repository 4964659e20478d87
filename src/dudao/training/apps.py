from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "dudao.training"
    verbose_name = "督学培训"
