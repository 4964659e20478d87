"""Numbers of any text recomputed from each other; nothing is kept."""

from django.http import HttpResponse
from django.shortcuts import render

from dudao.plan.checked import checked
from dudao.plan.forms import CheckTextForm
from dudao.plan.views.notices import get_or_post
from dudao.shell.http import Request, may
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.notices.reading import read_bytes


@get_or_post
@may("plan.edit")
def check_text(request: Request) -> HttpResponse:
    """Paste a text or choose a file: its numbers in colour, what was computed, and what could not be."""
    form, found, name = CheckTextForm(request.POST or None, request.FILES or None), None, ""
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        try:
            if not text.strip():
                upload = form.cleaned_data["file"]
                name, text = upload.name, read_bytes(upload.read(), upload.name)
            if len(text) > CheckTextForm.LONGEST:
                form.add_error("file" if name else "text", CheckTextForm.TOO_LONG)
            else:
                found = checked(text)
        except EngineInputError as error:
            form.add_error("file", error.message)
    shown = {"form": form, "found": found, "name": name}
    return render(request, "plan/check_text.html", shown, status=422 if form.errors else 200)
