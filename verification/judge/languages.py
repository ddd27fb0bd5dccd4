"""Rows in other languages: the words that servers send for "blocked", "full" and "user unknown".

Written without accents and in lower case, as ``fold`` leaves them. As in English, words about the
sender are read before words about the recipient, and only 5xx can say that a mailbox is missing.
"""

# ruff: noqa: RUF001 - the Cyrillic letters are meant

from verification.judge.outcomes import Outcome
from verification.judge.rule import row

SERVERS = "Words of servers that answer in their operator's language"

FOREIGN_LIMIT_ROWS = (
    row(
        "full-foreign",
        Outcome.FULL,
        text=(
            r"\b(?:boite|bal|messagerie|compte)\b.{0,40}\b(?:pleine?|saturee?|remplie|plein)\b",
            r"\bquota\b(?! d'envoi).{0,25}(?:depasse|atteint|superat|esaurit|uberschritten|"
            r"ueberschritten|excedid|ultrapassad|erschopft)|espace.{0,25}(?:insuffisant|depasse)",
            r"\b(?:postfach|mailbox|konto|speicher\w*|briefkasten)\b.{0,40}\b(?:voll|uberfullt|"
            r"ueberfuellt|uberschritten|ueberschritten|erschopft|erschoepft)\b",
            r"\b(?:buzon|casilla|cuenta|bandeja)\b.{0,40}\b(?:llen[oa]|sin espacio)\b|"
            r"\bcuota\b.{0,40}(?:excedid|superad|alcanzad)|(?:excedid|superad)\w*.{0,30}\bcuota\b",
            r"\b(?:casella|cassetta|mailbox)\b.{0,40}\b(?:piena|satura)\b|spazio.{0,25}esaurito(?!.{0,20}(?:device|disco|server))",
            r"\b(?:caixa|conta)\b.{0,40}\b(?:chei[oa]|lotad[oa])\b|espaco.{0,25}insuficiente|"
            r"\b(?:cota|quota)\b.{0,40}(?:excedid|ultrapassad|esgotad)|"
            r"(?:excede|ultrapass)\w*.{0,30}\b(?:cota|quota)\b",
            r"(?:メールボックス|容量|受信箱|ディスク).{0,20}(?:一杯|いっぱい|満杯|フル|超え|超過|オーバー|不足)",
            r"(?:邮箱|郵箱|信箱|空间|空間|容量|收件箱|收件匣|配额|配額).{0,15}(?:满|滿|不足|超出|超过|超過|超限)|"
            r"(?:超出|超过|超過).{0,8}(?:配额|配額|容量|空间|空間)",
            r"ящик\w*.{0,40}(?:переполнен|заполнен|полон)|"
            r"(?:превышен|исчерпан|переполнен)\w*.{0,40}(?:квот|лимит|объем|ящик|мест)\w*|"
            r"квот\w*.{0,25}(?:превышен|исчерпан)|недостаточно места",
            r"\bzu ?viele (?:mails|nachrichten) auf dem server",
            r"\b(?:postbus|mailbox|postvak)\b.{0,20}\bvol\b|\bquota\b.{0,20}overschreden",
            r"skrzynk\w*.{0,30}(?:przepelnion|pelna)|przekroczon\w*.{0,30}(?:skrzynk|pojemnos)",
            r"schrank\w*.{0,30}(?:plna|preplnen)|kvot\w*.{0,20}prekrocen|prekrocen\w*.{0,20}kvot",
            r"posta kutusu.{0,20}dolu|kota\w*.{0,20}(?:asil|dol)",
            r"(?:메일함|사서함|편지함|용량).{0,15}(?:가득|초과|부족)",
        ),
        source=SERVERS,
    ),
    row(
        "greylisted-foreign",
        Outcome.GREYLIST,
        text=(
            r"liste grise|graue liste|lista gris|lista grigia|lista cinza|灰名单|灰名單|"
            r"グレーリスト|сер\w+ спис\w+|повторите (?:попытку )?через|"
            r"reessay\w+ dans|erneut (?:in|nach) \d|reintent\w+ en \d"
        ),
        code="4..",
        source=SERVERS,
    ),
)

