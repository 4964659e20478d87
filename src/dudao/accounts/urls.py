"""Signing in, one's own account, people, accounts, grants."""

from django.urls import path

from dudao.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/second/", views.second_factor, name="second_factor"),
    path("sign-in/help/", views.sign_in_help, name="sign_in_help"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("hat/", views.hat_choose, name="hat"),
    path("account/", views.account, name="account"),
    path("account/password/", views.password, name="password"),
    path("account/second-factor/", views.second_factor_begin, name="second_factor_begin"),
    path("account/second-factor/drop/", views.second_factor_drop, name="second_factor_drop"),
    path("account/sessions/<uuid:key>/end/", views.session_end, name="session_end"),
    path("account/hats/<uuid:key>/lend/", views.hat_lend, name="hat_lend"),
    path("account/lent/<uuid:key>/take-back/", views.lent_take_back, name="lent_take_back"),
    path("people/", views.people_list, name="people"),
    path("people/new/", views.person_new, name="person_new"),
    path("people/accounts/", views.accounts_open, name="accounts_open"),
    path("people/<uuid:key>/", views.person, name="person"),
    path("people/<uuid:key>/edit/", views.person_edit, name="person_edit"),
    path("people/<uuid:key>/appoint/", views.appoint, name="appoint"),
    path("appointments/<uuid:key>/end/", views.appointment_end, name="appointment_end"),
    path("appointments/<uuid:key>/hand-over/", views.hand_over, name="hand_over"),
    path("users/<uuid:key>/code/", views.code_issue, name="code_issue"),
    path("users/<uuid:key>/disable/", views.account_disable, name="account_disable"),
    path("users/<uuid:key>/enable/", views.account_enable, name="account_enable"),
    path("users/<uuid:key>/unlock/", views.account_unlock, name="account_unlock"),
    path("users/<uuid:key>/drop-factor/", views.account_drop_factor, name="account_drop_factor"),
    path("grants/", views.grants, name="grants"),
    path("grants/new/", views.grant_new, name="grant_new"),
    path("grants/<uuid:key>/end/", views.grant_end, name="grant_end"),
]
