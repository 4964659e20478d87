"""The county as a map: the drawing and the table say the same, and it says that it is a sketch."""

from datetime import date
from typing import Any

import pytest
from django.conf import settings as house

from dudao.duties import services
from dudao.duties.services import Given
from dudao.places import library, queries
from dudao.places import services as places
from dudao.shell.acts import system
from tests.cast import NOW, TODAY, county_cast, unit
from tests.duties.stage import able
from tests.duties.test_pages import signed_in

pytestmark = pytest.mark.django_db


def test_the_sketch_and_the_table_beside_it_say_the_same(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY
    cast = county_cast()
    file = library.read_regions(house.LIBRARY / "regions" / "640122.yaml")
    places.load_regions(regions=file.facts(), valid_from=file.valid_from, by=system("640122"), now=NOW)
    more = unit("示例习岗小学", "2164000777", region_code="640122100000")
    rows = [Given(more.pk, able(cast, "督学癸", "证1").pk)]
    services.assign_duties(rows=rows, starts_on=date(2024, 3, 1), by=cast.office.actor, now=NOW)
    page = signed_in(cast.office).get("/duties/map/").content.decode()
    assert "示意图（示例）" in page and "不是行政界线" in page
    assert page.count("<path d=") >= len(queries.towns(cast.office.actor, as_of=TODAY)) == 7
    # 示例第一小学 stands in 习岗镇 too and has nobody; two units have no region.
    assert "1 / 2，缺 1" in page and "未登记乡镇场" in page
    answer = signed_in(cast.office).get("/duties/map/?export=xlsx")
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert signed_in(cast.head).get("/duties/map/").status_code == 404
