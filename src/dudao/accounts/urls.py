"""Signing in, one's own account, people, accounts, grants."""

from django.urls import path

from dudao.accounts.views import keeping, own, people

app_name = "accounts"
urlpatterns = [
    path("sign-in/", own.sign_in, name="sign_in"),
    path("sign-in/second/", own.second_factor, name="second_factor"),
    path("sign-in/help/", own.sign_in_help, name="sign_in_help"),
    path("sign-out/", own.sign_out, name="sign_out"),
    path("hat/", own.hat_choose, name="hat"),
    path("account/", own.account, name="account"),
    path("account/password/", own.password, name="password"),
    path("account/second-factor/", own.second_factor_begin, name="second_factor_begin"),
    path("account/second-factor/drop/", own.second_factor_drop, name="second_factor_drop"),
    path("account/sessions/<uuid:key>/end/", own.session_end, name="session_end"),
    path("account/hats/<uuid:key>/lend/", own.hat_lend, name="hat_lend"),
    path("account/lent/<uuid:key>/take-back/", own.lent_take_back, name="lent_take_back"),
    path("people/", people.people_list, name="people"),
    path("people/new/", people.person_new, name="person_new"),
    path("people/accounts/", keeping.accounts_open, name="accounts_open"),
    path("people/<uuid:key>/", people.person, name="person"),
    path("people/<uuid:key>/edit/", people.person_edit, name="person_edit"),
    path("people/<uuid:key>/appoint/", people.appoint, name="appoint"),
    path("appointments/<uuid:key>/end/", people.appointment_end, name="appointment_end"),
    path("appointments/<uuid:key>/hand-over/", people.hand_over, name="hand_over"),
    path("users/<uuid:key>/code/", keeping.code_issue, name="code_issue"),
    path("users/<uuid:key>/disable/", keeping.account_disable, name="account_disable"),
    path("users/<uuid:key>/enable/", keeping.account_enable, name="account_enable"),
    path("users/<uuid:key>/unlock/", keeping.account_unlock, name="account_unlock"),
    path("users/<uuid:key>/drop-factor/", keeping.account_drop_factor, name="account_drop_factor"),
    path("grants/", keeping.grants, name="grants"),
    path("grants/new/", keeping.grant_new, name="grant_new"),
    path("grants/<uuid:key>/end/", keeping.grant_end, name="grant_end"),
]
