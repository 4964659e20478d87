from django.urls import path

from dudao.workbench import views

app_name = "workbench"
urlpatterns = [path("", views.home, name="home"), path("search/", views.search, name="search")]
