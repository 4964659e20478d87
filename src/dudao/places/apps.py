from django.apps import AppConfig

from dudao.shell.nav import Entry


class PlacesConfig(AppConfig):
    name = "dudao.places"
    label = "places"
    verbose_name = "单位与区划"
    nav = (
        Entry("单位与人员", "单位", "places:units", icon="building", may=frozenset({"places.manage", "people.manage"})),
    )
