from django.apps import AppConfig

from dudao.shell.nav import Entry


class DutiesConfig(AppConfig):
    name = "dudao.duties"
    verbose_name = "责任区与挂牌"
    inspector_section = "dudao.duties.sections.of_inspector"
    nav = (
        Entry(
            "督学队伍",
            "责任区与挂牌",
            "duties:coverage",
            icon="map-pin",
            may=frozenset({"inspector.manage", "inspector.read"}),
        ),
        Entry("督学队伍", "我的挂牌学校", "duties:mine", icon="map-pin", may=frozenset({"inspector.self"})),
        Entry("督学队伍", "本单位责任督学", "duties:ours", icon="map-pin", may=frozenset({"visit.host"})),
    )
