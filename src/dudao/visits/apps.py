from django.apps import AppConfig

from dudao.inspectors.pages import Page
from dudao.shell.nav import Entry


class VisitsConfig(AppConfig):
    name = "dudao.visits"
    verbose_name = "经常性督导"
    inspector_section = "dudao.visits.sections.of_inspector"
    nav = (
        Entry(
            "督学队伍",
            "经常性督导",
            "visits:list",
            icon="map-pin",
            may=frozenset({"visit.manage", "inspector.read"}),
        ),
        Entry("督学队伍", "我的到校督导", "visits:mine", icon="map-pin", may=frozenset({"visit.make"})),
        Entry("督学队伍", "到校督导反馈", "visits:host", icon="map-pin", may=frozenset({"visit.host"})),
    )
    inspector_pages = (Page("到校督导", "visits:of", icon="map-pin"),)
