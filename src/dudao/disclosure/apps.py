from django.apps import AppConfig

from dudao.shell.nav import Entry

_MAY = frozenset({"publish.prepare", "publish.review", "publish.secrecy"})


class DisclosureConfig(AppConfig):
    name = "dudao.disclosure"
    label = "disclosure"
    verbose_name = "信息公开"
    nav = (
        Entry("公开", "信息公开", "disclosure:list", icon="world", may=_MAY),
        Entry("公开", "公开目录", "disclosure:catalogue", icon="list", may=_MAY),
    )
