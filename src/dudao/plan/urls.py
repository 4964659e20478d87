"""Addresses of the plan."""

from django.urls import path

from dudao.plan import views

app_name = "plan"
urlpatterns = [
    path("notices/", views.notice_list, name="notice_list"),
    path("notices/new/", views.notice_new, name="notice_new"),
    path("notices/<uuid:key>/", views.notice_check, name="notice"),
    path("notices/<uuid:key>/correct/", views.notice_correct, name="notice_correct"),
    path("notices/<uuid:key>/confirm/", views.notice_confirm, name="notice_confirm"),
    path("notices/<uuid:key>/drop/", views.notice_drop, name="notice_drop"),
    path("flags/<int:key>/accept/", views.flag_accept, name="flag_accept"),
    path("tasks/", views.task_list, name="task_list"),
    path("tasks/<uuid:key>/", views.task, name="task"),
    path("tasks/<uuid:key>/correct/", views.task_correct, name="task_correct"),
    path("tasks/<uuid:key>/urge/", views.task_urge, name="task_urge"),
    path("tasks/<uuid:key>/withdraw/", views.task_withdraw, name="task_withdraw"),
    path("hand-down/", views.hand_down, name="hand_down"),
    path("parts/<uuid:key>/sign/", views.part_sign, name="part_sign"),
    path("parts/<uuid:key>/on-behalf/", views.part_on_behalf, name="part_on_behalf"),
    path("parts/<uuid:key>/files/<uuid:file>/", views.part_file, name="part_file"),
    path("parts/<uuid:key>/withdraw/", views.part_withdraw, name="part_withdraw"),
]
