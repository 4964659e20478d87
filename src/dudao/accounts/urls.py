"""Signing in, out, and choosing a hat."""

from django.contrib.auth import views as auth
from django.urls import path

from dudao.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", auth.LoginView.as_view(template_name="accounts/sign_in.html"), name="sign_in"),
    path("sign-out/", auth.LogoutView.as_view(next_page="accounts:sign_in"), name="sign_out"),
    path("hat/", views.hat_choose, name="hat"),
]