FOREIGN_ACCOUNT_ROWS = (
    row(
        "unused-foreign",
        Outcome.DISABLED,
        text=(
            r"\b(?:compte|boite|adresse)\b.{0,40}\binactivite",
            r"\b(?:postfach|konto|adresse)\b.{0,40}\binaktiv",
            r"\b(?:cuenta|buzon|casilla|direccion)\b.{0,40}(?:\binactividad|falta de uso)",
            r"\b(?:casella|account|indirizzo)\b.{0,40}\b(?:inattivit|inutilizz)",
            r"\b(?:conta|caixa|endereco)\b.{0,40}(?:\binatividade|falta de uso)",
            r"\b(?:kont[oa]|skrzynk\w+)\b.{0,40}\bnieaktywn",
        ),
        code="5..",
        source="Servers that block what nobody uses say so of the recipient's own mailbox",
    ),
)

FOREIGN_SENDER_ROWS = (
    row(
        "certified-mail-only",
        Outcome.POLICY_RCPT,
        text=r"posta non certificata",
        source="Italian certified mail (PEC): it may exist, and takes no usual mail",
    ),
    row(
        "sender-foreign",
        Outcome.SENDER_REJECTED,
        text=(
            r"\bemetteur|\bexpediteur|\babsender|\bremitente|\bmittente|\bremetente|"
            r"発信者|送信者|送信元|差出人|发件人|發件人|寄件人|寄件者|发信|發信|отправител|"
            r"\bihre[nmrs]? (?:domain|server|adresse|host)|\bsendend|\bsu (?:dominio|servidor)|"
            r"\bvotre (?:domaine|serveur|adresse)|"
            r"\b(?:tuo|suo|vostro|seu) (?:dominio|server|servidor)|"
            r"\bваш\w* (?:домен|сервер|адрес)|[您你]的(?:域名|服务器|地址)|"
            r"\bafzender|\bnadawc|\bodesilatel|\bodosielatel|\bgonderen|발신|보낸 ?사람|송신|"
            r"\bavs[ae]nd|\bafsend|\blahettaj|\bfelado|\bexpeditor|\bsaatja|\bposiljatel|"
            r"αποστολ|відправник|\bpengirim|\bnguoi gui"
        ),
        source=SERVERS,
    ),
    row(
        "blocked-foreign",
        Outcome.BLOCKED,
        text=(
            r"(?<!<)\bip\b|(?:服务器|服務器|伺服器)地址|サーバー?アドレス",
            r"\bbloque[es]?\b|liste noire|indesirable|pourriel|politique|"
            r"(?:adresse ip|serveur|connexion).{0,40}(?:refuse|rejete|interdit)|acces refuse",
            r"\b(?:blockiert|sperrliste|gesperrte ip|schwarze liste|schwarzen liste|unerwunscht\w*|"
            r"richtlinien?)\b|\bihr\w*\b.{0,40}(?:gesperrt|abgelehnt|abgewiesen)|"
            r"\bzugriff verweigert|verbindung.{0,30}(?:abgelehnt|verweigert)",
            r"\bbloquead|\blista negra|no deseado|\bpoliticas?\b|acceso denegado|"
            r"conexion rechazada",
            r"\bbloccat|indesiderat|\bpolitiche\b|accesso negato|connessione rifiutata",
            r"acesso negado|indesejad|conexao recusada|lista de bloqueio",
            r"ブロック|拒否リスト|ブラックリスト|迷惑メール|ポリシー|接続.{0,8}拒否|アクセス.{0,8}拒否",
            r"黑名单|黑名單|拦截|攔截|屏蔽|垃圾邮件|垃圾郵件|垃圾信|策略|信誉|"
            r"(?:ip|连接|連接).{0,10}(?:被|拒|禁)|拒绝.{0,6}(?:ip|连接|访问)",
            r"заблокирован|блокиров|черн\w+ спис|спам|политик\w+|репутац|доступ.{0,10}запрещ|"
            r"соединени\w+.{0,20}(?:отклонен|отвергнут)",
            r"\bgeblokkeerd|zwarte lijst|ongewenst|\bbeleid\b",
            r"\bzablokowan|czarn\w+ li[sś]|niechcian|\bpolityk",
            r"\bzablokovan|\bblokovan|cern\w+ list|nevyzadan",
            r"\bengellen|kara liste|istenmeyen",
            r"차단|스팸|블랙리스트|정책",
        ),
        source=SERVERS,
    ),
    row(
        "relay-foreign",
        Outcome.RELAY_DENIED,
        text=r"\b(?:relai|relayage|weiterleitung|retransmision|中继|中繼|中継|релей|ретранс)\w*",
        source=SERVERS,
    ),
    row(
        "rate-foreign",
        Outcome.RATE_SENDER,
        text=(
            r"\btrop de\b|\bzu (?:viele|oft|schnell)\b|\bdemasiad[oa]s\b|\btropp[ioe]\b|"
            r"\bmuit[ao]s (?:mensagens|conexoes|destinatarios)|頻度|回数制限|频率|頻率|"
            r"频繁|頻繁|过多|過多|"
            r"слишком (?:много|часто)"
        ),
        source=SERVERS,
    ),
)

