from django.apps import AppConfig

from dudao.shell.nav import Entry


class MessagesConfig(AppConfig):
    name = "dudao.messages"
    # django.contrib.messages has the label "messages".
    label = "dudao_messages"
    verbose_name = "消息"
    nav = (
        Entry("年度工作", "等您发送", "messages:prepared", icon="send", may=frozenset({"message.send"})),
        Entry("系统", "消息渠道", "messages:bots", icon="message-2", may=frozenset({"system.manage"})),
    )
