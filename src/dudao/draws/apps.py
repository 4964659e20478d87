from django.apps import AppConfig

from dudao.shell.nav import Entry


class DrawsConfig(AppConfig):
    name = "dudao.draws"
    verbose_name = "随机抽取"
    nav = (
        Entry(
            "督学队伍",
            "随机抽取",
            "draws:list",
            icon="arrows-shuffle",
            may=frozenset({"draw.manage", "inspector.read"}),
        ),
    )
