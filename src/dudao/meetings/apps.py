from django.apps import AppConfig

from dudao.shell.nav import Entry


class MeetingsConfig(AppConfig):
    name = "dudao.meetings"
    label = "meetings"
    verbose_name = "会议"
    nav = (
        Entry(
            "年度工作",
            "会议",
            "meetings:list",
            icon="calendar-event",
            may=frozenset({"meeting.manage", "meeting.read"}),
        ),
    )
    message_kinds = {"meetings.notice": "会议通知"}
