from django.apps import AppConfig

from dudao.shell.nav import Entry

_THOSE = frozenset({"report.manage", "indicator.manage", "indicator.read", "paper.issue"})


class RecognitionConfig(AppConfig):
    name = "dudao.recognition"
    verbose_name = "自查报告与认定"
    nav = (Entry("督导评估", "自查报告与认定", "recognition:list", icon="certificate", may=_THOSE),)
