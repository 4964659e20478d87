"""All addresses. Each app brings its own."""

from django.urls import include, path

from dudao.disclosure.views import draws as public_draws
from dudao.disclosure.views import public
from dudao.papers.views import checking

urlpatterns = [
    path("", include("dudao.workbench.urls")),
    path("", include("dudao.accounts.urls")),
    path("units/", include("dudao.places.urls")),
    path("audit/", include("dudao.audit.urls")),
    path("messages/", include("dudao.messages.urls")),
    path("jobs/", include("dudao.jobs.urls")),
    path("v/<str:key>", checking.check, name="check_paper"),
    path("papers/", include("dudao.papers.urls")),
    path("plan/", include("dudao.plan.urls")),
    path("meetings/", include("dudao.meetings.urls")),
    path("findings/", include("dudao.findings.urls")),
    path("returns/", include("dudao.returns.urls")),
    path("dossiers/", include("dudao.dossiers.urls")),
    path("indicators/", include("dudao.indicators.urls")),
    path("recognition/", include("dudao.recognition.urls")),
    path("inspectors/", include("dudao.inspectors.urls")),
    path("", include("dudao.complaints.urls")),
    path("duties/", include("dudao.duties.urls")),
    path("training/", include("dudao.training.urls")),
    path("visits/", include("dudao.visits.urls")),
    path("draws/", include("dudao.draws.urls")),
    path("teams/", include("dudao.teams.urls")),
    path("inspections/", include("dudao.inspections.urls")),
    path("disclosure/", include("dudao.disclosure.urls")),
    # For anybody, where the county has opened them. An address once given stays.
    path("gk/", public.public_list, name="public_list"),
    path("gk/<str:key>/", public.public_page, name="public_page"),
    path("gk/<str:key>/<int:no>/", public.public_page, name="public_edition"),
    path("gk/<str:key>/<int:no>/file/<uuid:file>/", public.public_file, name="public_file"),
    path("gk/<str:key>/<int:no>/table/<int:table>/", public.public_table, name="public_table"),
    path("cq/", public_draws.public_draws, name="public_draws"),
    path("cq/<uuid:key>/", public_draws.public_draw, name="public_draw"),
    path("cq/<uuid:key>/bundle/", public_draws.public_bundle, name="public_draw_bundle"),
    path("", include("dudao.shell.urls")),
]
handler400 = "dudao.shell.views.bad_request"
