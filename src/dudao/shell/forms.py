"""How forms look."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Fields in the markup of the house: label, control, hint, error beside it."""

    field_template_name = "components/field.html"
