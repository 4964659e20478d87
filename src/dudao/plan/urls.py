"""Addresses of the plan."""

from django.urls import path

from dudao.plan.views import notices, overview, tasks, texts, typed

app_name = "plan"
urlpatterns = [
    path("notices/", notices.notice_list, name="notice_list"),
    path("notices/new/", notices.notice_new, name="notice_new"),
    path("notices/type/", typed.notice_type, name="notice_type"),
    path("notices/<uuid:key>/", notices.notice_check, name="notice"),
    path("notices/<uuid:key>/correct/", notices.notice_correct, name="notice_correct"),
    path("notices/<uuid:key>/confirm/", notices.notice_confirm, name="notice_confirm"),
    path("notices/<uuid:key>/reopen/", notices.notice_reopen, name="notice_reopen"),
    path("notices/<uuid:key>/drop/", notices.notice_drop, name="notice_drop"),
    path("notices/<uuid:key>/add-point/", notices.point_add, name="point_add"),
    path("points/<uuid:key>/correct/", notices.point_correct, name="point_correct"),
    path("points/<uuid:key>/add-task/", notices.duty_add, name="duty_add"),
    path("points/<uuid:key>/merge/", notices.duty_merge, name="duty_merge"),
    path("duties/<uuid:key>/split/", notices.duty_split, name="duty_split"),
    path("duties/<uuid:key>/drop/", notices.duty_drop, name="duty_drop"),
    path("duties/<uuid:key>/take-up/", notices.duty_take_up, name="duty_take_up"),
    path("flags/<int:key>/accept/", notices.flag_accept, name="flag_accept"),
    path("check-text/", texts.check_text, name="check_text"),
    path("tasks/", tasks.task_list, name="task_list"),
    path("board/", overview.board, name="board"),
    path("month/", overview.month, name="month"),
    path("units/", overview.unit_list, name="unit_list"),
    path("units/<uuid:key>/", overview.unit, name="unit"),
    path("people/", overview.people, name="people"),
    path("clauses/", overview.clauses, name="clauses"),
    path("wall/", overview.wall_sheet, name="wall"),
    path("tasks/new/", tasks.task_new, name="task_new"),
    path("tasks/<uuid:key>/", tasks.task, name="task"),
    path("tasks/<uuid:key>/correct/", tasks.task_correct, name="task_correct"),
    path("tasks/<uuid:key>/urge/", tasks.task_urge, name="task_urge"),
    path("tasks/<uuid:key>/withdraw/", tasks.task_withdraw, name="task_withdraw"),
    path("hand-down/", tasks.hand_down, name="hand_down"),
    path("parts/<uuid:key>/sign/", tasks.part_sign, name="part_sign"),
    path("parts/<uuid:key>/on-behalf/", tasks.part_on_behalf, name="part_on_behalf"),
    path("parts/<uuid:key>/files/<uuid:file>/", tasks.part_file, name="part_file"),
    path("parts/<uuid:key>/answer/", tasks.part_answer, name="part_answer"),
    path("parts/<uuid:key>/review/", tasks.part_review, name="part_review"),
    path("parts/<uuid:key>/withdraw/", tasks.part_withdraw, name="part_withdraw"),
]
