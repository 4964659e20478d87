"""Addresses of meetings."""

from django.urls import path

from dudao.meetings.views import agenda, meetings, minutes

app_name = "meetings"
urlpatterns = [
    path("", meetings.meeting_list, name="list"),
    path("new/", meetings.meeting_new, name="new"),
    path("rhythm/", meetings.rhythm_list, name="rhythms"),
    path("rhythm/<str:kind>/", meetings.rhythm_set, name="rhythm"),
    path("<uuid:key>/", meetings.meeting, name="meeting"),
    path("<uuid:key>/change/", meetings.meeting_change, name="change"),
    path("<uuid:key>/members/", meetings.members, name="members"),
    path("<uuid:key>/call/", meetings.meeting_call, name="call"),
    path("<uuid:key>/notice/", meetings.notice_again, name="notice"),
    path("<uuid:key>/hold/", meetings.meeting_hold, name="hold"),
    path("<uuid:key>/hold/back/", meetings.meeting_hold_back, name="hold_back"),
    path("<uuid:key>/cancel/", meetings.meeting_cancel, name="cancel"),
    path("<uuid:key>/attendance/", meetings.attendance, name="attendance"),
    path("<uuid:key>/sheet/", meetings.sign_in_sheet, name="sheet"),
    path("<uuid:key>/minutes/", minutes.minutes, name="minutes"),
    path("<uuid:key>/minutes/finish/", minutes.minutes_finish, name="finish"),
    path("<uuid:key>/minutes/print/", minutes.minutes_print, name="print"),
    path("<uuid:key>/minutes/docx/", minutes.minutes_docx, name="docx"),
    path("<uuid:key>/minutes/paper/", minutes.minutes_paper, name="paper"),
    path("<uuid:key>/minutes/supplement/", minutes.minutes_supplement, name="supplement"),
    path("<uuid:key>/close/<uuid:task>/", minutes.task_close, name="close_task"),
    path("minutes/<uuid:key>/remove/", minutes.paragraph_remove, name="paragraph_remove"),
    path("minutes/<uuid:key>/restore/", minutes.paragraph_restore, name="paragraph_restore"),
    path("minutes/<uuid:key>/decide/", minutes.paragraph_decide, name="paragraph_decide"),
    path("minutes/<uuid:key>/undecide/", minutes.paragraph_undecide, name="paragraph_undecide"),
    path("minutes/<uuid:key>/amend/", minutes.paragraph_amend, name="paragraph_amend"),
    path("<uuid:key>/agenda/", agenda.agenda_keep, name="agenda_keep"),
    path("<uuid:key>/agenda/add/", agenda.item_add, name="item_add"),
    path("agenda/<uuid:key>/remove/", agenda.item_remove, name="item_remove"),
    path("agenda/<uuid:key>/restore/", agenda.item_restore, name="item_restore"),
    path("agenda/<uuid:key>/move/", agenda.item_move, name="item_move"),
]
