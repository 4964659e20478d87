from django.apps import AppConfig

from dudao.inspectors.pages import Page
from dudao.shell.nav import Entry


class TrainingConfig(AppConfig):
    name = "dudao.training"
    verbose_name = "督学培训"
    inspector_section = "dudao.training.sections.of_inspector"
    nav = (
        Entry(
            "督学队伍",
            "督学培训",
            "training:plan",
            icon="school",
            may=frozenset({"training.manage", "inspector.read"}),
        ),
        Entry("督学队伍", "我的培训", "training:mine", icon="school", may=frozenset({"inspector.self"})),
    )
    message_kinds = {"training.notice": "培训通知"}
    inspector_pages = (Page("培训档案", "training:file", icon="school"),)
