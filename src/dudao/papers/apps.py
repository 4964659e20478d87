from django.apps import AppConfig

from dudao.shell.nav import Entry


class PapersConfig(AppConfig):
    name = "dudao.papers"
    label = "papers"
    verbose_name = "公文"
    nav = (
        Entry(
            "督导评估",
            "公文",
            "papers:list",
            icon="file-certificate",
            may=frozenset({"paper.draft", "paper.issue"}),
        ),
        Entry("督导评估", "收文", "papers:received", icon="inbox", may=frozenset({"paper.receive"})),
    )
    message_kinds = {"papers.issued": "公文签收", "papers.cosign": "公文会签", "papers.withdrawn": "公文撤回"}
