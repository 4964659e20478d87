from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from dudao.shell.nav import Entry


class JobsConfig(AppConfig):
    name = "dudao.jobs"
    label = "jobs"
    verbose_name = "后台任务"
    nav = (
        Entry("系统", "后台任务", "jobs:job_list", icon="progress", may=frozenset({"jobs.manage"})),
        Entry("系统", "定时事项", "jobs:schedule", icon="clock", may=frozenset({"jobs.manage"})),
    )

    def ready(self) -> None:
        # Every app's tasks.py names its kinds of jobs and its periodic duties.
        autodiscover_modules("tasks")
