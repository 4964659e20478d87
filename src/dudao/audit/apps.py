from django.apps import AppConfig

from dudao.shell.nav import Entry


class AuditConfig(AppConfig):
    name = "dudao.audit"
    label = "audit"
    verbose_name = "留痕"
    nav = (
        Entry("系统", "留痕", "audit:event_list", icon="history", may=frozenset({"audit.read"})),
        Entry("系统", "链校验", "audit:chain_check", icon="link", may=frozenset({"audit.read"})),
    )
