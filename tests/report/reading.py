"""Pages as a reader sees them: their tags, and their text."""

from html.parser import HTMLParser

VOID = {"meta", "img", "br", "hr", "input", "link", "wbr"}
JOINED = "\0"  # stands between two pieces of a word that may break there


class Page(HTMLParser):
    """Tags, attributes and text of a page; fails on tags that are not closed in order."""

    def __init__(self, text: str) -> None:
        """Read the whole page."""
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag."""
        self.tags.append((tag, dict(attrs)))
        if tag == "wbr":
            self.words.append(JOINED)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that the tag opened last is the one closed."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note the text, but neither the style sheet nor scripts and their data."""
        if self.open[-1:] not in (["style"], ["script"]):
            self.words.append(data)

    @property
    def text(self) -> str:
        """All text with single spaces."""
        return " ".join(" ".join(self.words).replace(f" {JOINED} ", "").split())


def running_scripts(page: Page) -> int:
    """How many scripts of a page would run, data left out."""
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    return sum(attributes.get("type") not in ("application/json", "text/plain") for attributes in scripts)
