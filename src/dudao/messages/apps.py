from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "dudao.messages"
    label = "dudao_messages"
    verbose_name = "消息"
