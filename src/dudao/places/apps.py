from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "dudao.places"
    label = "places"
    verbose_name = "单位与地区"
