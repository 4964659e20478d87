"""Messages in and out, and the ways out."""

from django.urls import path

from dudao.messages import views

app_name = "messages"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("in/<uuid:key>/", views.inbox_message, name="inbox_message"),
    path("prepared/", views.prepared, name="prepared"),
    path("sent/", views.sent, name="sent"),
    path("undelivered/", views.undelivered, name="undelivered"),
    path("kinds/", views.kind_list, name="kinds"),
    path("kinds/<str:code>/", views.kind_change, name="kind"),
    path("bots/", views.bots, name="bots"),
    path("bots/<uuid:key>/switch/", views.bot_switch, name="bot_switch"),
    path("contacts/", views.contacts, name="contacts"),
    path("deliveries/<uuid:key>/again/", views.delivery_again, name="delivery_again"),
    path("deliveries/<uuid:key>/arrived/", views.delivery_arrived, name="delivery_arrived"),
    path("<uuid:key>/", views.message, name="message"),
    path("<uuid:key>/change/", views.message_change, name="change"),
    path("<uuid:key>/send/", views.message_send, name="send"),
    path("<uuid:key>/drop/", views.message_drop, name="drop"),
    path("<uuid:key>/waiting.xlsx", views.waiting_xlsx, name="waiting_xlsx"),
    path("<uuid:key>/waiting.png", views.waiting_png, name="waiting_png"),
]
