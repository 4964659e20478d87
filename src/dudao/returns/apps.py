from django.apps import AppConfig

from dudao.shell.nav import Entry

#: Who meets checks on site: the office, those who check, and those who are checked.
_CHECKS = frozenset({"return.manage", "return.check", "return.confirm", "return.fill"})


class ReturnsConfig(AppConfig):
    name = "dudao.returns"
    verbose_name = "学校填报"
    # Pages stand in the navigation once they exist: an entry whose page is not there yet is left out.
    nav = (Entry("督导评估", "实地核查", "returns:site_list", icon="map-pin", may=_CHECKS),)
