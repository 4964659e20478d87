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
        Entry("督学队伍", "我的督学登记", "inspectors:mine", icon="user", may=frozenset({"inspector.self"})),
    )
