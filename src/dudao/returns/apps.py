from django.apps import AppConfig

from dudao.shell.nav import Entry

_READS = frozenset({"return.manage", "return.fill", "return.check", "return.approve"})
#: Who meets checks on site: the office, those who check, and those who are checked.
_CHECKS = frozenset({"return.manage", "return.check", "return.confirm", "return.fill"})


class ReturnsConfig(AppConfig):
    name = "dudao.returns"
    label = "returns"
    verbose_name = "学校填报"
    nav = (
        Entry(
            "督导评估",
            "学校填报",
            "returns:list",
            icon="table",
            may=_READS,
            also=("returns:mine", "returns:form_list"),
        ),
        Entry("督导评估", "数据导入", "returns:imports", icon="upload", may=frozenset({"return.manage"})),
        Entry("督导评估", "实地核查", "returns:site_list", icon="map-pin", may=_CHECKS),
    )
    message_kinds = {
        "returns.called": "填报通知",
        "returns.remind": "催报",
        "returns.returned": "填报退回",
        "returns.check": "实地核查",
    }
