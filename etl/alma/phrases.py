"""Everything that is said about an order's fate, in English and Swedish: (what happened, likely fix).

What Alma's own codes mean stands in `recovery.toml`; this is the rest of the room's words. Nothing that
differs from order to order stands in a fix, so that orders with the same fix can be told of together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from etl.alma.change_phrases import CHANGE_PHRASES

if TYPE_CHECKING:
    from etl.alma.recovery import Language

TABLE: dict[str, dict[Language, tuple[str, str]]] = {
    **CHANGE_PHRASES,
    # ------------------------------------------------------------------------------ one order
    "refused": {"en": ('Alma refused "{key}": {why}', ""), "sv": ('Alma avvisade "{key}": {why}', "")},
    "come anew": {
        "en": (
            '"{key}" has come anew meanwhile (order {id}): this older record of it is not delivered',
            "the newer one stands as it is: etl ledger show ID; plan again, or reprocess again",
        ),
        "sv": (
            '"{key}" har kommit på nytt under tiden (order {id}): denna äldre post levereras inte',
            "den nyare gäller som den är: etl ledger show ID; planera om, eller kör reprocess igen",
        ),
    },
    "number taken": {
        "en": (
            'Alma has another order line "{number}", so "{key}" was not created',
            "leave number out of the mapping and let Alma choose, or make it unique",
        ),
        "sv": (
            'Alma har en annan orderrad "{number}", därför skapades inte "{key}"',
            "utelämna number i mappningen och låt Alma välja, eller gör det unikt",
        ),
    },
    "unknown": {
        "en": (
            'it is not known whether "{key}" was posted: {why}',
            "run again: it is looked for in Alma first, and never posted twice",
        ),
        "sv": (
            'det är okänt om "{key}" skickades: {why}',
            "kör igen: den söks först i Alma och skickas aldrig två gånger",
        ),
    },
    "unknown, not asked": {
        "en": (
            'it is not known whether "{key}" was posted, and Alma is not asked: by now the mapping holds it, '
            "or makes no order of it",
            "let the mapping make it as it was and run again; or look it up in Alma, and say what is there: "
            "etl ledger resolve {id} --posted NUMBER, or etl ledger release {id}",
        ),
        "sv": (
            'det är okänt om "{key}" skickades, och Alma tillfrågas inte: numera stoppar mappningen den, '
            "eller gör ingen beställning av den",
            "låt mappningen göra den som förut och kör igen; eller sök den i Alma och säg vad som finns: "
            "etl ledger resolve {id} --posted NUMMER, eller etl ledger release {id}",
        ),
    },
    "changed": {
        "en": (
            '"{key}" changed after posting as {number} (order {id} in the ledger)',
            "ID is the order's number in the ledger. Compare: etl ledger show ID; change the order in Alma: "
            "etl ledger change ID, or by hand, then: etl ledger resolve ID --accept-change; or, if Alma's is "
            "right, --keep. If these are two orders, the key needs another part",
        ),
        "sv": (
            '"{key}" ändrades efter att den skickats som {number} (beställning {id} i liggaren)',
            "ID är beställningens nummer i liggaren. Jämför: etl ledger show ID; ändra beställningen i Alma: "
            "etl ledger change ID, eller för hand, därefter: etl ledger resolve ID --accept-change; eller, "
            "om Almas är rätt, --keep. Om det är två beställningar behöver nyckeln ytterligare en del",
        ),
    },
    "changed user": {
        "en": (
            '"{key}" was sent for user {was} as {number} (order {id} in the ledger), and is for {user} now',
            "Alma never hands a request to another user. Compare: etl ledger show ID; then etl ledger cancel "
            "ID and etl ledger release ID --not-in-alma, and run again; or, if Alma's is right, etl ledger "
            "resolve ID --keep. If these are two requests, the key needs another part, the user for example",
        ),
        "sv": (
            '"{key}" skickades för användaren {was} som {number} (beställning {id} i liggaren) och gäller nu '
            "{user}",
            "Alma flyttar aldrig ett förslag till en annan användare. Jämför: etl ledger show ID; därefter "
            "etl ledger cancel ID och etl ledger release ID --not-in-alma, och kör igen; eller, om Almas är "
            "rätt, etl ledger resolve ID --keep. Om det är två förslag behöver nyckeln ytterligare en del, "
            "till exempel användaren",
        ),
    },
    "skipped": {
        "en": (
            '"{key}" changed after it was sent ({known}), and the mapping skips it now (order {id} in the '
            "ledger)",
            "ID is the order's number in the ledger. Compare: etl ledger show ID; if it is wanted no more: "
            "etl ledger cancel ID; if Alma's order is right: etl ledger resolve ID --keep",
        ),
        "sv": (
            '"{key}" ändrades efter att den skickats ({known}), och mappningen hoppar över den nu '
            "(beställning {id} i liggaren)",
            "ID är beställningens nummer i liggaren. Jämför: etl ledger show ID; om den inte längre önskas: "
            "etl ledger cancel ID; om Almas beställning är rätt: etl ledger resolve ID --keep",
        ),
    },
    "like": {
        "en": (
            '"{key}" looks like an order that the ledger knows already, {why}: {others} (order {id} in the '
            "ledger)",
            "ID is this order's number in the ledger, OTHER the one it looks like. Another order: etl ledger "
            "release ID. The same: etl ledger dismiss ID --same-as OTHER",
        ),
        "sv": (
            '"{key}" liknar en beställning som liggaren redan känner, {why}: {others} (beställning {id} i '
            "liggaren)",
            "ID är beställningens nummer i liggaren, ANNAN den som den liknar. En annan beställning: etl "
            "ledger release ID. Samma: etl ledger dismiss ID --same-as ANNAN",
        ),
    },
    "like by record": {
        "en": ("made of the same record of the same file", ""),
        "sv": ("gjord av samma post i samma fil", ""),
    },
    "like by order": {
        "en": ("by order number and title", ""),
        "sv": ("ordernummer och titel stämmer", ""),
    },
    "like by line": {
        "en": ("by order and line number", ""),
        "sv": ("order- och radnummer stämmer", ""),
    },
    "like by barcode": {"en": ("by the barcode of a copy", ""), "sv": ("exemplarets streckkod stämmer", "")},
    "state intended": {"en": ("on its way", ""), "sv": ("på väg", "")},
    "state unknown": {"en": ("not known whether posted", ""), "sv": ("okänt om den skickats", "")},
    "state held": {"en": ("held", ""), "sv": ("stoppad", "")},
    "state dismissed": {"en": ("dismissed", ""), "sv": ("avskriven", "")},
    "state cancelled": {"en": ("cancelled", ""), "sv": ("annullerad", "")},
    "state posted": {"en": ("posted", ""), "sv": ("skickad", "")},
    "reopened": {
        "en": ("it was dismissed or cancelled, and the vendor's record has changed since", ""),
        "sv": ("den avfärdades eller annullerades, och leverantörens post har ändrats sedan dess", ""),
    },
    "uncorrected": {
        "en": ("what a person has made of it is not kept any more; it would go as the mapping makes it", ""),
        "sv": ("det som en person gjort av den finns inte kvar; den skulle gå som mappningen gör den", ""),
    },
    "remapped": {
        "en": ("the record is as it was, mapping or tables make something else of it", ""),
        "sv": ("posten är oförändrad, mappning eller tabeller gör något annat av den", ""),
    },
    "held": {
        "en": (
            '"{key}" waits for a person: {why} (order {id} in the ledger)',
            "ID is the order's number in the ledger. Look it up in Alma, then etl ledger resolve ID --posted "
            "NUMBER, or etl ledger release ID",
        ),
        "sv": (
            '"{key}" väntar på en person: {why} (beställning {id} i liggaren)',
            "ID är beställningens nummer i liggaren. Slå upp den i Alma, därefter etl ledger resolve ID "
            "--posted NUMMER, eller etl ledger release ID",
        ),
    },
    "held, no reason": {"en": ("held", ""), "sv": ("stoppad", "")},
    "overtaken": {
        "en": (
            '"{key}" is in the hands of another process: {why}',
            "run again when that process is done; etl ledger show tells what it did",
        ),
        "sv": (
            '"{key}" hanteras av en annan process: {why}',
            "kör igen när den processen är klar; etl ledger show visar vad den gjorde",
        ),
    },
    "doubled": {
        "en": (
            '"{key}" may be in Alma twice: posted here as {number} after another process had taken it over',
            "look both up: etl ledger show names the other process's number. Cancel one of them in Alma",
        ),
        "sv": (
            '"{key}" kan finnas två gånger i Alma: beställd här som {number} medan en annan process tog över',
            "slå upp båda: etl ledger show visar den andra processens nummer. Annullera den ena i Alma",
        ),
    },
    "overtaken after": {
        "en": ("our outcome was {state} {number} ({why})", ""),
        "sv": ("vårt utfall blev {state} {number} ({why})", ""),
    },
    "overtaken by": {
        "en": ("run {run} has not finished with it", ""),
        "sv": ("körning {run} är inte klar med den", ""),
    },
    # ---------------------------------------------------------------------------- the whole run
    "stopped": {"en": ("stopped: {why}", ""), "sv": ("avbruten: {why}", "")},
    "reserve reached": {
        "en": (
            "stopped: {remaining} calls are left today, and {reserve} are kept for others",
            "run again after midnight, or lower the sink's reserve",
        ),
        "sv": (
            "avbruten: {remaining} anrop återstår i dag, och {reserve} lämnas åt andra",
            "kör igen efter midnatt eller sänk utgångens reserve",
        ),
    },
    "too many unknown": {
        "en": (
            "stopped: {count} posts one after another brought no answer that can be used",
            "wait until Alma is well again (status.exlibrisgroup.com), then run again: it is safe",
        ),
        "sv": (
            "avbruten: {count} beställningar i följd gav inget svar som går att använda",
            "vänta tills Alma fungerar igen (status.exlibrisgroup.com) och kör sedan igen: det är säkert",
        ),
    },
    "not known": {
        "en": ("it is not known whether Alma did it: {why}", ""),
        "sv": ("det är okänt om Alma gjorde det: {why}", ""),
    },
    # --------------------------------------------------- what to do when no answer can be used
    "after a lost post": {
        "en": ("", "nothing to do now: the next run asks Alma whether it was done"),
        "sv": ("", "inget att göra nu: nästa körning frågar Alma om det blev gjort"),
    },
    "after a lost decision": {
        "en": ("", "look at the request before trying again: etl requests show"),
        "sv": ("", "se på förslaget innan du försöker igen: etl requests show"),
    },
    "after a lost change": {
        "en": ("", "give the same command again: it asks Alma first, and sends nothing twice"),
        "sv": ("", "ge samma kommando igen: det frågar först Alma och skickar inget två gånger"),
    },
    "after a lost reading": {
        "en": ("", "nothing was changed by asking: try again in a while"),
        "sv": ("", "inget ändrades av att fråga: försök igen om en stund"),
    },
    "tracking": {"en": ("tracking", ""), "sv": ("spårningsnummer", "")},
    # ------------------------------------------------------------- what the ledger remembers
    "not sent": {"en": ("not sent: {why}", ""), "sv": ("inte skickad: {why}", "")},
    "not sent, told to stop": {
        "en": ("not sent: the run was told to stop", ""),
        "sv": ("inte skickad: körningen ombads att avbryta", ""),
    },
    "not looked for": {
        "en": ("not looked for: the run was told to stop", ""),
        "sv": ("inte eftersökt: körningen ombads att avbryta", ""),
    },
    "no answer": {"en": ("no answer", ""), "sv": ("inget svar", "")},
    "still absent": {
        "en": ("sent {attempts} times without a usable answer, and still not in Alma", ""),
        "sv": ("skickad {attempts} gånger utan användbart svar, och finns ännu inte i Alma", ""),
    },
    "interrupted": {
        "en": ("interrupted before it could be asked again", ""),
        "sv": ("avbruten innan det gick att fråga igen", ""),
    },
    "too early": {
        "en": (
            "Alma has not listed it yet, which counts {seconds} seconds after it was first asked",
            "",
        ),
        "sv": (
            "Alma har inte listat den ännu, vilket räknas först {seconds} sekunder efter första frågan",
            "",
        ),
    },
    "nothing to search by": {
        "en": ("it has no ISBN, ISSN, record number or title to search by", ""),
        "sv": ("den har varken ISBN, ISSN, postnummer eller titel att söka på", ""),
    },
    "too many to list": {
        "en": ("Alma lists {count} that it could be among: look it up by hand", ""),
        "sv": ("Alma listar {count} som den kan finnas bland: slå upp den för hand", ""),
    },
    "list incomplete": {
        "en": ("Alma counts {count} that it could be among, and lists {shown}: look it up by hand", ""),
        "sv": ("Alma räknar {count} som den kan finnas bland, och listar {shown}: slå upp den för hand", ""),
    },
    "not shown": {
        "en": ("Alma did not show what could be it: {why}", ""),
        "sv": ("Alma visade inte vad som kan vara den: {why}", ""),
    },
    "found": {"en": ("found in Alma as {number}", ""), "sv": ("finns i Alma som {number}", "")},
    "found before": {
        "en": ("{found}, before it was posted from here", ""),
        "sv": ("{found}, innan den skickades härifrån", ""),
    },
    "titles prove nothing": {
        "en": (
            "it has no ISBN, ISSN, record number or vendor, and a title that is not found may still be there",
            "",
        ),
        "sv": (
            "den har varken ISBN, ISSN, postnummer eller leverantör, och en titel som inte hittas kan ändå "
            "finnas",
            "",
        ),
    },
    "several": {
        "en": ("{count} in Alma could be it: {listed}", ""),
        "sv": ("{count} i Alma kan vara den: {listed}", ""),
    },
    "absent": {"en": ("not in Alma", ""), "sv": ("finns inte i Alma", "")},
    # ------------------------------------------------------------------------------- the key
    "no key": {
        "en": ("no API key: {why}", "the key is given by reference: {schemes}"),
        "sv": ("ingen API-nyckel: {why}", "nyckeln anges som hänvisning: {schemes}"),
    },
    "key impossible": {
        "en": ("what it holds is no API key: 8 to 200 printable characters without blanks", ""),
        "sv": ("innehållet är ingen API-nyckel: 8 till 200 skrivbara tecken utan blanksteg", ""),
    },
    "key not set": {
        "en": ('the environment variable "{name}" is not set', ""),
        "sv": ('miljövariabeln "{name}" är inte satt', ""),
    },
    "key in its place": {
        "en": (
            "the name of an environment variable is due, and what stands there looks like a key itself",
            "whoever has seen the mapping may know the key: replace it in the Developer Network, put the new "
            "one into an environment variable, and write env: with that variable's name",
        ),
        "sv": (
            "här ska namnet på en miljövariabel stå, och det som står ser ut som en nyckel",
            "den som har sett mappningen kan känna till nyckeln: byt den i Developer Network, lägg den nya i "
            "en miljövariabel och skriv env: med variabelns namn",
        ),
    },
    "key file": {
        "en": ('"{name}" cannot be read: {why}', ""),
        "sv": ('"{name}" går inte att läsa: {why}', ""),
    },
    "key file is no text": {
        "en": ('"{name}" cannot be read: it is not text', ""),
        "sv": ('"{name}" går inte att läsa: det är inte text', ""),
    },
    "key file open": {
        "en": ('"{name}" can be read by everybody on this machine', "chmod 600 {name}"),
        "sv": ('"{name}" kan läsas av alla på denna dator', "chmod 600 {name}"),
    },
    "no keyring": {
        "en": ("the keyring library is not installed", "pip install 'alma-orderdesk[keyring]'"),
        "sv": ("biblioteket keyring är inte installerat", "pip install 'alma-orderdesk[keyring]'"),
    },
    "keyring shut": {
        "en": ("the keyring cannot be opened: {why}", ""),
        "sv": ("nyckelringen går inte att öppna: {why}", ""),
    },
    "not in the keyring": {
        "en": ('the keyring has no "{user}" for "{service}"', ""),
        "sv": ('nyckelringen har ingen "{user}" för "{service}"', ""),
    },
}


def phrase(name: str, language: Language, /, **values: object) -> tuple[str, str]:
    """(what happened, likely fix) with the values in their places; a fix may be empty."""
    what, fix = TABLE[name][language]
    return what.format(**values), fix.format(**values)


def words(name: str, language: Language, /, **values: object) -> str:
    """What happened, alone."""
    return phrase(name, language, **values)[0]
