from django.apps import AppConfig

from dudao.shell.nav import Entry


class TeamsConfig(AppConfig):
    name = "dudao.teams"
    verbose_name = "组队与分工"
    nav = (Entry("督学队伍", "组队与分工", "teams:list", icon="git-compare", may=frozenset({"inspector.manage"})),)
