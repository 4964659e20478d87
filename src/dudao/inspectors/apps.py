from django.apps import AppConfig

from dudao.shell.nav import Entry


class InspectorsConfig(AppConfig):
    name = "dudao.inspectors"
    verbose_name = "督学"
    nav = (
        Entry(
            "督学队伍",
            "督学名册",
            "inspectors:list",
            icon="users",
            may=frozenset({"inspector.manage", "inspector.read"}),
        ),
        Entry("督学队伍", "申请督学回避", "inspectors:asked", icon="user", may=frozenset({"inspector.ask"})),
        Entry("督学队伍", "我的督学登记", "inspectors:mine", icon="user", may=frozenset({"inspector.self"})),
    )
    message_kinds = {"inspectors.ending": "督学到期提醒"}
