"""Addresses of complaints, and of the public page behind a board at the gate."""

from django.urls import path

from dudao.complaints.views import complaints, public

app_name = "complaints"
urlpatterns = [
    path("complaints/", complaints.register, name="list"),
    path("complaints/new/", complaints.new, name="new"),
    path("complaints/setting/", complaints.setting, name="setting"),
    path("complaints/<uuid:key>/", complaints.complaint, name="complaint"),
    path("complaints/<uuid:key>/who/", complaints.who, name="who"),
    path("complaints/<uuid:key>/finding/", complaints.finding, name="finding"),
    path("complaints/<uuid:key>/<str:step>/", complaints.step, name="step"),
    # For anybody, without signing in. What stands in a QR code stays.
    path("gsp/cx/", public.outcome, name="outcome"),
    path("gsp/<str:key>/", public.board, name="board"),
    path("gsp/<str:key>/photo/<uuid:inspector>/", public.photo, name="photo"),
]
