"""The page's words → Swedish (`?lang=sv`). Alma's own texts and codes stay as Alma writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SWEDISH = {
    "Overview": "Översikt",
    "Orders": "Beställningar",
    "Purchase requests": "Inköpsförslag",
    "Requests log": "Anropslogg",
    "Alma simulator": "Alma-simulator",
    "not Alma: nothing here is ordered": "inte Alma: här beställs ingenting",
    "Nothing yet.": "Ingenting än.",
    "Not here": "Finns inte",
    "Nothing at": "Det finns inget på",
    "Order lines": "Beställningsrader",
    "Bibliographic records": "Bibliografiska poster",
    "Calls answered": "Besvarade anrop",
    "Busiest second": "Flest anrop på en sekund",
    "Calls left today": "Anrop kvar i dag",
    "no limit": "ingen gräns",
    "Latest orders": "Senaste beställningar",
    "Faults injected": "Framkallade fel",
    "None so far.": "Inga hittills.",
    "Latest requests": "Senaste anrop",
    "Number": "Nummer",
    "Time (UTC)": "Tid (UTC)",
    "Title": "Titel",
    "Vendor": "Leverantör",
    "Vendor's number": "Leverantörens nummer",
    "Price": "Pris",
    "Waits because": "Väntar därför att",
    "Alerts": "Varningar",
    "The latest": "De senaste",
    "All of them:": "Alla:",
    "new": "ny",
    "nothing": "inget",
    "none": "inga",
    "As it was sent": "Som den skickades",
    "As the purchase request made it": "Som inköpsförslaget gjorde den",
    "As Alma keeps it": "Som Alma sparar den",
    "User": "Användare",
    "Order line": "Beställningsrad",
    "Rejected because": "Avslaget därför att",
    "Note": "Anmärkning",
    "Purchase request": "Inköpsförslag",
    "Method": "Metod",
    "Path": "Sökväg",
    "Answer": "Svar",
    "Code": "Kod",
    "Message": "Meddelande",
    "Fault": "Fel",
    "Saved": "Sparat",
    "Dropped without a word": "Bortkastat utan ett ord",
    "Took": "Tog",
    "Body": "Innehåll",
    "no answer": "inget svar",
    "På svenska": "In English",
}
# the reasons of line_rules and line_create, which are our own words too
_REASONS = [
    (re.compile(pattern), swedish)
    for pattern, swedish in (
        (r"vendor missing$", "leverantör saknas"),
        (r"vendor (.*) is inactive$", r"leverantör \1 är inaktiv"),
        (r"vendor account missing$", "leverantörskonto saknas"),
        (r"account (.*) is not one of (.*)$", r"konto \1 hör inte till \2"),
        (r"price missing$", "pris saknas"),
        (r"fund missing$", "fond saknas"),
        (r"fund code unknown: (.*)$", r"okänd fondkod: \1"),
        (r"fund (.*) cannot be used now$", r"fond \1 kan inte användas nu"),
        (r"fund (.*) has no balance$", r"fond \1 saknar täckning"),
        (r"not fully funded$", "fonderna täcker inte priset"),
        (r"renewal date missing$", "förnyelsedatum saknas"),
        (r"manual review asked for$", "manuell granskning är begärd"),
        (r"copies are in the inventory$", "exemplar finns redan i beståndet"),
        (r"review rule: all lines are reviewed$", "granskningsregel: alla rader granskas"),
        (r"review rule: (.*)$", r"granskningsregel: \1"),
        (r"alert: (.*)$", r"varning: \1"),
    )
]


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language of the page: `en` or `sv`."""

    lang: str

    def __call__(self, words: str) -> str:
        """The page's words in this language."""
        return _SWEDISH.get(words, words) if self.lang == "sv" else words

    @property
    def query(self) -> str:
        """What stands behind links, so that the language stays."""
        return "?lang=sv" if self.lang == "sv" else ""

    @property
    def other(self) -> str:
        """A link to the same page in the other language."""
        return "?" if self.lang == "sv" else "?lang=sv"

    def reason(self, text: str) -> str:
        """Why a line waits."""
        if self.lang == "sv":
            for pattern, swedish in _REASONS:
                found = pattern.match(text)
                if found:
                    return found.expand(swedish)
        return text


def tongue_of(lang: str) -> Tongue:
    """Swedish for `sv`, English for anything else."""
    return Tongue("sv" if lang == "sv" else "en")
