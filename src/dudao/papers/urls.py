"""Addresses of papers."""

from django.urls import path

from dudao.papers.views import checking, editing, numbers, papers, serving, signing, templates

app_name = "papers"
urlpatterns = [
    path("", papers.paper_list, name="list"),
    path("new/", papers.paper_new, name="new"),
    path("record/", papers.paper_record, name="record"),
    path("received/", serving.received_list, name="received"),
    path("book/", numbers.number_book, name="book"),
    path("check_paper.py", checking.download, name="checker"),
    path("codes/", numbers.code_list, name="codes"),
    path("templates/", templates.template_list, name="templates"),
    path("templates/<slug:kind>/", templates.template, name="template"),
    path("templates/<slug:kind>/starter/", templates.template_starter, name="template_starter"),
    path("templates/<slug:kind>/switch/", templates.template_switch, name="template_switch"),
    path("templates/<slug:kind>/file/<uuid:file>/", templates.template_file, name="template_file"),
    path("codes/new/", numbers.code_new, name="code_new"),
    path("codes/<uuid:key>/", numbers.code_change, name="code_change"),
    path("codes/<uuid:key>/before/", numbers.code_before, name="code_before"),
    path("<uuid:key>/", papers.paper, name="paper"),
    path("<uuid:key>/edit/", editing.paper_edit, name="edit"),
    path("<uuid:key>/preview/", editing.paper_preview, name="preview"),
    path("<uuid:key>/fields/", editing.paper_fields, name="fields"),
    path("<uuid:key>/compare/", editing.paper_compare, name="compare"),
    path("<uuid:key>/print/", editing.paper_print, name="print"),
    path("<uuid:key>/docx/", editing.paper_docx, name="docx"),
    path("<uuid:key>/pdf/", papers.paper_pdf, name="pdf"),
    path("<uuid:key>/file/<uuid:file>/", papers.paper_file, name="file"),
    path("<uuid:key>/cosign/", signing.cosign_ask, name="cosign"),
    path("<uuid:key>/submit/", signing.paper_submit, name="submit"),
    path("<uuid:key>/back/", signing.paper_back, name="back"),
    path("<uuid:key>/drop/", signing.paper_drop, name="drop"),
    path("<uuid:key>/issue/", signing.paper_issue, name="issue"),
    path("<uuid:key>/serve/", serving.paper_serve, name="serve"),
    path("<uuid:key>/receive/", serving.paper_receive, name="receive"),
    path("<uuid:key>/receipt/<uuid:unit>/", serving.receipt_form, name="receipt_form"),
    path("<uuid:key>/withdraw/", serving.paper_withdraw, name="withdraw"),
    path("cosign/<uuid:key>/answer/", signing.cosign_answer, name="cosign_answer"),
    path("cosign/<uuid:key>/record/", signing.cosign_record, name="cosign_record"),
]
