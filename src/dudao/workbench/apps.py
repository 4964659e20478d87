from django.apps import AppConfig

from dudao.shell.nav import Entry


class WorkbenchConfig(AppConfig):
    name = "dudao.workbench"
    label = "workbench"
    verbose_name = "工作台"
    nav = (Entry("", "工作台", "workbench:home", icon="layout-dashboard"),)