FOREIGN_RECIPIENT_ROWS = (
    row(
        "disabled-foreign",
        Outcome.DISABLED,
        text=(
            r"\b(?:compte|boite|adresse|utilisateur)\b.{0,30}(?:desactive|suspendu|ferme|cloture|"
            r"resilie|supprime|inactif|inactive)",
            r"\b(?:postfach|konto|benutzer\w*|adresse|mailbox)\b.{0,30}(?:deaktiviert|gesperrt|"
            r"geschlossen|geloscht|geloescht|stillgelegt|inaktiv|abgeschaltet)",
            r"\b(?:cuenta|buzon|usuario|direccion)\b.{0,30}(?:desactivad|deshabilitad|suspendid|"
            r"inactiv|cerrad|cancelad|eliminad)",
            r"\b(?:casella|account|utente|indirizzo)\b.{0,30}(?:disabilitat|disattivat|sospes|chius|"
            r"inattiv|cessat)",
            r"\b(?:conta|caixa|usuario)\b.{0,30}(?:desativad|desabilitad|suspens|inativ|encerrad|"
            r"cancelad|excluid)",
            r"(?:アカウント|ユーザー?|メールボックス|メールアドレス).{0,15}(?:停止|無効|削除|解約|凍結)",
            r"(?:帐号|账号|帳號|账户|帐户|邮箱|郵箱|用户|用戶).{0,10}(?:停用|禁用|冻结|凍結|注销|關閉|关闭|锁定|過期|过期)",
            r"(?:ящик|аккаунт|учетн\w+ запис\w+|пользовател\w+).{0,30}(?:отключен|удален|закрыт|"
            r"неактив|деактивирован)",
        ),
        code="5..",
        source=SERVERS,
    ),
    row(
        "no-such-user-foreign",
        Outcome.NO_MAILBOX,
        text=(
            r"\b(?:utilisateur|destinataire|adresse|boite|compte|usager)\b.{0,50}(?:\binconnue?\b|"
            r"\binvalide|\binexistante?\b|n'existe|introuvable|non recense)|(?:aucun|pas d')\W?"
            r"(?:utilisateur|compte)|(?:destinataire|utilisateur) inconnu",
            r"(?:empf(?:a|ae)nger|benutzer|nutzer|postfach|mailbox|konto|adresse|teilnehmer|"
            r"adressat|account)\w*\b.{0,50}(?:unbekannt|nicht (?:bekannt|gefunden|vorhanden|"
            r"existent|g(?:u|ue)ltig|auffindbar|eingerichtet|"
            r"mehr (?:verf|g(?:u|ue)ltig|aktiv|vorhanden|im unternehmen|bei uns))|existiert|"
            r"gibt es|ung(?:u|ue)ltig)",
            r"(?:unbekannte|ung(?:u|ue)ltige|kein|keine|keinen|solche)[rsnm]? (?:solche[rsn]? )?"
            r"(?:empf(?:a|ae)nger|benutzer|postfach|adresse|konto|mailbox|nutzer|e-?mail)",
            r"\b(?:usuario|destinatario|buzon|cuenta|direccion|casilla)\b.{0,50}(?:desconocid|"
            r"no (?:existe|encontrad|valid|se encuentra|registrad|se encontro)|inexistente|"
            r"invalid)|"
            r"no existe\b.{0,15}\b(?:usuario|buzon|cuenta|direccion|destinatario|persona)",
            r"\b(?:utente|destin(?:atario|\.)|casella|indirizzo|account)(?!\w).{0,50}(?:sconosciut|inesistent|"
            r"non (?:esiste|trovat|valid|presente|esistente|e stat|riconosciut)|invalid)",
            r"\b(?:usuario|utilizador|destinatario|caixa|conta|endereco)\b.{0,50}(?:desconhecid|"
            r"nao (?:existe|encontrad|foi encontrad|e valid|localizad|cadastrad)|inexistente|"
            r"invalid)",
            r"(?:ユーザー?|利用者|宛先|受信者|受信人|アドレス|アカウント|メールボックス|あて先).{0,25}"
            r"(?:存在しません|存在しない|存在いたしません|見つかりません|見つからない|不明|ありません|無効|"
            r"登録されていません)|該当(?:する)?(?:ユーザ|アドレス).{0,10}(?:なし|ません)",
            r"(?:用户|用戶|收件人|邮箱|郵箱|邮件地址|信箱|帐号|账号|帳號|帐户|账户|地址|使用者).{0,15}(?:不存在|未找到|"
            r"找不到|无效|無效|未知|没有找到|不正确|错误|未注册)|(?:无效|無效|未知|不存在)的?(?:用户|用戶|收件人|"
            r"邮箱|郵箱|地址|帐号|账号|使用者)|查无此|查無此|(?:没有|没|無|无)此(?:用户|用戶|收件人|邮箱|账号|使用者)",
            r"(?:пользовател[ьюя]|получател[ьюя]|адресат\w*|ящик\w*|адрес\w*|"
            r"учетн\w+ запис\w+|аккаунт\w*).{0,50}(?:не (?:существует|найден|известен|зарегистр|"
            r"обнаружен)|неизвест|несуществу|отсутству|недействител)|(?:неизвестн|несуществующ)\w+ "
            r"(?:пользовател|получател|адрес|почтов)|(?:такого|такой|таким) "
            r"(?:пользовател|адрес|ящик|почтов|аккаунт).{0,20}(?:нет|не )|нет такого",
            r"destinatario (?:errato|sbagliato)|\bnessun utente (?:simile|trovato|con)\b|"
            r"\bniemand unter (?:dieser|der) adresse|\bkeine person mit diesem namen",
            r"\bnadie con es[ea] (?:e-?mail|correo|direccion)|"
            r"usuario\b.{0,15}\bno tiene (?:una )?cuenta",
            r"(?:用户|用戶)未(?:开通|注册|開通|註冊)",
            r"\b(?:gebruiker|ontvanger|geadresseerde|postbus|mailbox|adres)\b.{0,30}"
            r"(?:onbekend|bestaat niet|niet (?:gevonden|bekend|geldig)|ongeldig)|"
            r"\b(?:onbekende|ongeldige?) (?:gebruiker|ontvanger|geadresseerde|postbus|adres)",
            r"\b(?:uzytkownik|odbiorc|adresat|adres|skrzynk|kont)\w*\b.{0,30}(?:nie istniej|"
            r"nieznan|nie (?:znalezion|ma\b)|nieprawidlow)|"
            r"\b(?:nieznan\w+|nie ma taki\w+|brak taki\w+) "
            r"(?:uzytkownik|odbiorc|adresat|adres|skrzynk|kont)",
            r"\b(?:uzivatel|pouzivatel|prijemce|prijemca|adresat|adres|schrank|ucet)\w*\b.{0,30}"
            r"(?:neexistuj|neznam|nenalezen|nenajden|neplatn)|"
            r"\bneznam\w+ (?:uzivatel|pouzivatel|prijemc|adres)",
            r"\b(?:kullanici|alici|adres|hesap|hesab|posta kutusu)\w*\b.{0,30}(?:\byok\b|"
            r"bulunamadi|mevcut degil|gecersiz|bilinmiyor|taninmiyor)|\b(?:gecersiz|bilinmeyen) "
            r"(?:kullanici|alici|adres|hesap)",
            r"(?:사용자|수신자|수신인|받는 ?사람|계정|메일 ?주소|사서함|아이디).{0,15}"
            r"(?:없습니다|없음|찾을 수 없|존재하지|유효하지|알 수 없)|"
            r"(?:없는|존재하지 않는) (?:사용자|수신자|계정|메일)",
        ),
        code="5..",
        source=SERVERS,
        explicit=True,
    ),
)
