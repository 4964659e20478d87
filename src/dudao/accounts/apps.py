from django.apps import AppConfig
from django.core.checks import Tags, register

from dudao.accounts.checks import no_demo_accounts
from dudao.shell.nav import Entry


class AccountsConfig(AppConfig):
    name = "dudao.accounts"
    label = "accounts"
    verbose_name = "人员与账号"
    nav = (
        Entry(
            "单位与人员",
            "人员",
            "accounts:people",
            icon="users",
            may=frozenset({"people.manage", "accounts.manage", "grants.manage"}),
        ),
        Entry("单位与人员", "授权", "accounts:grants", icon="key", may=frozenset({"grants.manage"})),
    )

    def ready(self) -> None:
        register(no_demo_accounts, Tags.database)
