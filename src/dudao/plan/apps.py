from django.apps import AppConfig


class PlanConfig(AppConfig):
    name = "dudao.plan"
    label = "plan"
    verbose_name = "年度工作"
