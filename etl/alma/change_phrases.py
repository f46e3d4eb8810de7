"""What is said of changes and cancellations asked of Alma, in English and Swedish; part of `phrases`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etl.alma.recovery import Language

CHANGE_PHRASES: dict[str, dict[Language, tuple[str, str]]] = {
    # ------------------------------------------------------------------------------ problems
    "change busy": {
        "en": (
            '"{key}" is being changed in Alma by another process (order {id} in the ledger)',
            "wait until it is done, then look: etl ledger show ID",
        ),
        "sv": (
            '"{key}" ändras just nu i Alma av en annan process (beställning {id} i liggaren)',
            "vänta tills den är klar och se sedan: etl ledger show ID",
        ),
    },
    "change unknown": {
        "en": (
            "it is not known whether Alma did what was asked for {number}: {why}",
            "give the same command again: it asks Alma first, and sends nothing twice",
        ),
        "sv": (
            "det är okänt om Alma gjorde det som begärdes för {number}: {why}",
            "ge samma kommando igen: det frågar först Alma och skickar inget två gånger",
        ),
    },
    "change by hand": {
        "en": (
            "Alma does not let {number} be changed like this from outside: {why}",
            "make the whole change in Alma by hand, then: etl ledger resolve ID --accept-change (ID is the "
            "order's number in the ledger), or, if it is a payload file's, this command again",
        ),
        "sv": (
            "Alma låter inte {number} ändras så utifrån: {why}",
            "gör hela ändringen för hand i Alma, därefter: etl ledger resolve ID --accept-change (ID är "
            "beställningens nummer i liggaren) eller, om den kom ur en fil, detta kommando igen",
        ),
    },
    "cancel by hand": {
        "en": (
            "Alma does not let {number} be cancelled from outside: {why}",
            "cancel it in Alma by hand, then give this command again: it finds it cancelled",
        ),
        "sv": (
            "Alma låter inte {number} annulleras utifrån: {why}",
            "annullera den för hand i Alma och ge sedan kommandot igen: det finner den annullerad",
        ),
    },
    "changed in Alma": {
        "en": (
            "Alma has {number} otherwise than it was sent, by somebody's hand or its own rules: {why}",
            "nothing was sent. To write over it: --over FIELD for each; if Alma's is right: etl ledger "
            "resolve ID --keep (ID is the order's number in the ledger)",
        ),
        "sv": (
            "Alma har {number} på annat sätt än den skickades, genom någons hand eller egna regler: {why}",
            "inget skickades. För att skriva över det: --over FÄLT för vart och ett; om Almas är rätt: etl "
            "ledger resolve ID --keep (ID är beställningens nummer i liggaren)",
        ),
    },
    # ---------------------------------------------------------------- why something is done by hand
    "by hand: never": {
        "en": ("Alma never lets it be changed", ""),
        "sv": ("Alma låter det aldrig ändras", ""),
    },
    "by hand: on a PO": {
        "en": ("it can be changed only before the line is on a purchase order", ""),
        "sv": ("det går att ändra bara innan raden står på en inköpsorder", ""),
    },
    "by hand: user": {
        "en": ("it is for {user} now, and a request stays with the user it was made for", ""),
        "sv": ("den gäller nu {user}, och ett förslag stannar hos den användare det gjordes för", ""),
    },
    "by hand: closed": {"en": ("the line is closed", ""), "sv": ("orderraden är avslutad", "")},
    "by hand: cancelled": {
        "en": ("the line is cancelled in Alma", ""),
        "sv": ("orderraden är annullerad i Alma", ""),
    },
    "by hand: temporary location": {
        "en": ("a copy stands in a temporary location, and Alma then changes no location", ""),
        "sv": ("ett exemplar står på tillfällig placering, och då ändrar Alma inga placeringar", ""),
    },
    "by hand: received": {
        "en": ("a copy that would go has been received", ""),
        "sv": ("ett exemplar som skulle försvinna är mottaget", ""),
    },
    "by hand: decided": {
        "en": ("the request has been decided upon", ""),
        "sv": ("förslaget är redan avgjort", ""),
    },
    "by hand: gone": {
        "en": ("Alma does not have it any more", ""),
        "sv": ("Alma har den inte längre", ""),
    },
    "by hand: not taken": {
        "en": ("Alma took the change, and left this as it was", ""),
        "sv": ("Alma tog emot ändringen men lät detta vara som det var", ""),
    },
    # ------------------------------------------------------------- what the ledger remembers
    "asked to change": {
        "en": ("Alma is asked to change {number}: {what}", ""),
        "sv": ("Alma ombeds ändra {number}: {what}", ""),
    },
    "asked to cancel": {
        "en": ("Alma is asked to cancel {number} ({what})", ""),
        "sv": ("Alma ombeds annullera {number} ({what})", ""),
    },
    "changed as asked": {"en": ("changed in Alma: {what}", ""), "sv": ("ändrad i Alma: {what}", "")},
    "has it already": {
        "en": ("Alma has it already as it is to be", ""),
        "sv": ("Alma har den redan som den ska vara", ""),
    },
    "cancelled": {"en": ("it was cancelled in Alma", ""), "sv": ("den annullerades i Alma", "")},
    "shown by Alma": {
        "en": ("Alma did what was asked, as it shows now", ""),
        "sv": ("Alma har gjort det som begärdes, vilket syns nu", ""),
    },
    "not shown by Alma": {
        "en": ("Alma has not done what was asked, as it shows {seconds} seconds after the first look", ""),
        "sv": (
            "Alma har inte gjort det som begärdes, vilket syns {seconds} sekunder efter första frågan",
            "",
        ),
    },
    "not shown yet": {
        "en": ("Alma does not show it yet, which counts {seconds} seconds after it was first asked", ""),
        "sv": ("Alma visar det inte ännu, vilket räknas först {seconds} sekunder efter första frågan", ""),
    },
    "kept as it is": {
        "en": ("stays as Alma has it: {what}", ""),
        "sv": ("får stå kvar som Alma har det: {what}", ""),
    },
    "another is offered": {
        "en": ("another payload is still offered for it: etl ledger show {id}", ""),
        "sv": ("ett annat innehåll är ännu erbjudet: etl ledger show {id}", ""),
    },
}
