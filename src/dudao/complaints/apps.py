from django.apps import AppConfig

from dudao.shell.nav import Entry


class ComplaintsConfig(AppConfig):
    name = "dudao.complaints"
    verbose_name = "投诉登记"
    nav = (
        Entry(
            "督学队伍",
            "投诉登记",
            "complaints:list",
            icon="message-2",
            may=frozenset({"inspector.manage", "inspector.read"}),
        ),
        Entry("督学队伍", "转我办理的投诉", "complaints:list", icon="message-2", may=frozenset({"inspector.self"})),
    )
    message_kinds = {"complaints.handed": "投诉转办"}
