from django.apps import AppConfig

from dudao.shell.nav import Entry

_THOSE = frozenset({"dossier.manage", "dossier.judge", "dossier.answer", "dossier.read"})


class DossiersConfig(AppConfig):
    name = "dudao.dossiers"
    verbose_name = "材料与判定台账"
    nav = (Entry("督导评估", "材料与判定台账", "dossiers:list", icon="folder-open", may=_THOSE),)
    message_kinds = {"dossier.asked": "材料报送提醒", "dossier.returned": "材料退回补充"}
