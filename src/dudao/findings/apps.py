from django.apps import AppConfig

from dudao.shell.nav import Entry

_THOSE = frozenset({"loop.office", "loop.lead"})


class FindingsConfig(AppConfig):
    name = "dudao.findings"
    verbose_name = "问题整改"
    nav = (
        Entry("问题整改", "问题", "findings:list", icon="alert-circle"),
        Entry("问题整改", "到期与逾期", "findings:queue", icon="clock"),
        Entry("问题整改", "督办与措施", "findings:measures", icon="writing"),
        Entry("问题整改", "问责", "findings:cases", icon="rubber-stamp", may=_THOSE),
        Entry("问题整改", "统计分析", "findings:statistics", icon="chart-bar", may=_THOSE),
    )
    message_kinds = {"findings.danger": "危及师生安全上报", "findings.due": "整改提醒"}
