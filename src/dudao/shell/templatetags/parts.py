"""Template tags of the house; built in, so no page loads them."""

from django import template

register = template.Library()
