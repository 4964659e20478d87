from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    name = "dudao.returns"
    verbose_name = "学校填报"
    # Pages stand in the navigation once they exist: an entry whose page is not there yet is left out.
    nav = ()
