from django.apps import AppConfig

from dudao.shell.nav import Entry

_THOSE = frozenset({"indicator.manage", "indicator.read", "dossier.judge"})


class IndicatorsConfig(AppConfig):
    name = "dudao.indicators"
    verbose_name = "指标与判定"
    nav = (
        Entry(
            "督导评估",
            "指标与判定",
            "indicators:county",
            icon="chart-bar",
            may=_THOSE | {"return.fill"},
            also=("indicators:matrix", "indicators:missing", "indicators:turning", "indicators:scratches"),
        ),
        Entry("督导评估", "评估标准", "indicators:standards", icon="scale", may=_THOSE),
    )
