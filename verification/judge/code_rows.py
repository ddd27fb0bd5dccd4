"""Rows for replies whose words say nothing: the enhanced code alone, then the code alone."""

from verification.judge.outcomes import Outcome
from verification.judge.rule import row

RFC_3463 = "RFC 3463 section 3"
#: A code that speaks of the mailbox is not believed where the words speak of something else.
NOTHING_ELSE = (
    r"^(?!.*(?:\bdomain|domini|домен|域名|ドメイン|도메인|\bhost|\bserver|\bservidor|serveur|сервер|"
    r"\bclient|\bnetwork|\brecords?\b|certificat|\baccess\b|\bservices?\b|\bexternal|"
    r"\bsend|\bsent\b|envoi|发信|发送|\byour?\b|<ip>|\bip\b|newsletter|\bmembers?\b|\bagents?\b|"
    r"\bmailer\b|\bprotocol\b|\bsign|\btoken\b|\bsession\b|maintenance|quota d))"
)
#: Words for whoever gets mail, in the languages of servers.
RECIPIENT = (
    r"\bunknown\b|recipi|\brcp|\buser|mail ?box|mbox|account|address|e-?mail|person|customer|"
    r"destin|utilis|boite|compte|adres|empf|benutzer|nutzer|postfach|konto|usuario|buzon|cuenta|"
    r"direccion|utente|casella|indirizzo|utilizador|conta\b|caixa|endereco|gebruiker|ontvanger|"
    r"uzytkownik|odbiorc|skrzynk|uzivatel|prijemc|schrank|kullanici|alici|hesap|mottagare|mottaker|"
    r"bruker|modtager|vastaanott|cimzett|utilizator|παραλ|χρηστ|користувач|одержувач|пользовател|"
    r"получател|адрес|ящик|ユーザ|宛先|受信|アドレス|用户|用戶|收件人|邮箱|郵箱|地址|사용자|수신자|"
    r"pengguna|penerima|nguoi nhan"
)
#: In words that nobody here can read, the code is believed only beside the address itself.
ONLY_THE_MAILBOX = rf"{NOTHING_ELSE}(?:(?:\W|\d|\b\w{{1,2}}\b)*$|.*(?:<>|{RECIPIENT}))"

TEMPORARY_ROWS = (
    row(
        "closing",
        Outcome.RATE_SENDER,
        code="421",
        enhanced=r"4\.7\.\d+",
        source="RFC 5321 section 3.8: the server ends the conversation by policy",
    ),
    row(
        "full-by-code",
        Outcome.FULL,
        code="4[25]2",
        enhanced=r"[45]\.2\.2",
        source=f"{RFC_3463}.3: X.2.2 mailbox full",
    ),
    row(
        "many-recipients-by-code",
        Outcome.TOO_MANY_RCPTS,
        code="45[12]",
        enhanced=r"[45]\.5\.3",
        source=f"{RFC_3463}.6: X.5.3 too many recipients",
    ),
    row(
        "any-4xx",
        Outcome.TEMP,
        code="4..",
        source="RFC 5321 section 4.2.1: a transient answer is never a verdict, whatever its words",
    ),
)

CODE_ROWS = (
    row(
        "command",
        Outcome.PROTOCOL,
        code="50[0234]",
        source="RFC 5321 section 4.2.2: about the command, not about the recipient",
    ),
    row(
        "no-mailbox-by-code",
        Outcome.NO_MAILBOX,
        code="5..",
        enhanced=r"5\.1\.1",
        text=ONLY_THE_MAILBOX,
        source=f"{RFC_3463}.2: X.1.1 bad destination mailbox address",
    ),
    row(
        "moved-by-code",
        Outcome.DISABLED,
        code="5..",
        enhanced=r"5\.1\.6",
        text=ONLY_THE_MAILBOX,
        source=f"{RFC_3463}.2: X.1.6 destination mailbox has moved",
    ),
    row(
        "syntax-by-code",
        Outcome.SYNTAX_RCPT,
        code="5..",
        enhanced=r"5\.1\.3",
        text=ONLY_THE_MAILBOX,
        source=f"{RFC_3463}.2: X.1.3 bad destination mailbox address syntax",
    ),
    row(
        "null-mx-by-code",
        Outcome.NO_DOMAIN_MAIL,
        code="5..",
        enhanced=r"5\.1\.10",
        source="RFC 7505 section 4.2: recipient address has null MX",
    ),
    row(
        "disabled-by-code",
        Outcome.DISABLED,
        code="55[0-4]",
        enhanced=r"5\.2\.1",
        text=ONLY_THE_MAILBOX,
        source=f"{RFC_3463}.3: X.2.1 mailbox disabled, not accepting messages",
    ),
    row(
        "full-by-5xx-code",
        Outcome.FULL,
        code="5..",
        enhanced=r"5\.2\.2",
        text=NOTHING_ELSE,
        source=f"{RFC_3463}.3: X.2.2 mailbox full",
    ),
    row(
        "sender-by-code",
        Outcome.SENDER_REJECTED,
        code="5..",
        enhanced=r"5\.1\.[78]|5\.7\.(?:2[0-9]|9|23|509)",
        source=f"{RFC_3463}.2: X.1.7 and X.1.8 bad sender's address; RFC 7372",
    ),
    row(
        "blocked-by-range",
        Outcome.BLOCKED,
        code="5..",
        enhanced=r"5\.7\.(?:60[6-9]|6[1-4]\d|511|70[58]|7\d\d)",
        source="Exchange Online 5.7.5xx to 5.7.7xx: banned sending addresses",
    ),
    row(
        "policy-by-code",
        Outcome.BLOCKED,
        code="5..",
        enhanced=r"5\.7\.\d+",
        source=f"{RFC_3463}.8: X.7 security or policy status",
        gentle=True,
    ),
    row(
        "protocol-by-code",
        Outcome.PROTOCOL,
        code="5..",
        enhanced=r"5\.[56]\.\d+",
        source=f"{RFC_3463}.6 and .7: X.5 protocol, X.6 content",
    ),
    row(
        "temporary-by-code",
        Outcome.TEMP,
        code="5..",
        enhanced=r"5\.[34]\.\d+|4\.\d+\.\d+",
        source=f"{RFC_3463}.4 and .5: X.3 system, X.4 network",
    ),
    row(
        "552",
        Outcome.FULL,
        code="552",
        text=NOTHING_ELSE,
        source="RFC 5321 section 4.2.3: exceeded storage",
    ),
    row("556", Outcome.NO_DOMAIN_MAIL, code="556", source="RFC 7504: takes no mail"),
    row("551", Outcome.RELAY_DENIED, code="551", source="RFC 5321 section 3.4: user not local"),
    row("530", Outcome.TLS_REQUIRED, code="530", source="RFC 3207 section 4"),
    row(
        "bare",
        Outcome.REJECTED_NO_REASON,
        code="55[03]",
        source="RFC 5321 section 4.2.3: a 550 stands for policy as well as for a missing mailbox",
    ),
    row("501", Outcome.PROTOCOL, code="501|555", source="RFC 5321 section 4.2.2"),
    row(
        "any-5xx",
        Outcome.BLOCKED,
        code="5..",
        source="RFC 5321 section 4.2.1: refused, and not for the recipient's sake",
        gentle=True,
    ),
    row("anything-else", Outcome.PROTOCOL, source="Not a reply that RFC 5321 knows"),
)
