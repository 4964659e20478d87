"""Addresses of one unit's return."""

from django.urls import path

from dudao.returns.views import returns, reviews, sheets

urlpatterns = [
    path("<uuid:key>/", returns.return_page, name="return"),
    path("<uuid:key>/fill/<int:at>/", returns.return_fill, name="fill"),
    path("<uuid:key>/back/", returns.return_back, name="back"),
    path("<uuid:key>/check/", returns.return_check, name="check"),
    path("<uuid:key>/explain/", returns.return_explain, name="explain"),
    path("<uuid:key>/confirm/", returns.return_confirm, name="confirm"),
    path("<uuid:key>/paper/", returns.return_paper, name="paper"),
    path("<uuid:key>/submit/", returns.return_submit, name="submit"),
    path("<uuid:key>/template.xlsx", sheets.template, name="template"),
    path("<uuid:key>/sheet/", sheets.sheet, name="sheet"),
    path("<uuid:key>/sheet/<uuid:upload>/", sheets.sheet_preview, name="sheet_preview"),
    path("<uuid:key>/print/", returns.return_print, name="print"),
    path("<uuid:key>/cell/<str:code>/", returns.cell_page, name="cell"),
    path("<uuid:key>/file/<uuid:file>/", returns.return_file, name="file"),
    path("<uuid:key>/review/", reviews.return_review, name="review"),
    path("<uuid:key>/approve/", reviews.return_approve, name="approve"),
    path("<uuid:key>/reopen/", reviews.return_reopen, name="reopen"),
]
