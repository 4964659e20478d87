from django.db import migrations
from django.db.models import Max


def points_become_duties(apps, schema_editor):
    """What stood before: points of notices under check get their duty, tasks their words and end, parts their day.

    A migration of its own: PostgreSQL changes no table in the transaction in which its rows were changed.
    """
    Point, Task, TaskPart = (apps.get_model("plan", name) for name in ("Point", "Task", "TaskPart"))
    for point in Point.objects.filter(is_duty=True, section__notice__state="checking").select_related(
        "section__notice"
    ):
        if Task.objects.filter(point=point, state="checking").exists():
            continue
        notice = point.section.notice
        Task.objects.create(
            county=notice.county,
            year=notice.year,
            notice=notice,
            point=point,
            position=1,
            title=point.title or point.words[:60],
            quote=point.words,
            start=point.start,
            end=point.end,
            state="checking",
            checked_at=point.checked_at,
        )
    older = Task.objects.filter(quote="", point__isnull=False).exclude(state="checking").select_related("point")
    for at, task in enumerate(older.order_by("notice", "number"), 1):
        task.position, task.quote, task.start, task.end = at, task.point.words, task.point.start, task.point.end
        parts = TaskPart.objects.filter(task=task).exclude(state="withdrawn")
        if task.state == "handed" and parts.exists() and not parts.exclude(state="done").exists():
            task.state, task.done_on = "done", parts.aggregate(last=Max("done_on"))["last"]
        task.save(update_fields=["position", "quote", "start", "end", "state", "done_on"])
        if task.due_on:
            parts.filter(due_on__isnull=True).update(due_on=task.due_on)


class Migration(migrations.Migration):
    dependencies = [("plan", "0007_years_from_the_index")]

    operations = [migrations.RunPython(points_become_duties, migrations.RunPython.noop)]
