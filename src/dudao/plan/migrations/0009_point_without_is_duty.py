from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("plan", "0008_points_become_duties")]

    operations = [migrations.RemoveField(model_name="point", name="is_duty")]
