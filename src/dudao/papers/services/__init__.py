"""What people do with papers. One public function is one thing that a person can do."""

from dudao.papers.services.codes import add_code, change_code, set_before
from dudao.papers.services.cosigning import answer_cosign, ask_cosign
from dudao.papers.services.drafting import (
    Made,
    change_text,
    draft_paper,
    drop_paper,
    fill_paper,
    put_words,
    send_back,
    set_readers,
    submit_paper,
)
from dudao.papers.services.issuing import issue_paper, keep_pdf, record_outside_paper, withdraw_paper
from dudao.papers.services.serving import serve_paper
from dudao.papers.services.templates import LARGEST, UnfitError, replace_template, switch_template

__all__ = [
    "LARGEST",
    "Made",
    "UnfitError",
    "add_code",
    "answer_cosign",
    "ask_cosign",
    "change_code",
    "change_text",
    "draft_paper",
    "drop_paper",
    "fill_paper",
    "issue_paper",
    "keep_pdf",
    "put_words",
    "record_outside_paper",
    "replace_template",
    "send_back",
    "serve_paper",
    "set_before",
    "set_readers",
    "submit_paper",
    "switch_template",
    "withdraw_paper",
]
