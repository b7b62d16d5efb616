"""A page that is open in a browser, and what it is asked."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

HOSTILE = "</script><script>window.broken=1</script><!--<img src=x onerror=window.broken=2>\"' & {{7*7}} ünï\u2028"


class Opened:
    """A page that is open, and all that it asked for or complained about."""

    def __init__(self, browser: Browser, path: Path, width: int = 1200, scheme: Any = "light") -> None:
        self.page: Page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.as_uri())
        self.page.wait_for_function("!document.querySelector('[data-waiting]')")

    def part(self, model: str, name: str) -> Any:
        """A part of what belongs to a model."""
        box = self.page.locator(f"h3:has-text('Model {model} of') ~ [data-model]").first
        return box.locator(f"[data-part='{name}']")

    def value(self, model: str, name: str) -> float:
        """The number behind an output."""
        return float(self.part(model, name).get_attribute("data-value"))

    def slide(self, model: str, factor: str, log10: float) -> None:
        """Set the concentration of a factor."""
        box = self.page.locator(f"h3:has-text('Model {model} of') ~ [data-model]").first
        box.get_by_label(factor, exact=True).fill(str(log10))
