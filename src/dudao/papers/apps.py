from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "dudao.papers"
    label = "papers"
    verbose_name = "公文"
    message_kinds = {"papers.issued": "公文签收", "papers.cosign": "公文会签", "papers.withdrawn": "公文撤回"}
