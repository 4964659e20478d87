"""Pages of the background."""

from django.urls import path

from dudao.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="job_list"),
    path("schedule/", views.schedule, name="schedule"),
    path("<uuid:key>/", views.job, name="job"),
    path("<uuid:key>/progress/", views.job_progress, name="progress"),
    path("<uuid:key>/cancel/", views.job_cancel, name="cancel"),
    path("<uuid:key>/retry/", views.job_retry, name="retry"),
]
