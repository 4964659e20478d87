from django.apps import AppConfig
from django.core.checks import Tags, register

from dudao.accounts.checks import no_demo_accounts


class AccountsConfig(AppConfig):
    name = "dudao.accounts"
    label = "accounts"
    verbose_name = "人员与账号"

    def ready(self) -> None:
        register(no_demo_accounts, Tags.database)
