from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dudao_messages", "0002_message_link"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="own_text",
            field=models.TextField(blank=True, verbose_name="单位看到的话"),
        ),
    ]
