"""Addresses of findings, measures and cases."""

from django.urls import path

from dudao.findings.views import queue

app_name = "findings"
urlpatterns = [
    path("queue/", queue.queue_list, name="queue"),
]
