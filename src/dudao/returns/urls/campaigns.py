"""Addresses of campaigns, and of a county's forms."""

from django.urls import path

from dudao.returns.views import campaigns, forms

urlpatterns = [
    path("", campaigns.campaign_list, name="list"),
    path("mine/", campaigns.my_list, name="mine"),
    path("new/", campaigns.campaign_new, name="new"),
    path("forms/", forms.form_list, name="form_list"),
    path("forms/<str:form>/", forms.form_show, name="form"),
    path("forms/<str:form>/edit/", forms.form_edit, name="form_edit"),
    path("campaigns/<uuid:key>/", campaigns.campaign, name="campaign"),
    path("campaigns/<uuid:key>/change/", campaigns.campaign_change, name="change"),
    path("campaigns/<uuid:key>/units/", campaigns.campaign_units, name="units"),
    path("campaigns/<uuid:key>/open/", campaigns.campaign_open, name="open"),
    path("campaigns/<uuid:key>/cancel/", campaigns.campaign_cancel, name="cancel"),
    path("campaigns/<uuid:key>/remind/", campaigns.campaign_remind, name="remind"),
    path("campaigns/<uuid:key>/lock/", campaigns.campaign_lock, name="lock"),
    path("campaigns/<uuid:key>/unlock/", campaigns.campaign_unlock, name="unlock"),
]
