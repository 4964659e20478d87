from django.apps import AppConfig

from dudao.shell.nav import Entry


class InspectionsConfig(AppConfig):
    name = "dudao.inspections"
    verbose_name = "督导检查"
    nav = (Entry("督导评估", "督导检查", "inspections:list", icon="clipboard-check"),)
