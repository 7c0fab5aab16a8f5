"""Tables as Markdown and as HTML."""

from model.evaluation.document import (
    Table,
    html_document,
    html_table,
    line,
    markdown_document,
    markdown_table,
    percent,
)

TABLE = Table("Cells <all>", "By hand.", line("cell", "%"), (("a & b", "98.50 ± 0.10"),))


def test_tables() -> None:
    assert markdown_table(("a", "b"), [("x", 1)]) == "| a | b |\n|---|--:|\n| x | 1 |\n"
    assert percent(None) == "–"
    assert percent(0.98765, 2) == "98.77"


def test_markdown_says_what_html_says() -> None:
    text = markdown_document("Report", [TABLE])
    assert text.startswith("# Report\n")
    assert "## Cells <all>\n\nBy hand.\n\n| cell | % |" in text
    page = html_table(TABLE)
    assert "<h3>Cells &lt;all&gt;</h3>" in page
    assert '<td class="word">a &amp; b</td><td>98.50 <span class="sd">± 0.10</span></td>' in page


def test_an_empty_table_says_so() -> None:
    assert "None." in html_table(Table("Nothing", "", line("cell"), ()))


def test_a_document_needs_no_other_file() -> None:
    page = html_document("A & B", html_table(TABLE))
    assert page.count("<h1>A &amp; B</h1>") == 1
    assert "<style>" in page
    assert "http" not in page
