from django.apps import AppConfig

from dudao.shell.nav import Entry


class PlanConfig(AppConfig):
    name = "dudao.plan"
    label = "plan"
    verbose_name = "年度工作"
    nav = (
        Entry("年度工作", "要点与拆分", "plan:notice_list", icon="file-text"),
        Entry(
            "年度工作",
            "任务",
            "plan:task_list",
            icon="list-check",
            also=(
                "plan:board",
                "plan:month",
                "plan:unit_list",
                "plan:people",
                "plan:clauses",
                "plan:wall",
                "plan:feeds",
            ),
        ),
        Entry("年度工作", "延期与暂停", "plan:change_list", icon="clock"),
        Entry("年度工作", "工作总结", "plan:summary", icon="report", may=frozenset({"notice.read", "plan.approve"})),
        Entry("年度工作", "文字核对", "plan:check_text", icon="zoom-check", may=frozenset({"plan.edit"})),
    )
    message_kinds = {"plan.urge": "催办"}
