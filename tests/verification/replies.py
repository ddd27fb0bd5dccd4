"""Replies in the words that servers use, re-typed with invented names, and what they mean.

They are no sample of any collection: they were written after the table, to test it.
"""

# ruff: noqa: E501, RUF001 - replies are as long as they are; the dotless i of Turkish is meant

INVALID = """
552 5.2.1 Mailbox disabled, not accepting messages
550 5.1.1 <ann@reader.example>: Recipient address rejected: User unknown in relay recipient table
550 5.1.1 <ann@reader.example>: Recipient address rejected: User unknown in virtual alias table
550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking
550-5.1.1 The email account that you tried to reach does not exist. Please try\\n550 5.1.1 anew
550 5.1.1 User doesn't exist: ann@reader.example
550 5.1.1 unknown user
550 no such user here
550 No Such User Here
550 5.1.1 <ann@reader.example>... User unknown
550 sorry, no mailbox here by that name. (#5.7.17)
553 sorry, this recipient is not in my validrcptto list (#5.7.1)
511 sorry, no mailbox here by that name (#5.1.1 - chkuser)
550 Invalid recipient <ann@reader.example> (#5.1.1)
550 Unknown address error 550-'5.1.1 Error: Non-existent email address'
554 5.1.1 Recipient does not exist
550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
550 5.4.1 Recipient address rejected: Access denied. [AMS0EPF00001A.eurprd05.prod.outlook.com]
550 5.4.1 All recipient addresses rejected : Access denied
550 Mailbox not found
550 no mailbox by that name is currently available
550 #5.1.0 Address rejected.
550 5.1.1 Recipient unknown
550 unknown recipient
550 Unrouteable address
550-Unrouteable address\\n550 (no such mailbox)
550 5.1.6 The mailbox has moved
550 5.2.1 The email account that you tried to reach is disabled.
550 5.2.1 This mailbox has been deactivated
554 5.2.1 Account inactive
550 Account suspended
550 User ann@reader.example has been disabled
550 this mailbox is no longer in use
550 5.0.0 mailbox closed
550 That account is not active
550 ann@reader.example is no longer with the company
550 not a valid mailbox
550 ann@reader.example is not a known user
550 this address does not exist
550 addressee unknown
550 Unknown local part ann in <ann@reader.example>
550 Not our customer
553 5.5.0 invalid mailbox
556 5.1.10 Recipient address has null MX
556 Domain does not accept mail
550 5.1.2 <ann@reader.example>... Host unknown (Name server: reader.example.: host not found)
550 5.7.1 no such user!
552 5.1.1 mailbox not found
501 5.1.3 Bad recipient address syntax
553 5.1.3 malformed address
550 user ann does not have an account here
550 RCPT TO:<ann@reader.example> User not known
554 delivery error: dd This user doesn't have a mail.example account (ann@reader.example) [0]
550 5.1.1 Utilisateur inconnu
550 5.1.1 Adresse inconnue ou inexistante
550 Destinataire inconnu : ann@reader.example
550 Cette boîte n'existe pas
550 5.1.1 Empfänger unbekannt
550 5.1.1 Empfaenger existiert nicht
550 Benutzer unbekannt
550 Unbekannter Empfänger
550 Postfach existiert nicht
550 5.1.1 Usuario desconocido
550 El usuario no existe
550 5.1.1 La dirección de correo no existe
550 Buzón inexistente
550 5.1.1 Utente sconosciuto
550 Destinatario inesistente
550 La casella non esiste
550 5.1.1 Usuário desconhecido
550 Usuário não encontrado
550 Endereço de e-mail inexistente
550 5.1.1 ユーザーが存在しません
550 宛先のメールアドレスは存在しません
550 5.1.1 用户不存在
550 收件人不存在
550 邮箱地址无效
550 无此用户
550 5.1.1 Пользователь не найден
550 Неизвестный пользователь
550 Такого пользователя не существует
550 Почтовый ящик не существует
550 5.1.1 <ann@reader.example>: Email address could not be found, or was misspelled
550 5.1.1 sorry, no such account
550 no such mailbox - psmtp
550 <ann@reader.example> Unknown user
550 ann@reader.example unknown user account
550 #5.1.0 Address rejected ann@reader.example
550 Invalid address
550 5.1.1 ann@reader.example is not a valid address
550 5.2.1 :user account disabled
550 5.1.1 Account disabled
550 this user has closed their account
550 Mail account no longer exists
550 The user is no longer here
550 ann@reader.example: recipient address rejected: undeliverable address: unknown user
550 5.1.1 RCP-P1 https://postmaster.free.example/#rcp
550 cuda_nsu <ann@reader.example>: Recipient address rejected: No such user
550 5.1.1 The recipient was not found
550 recipient not found
550 Recipient unknown
550 user doesn't exist
550 no user by that name
550 no such local user
550 Local user unknown
550 unknown local user
550 nonexistent user
550 Invalid mailbox
550 Invalid RCPT TO
550 RCPT (ann@reader.example) dosn't exist
550 Account not available
550 account unavailable
550 Mailbox unavailable
550 Requested action not taken: mailbox unavailable or not local
550 Addressee not known
550 there is no one at this address
550 No account by that name here
550 5.1.1 not our user
550 can't find that user here
550 mailbox ann@reader.example doesn't exist
550 5.1.1 ann mail receiving disabled
554 5.1.1 ann: unknown
550 Mailbox inactive
550 This mailbox has been blocked due to inactivity
550 user is inactive
550 extended mail box is disabled
550 Mailbox suspended
550 ann@reader.example User suspended
525 5.7.13 Disabled recipient address
550 The email address you entered couldn't be found
550 No mailbox found for ann
550 not a valid recipient
550 Recipient is not exist
550 User name is not known
550 5.1.1 Email account does not exist
554 delivery error: This user doesn't have a reader.example account
550 Email recipient doesn't exist
550 Mailbox no longer valid
550 That user is not here
553 5.3.0 ann... No such user here
550 we don't have a user by that name
550 Diese Adresse existiert nicht
550 Adressat unbekannt
550 Mailbox unbekannt
550 Der Empfänger ist nicht bekannt
550 L'utilisateur n'existe pas
550 Compte inexistant
550 adresse email invalide
550 cuenta no existe
550 no existe el usuario
550 Destinatario no valido
550 indirizzo inesistente
550 utente non trovato
550 Conta inexistente
550 Destinatário inexistente
550 メールアドレスが見つかりません
550 该用户不存在
550 没有此用户
550 адрес не существует
550 Нет такого пользователя
550 Получатель неизвестен
550-5.7.1 No such\\n550 5.7.1 user
550-5.1.2 Mailbox does not\\n550 5.1.2 exist
550 unkown user
550 the account that you tried to reach does no exists
550 our server don't exists that user
550 not user of this server
550 Error 17: "No mailbox"
550 <ann> is now disabled
550 mail receiving disabled for this account
550 5.2.1 <ann@reader.example>: address is administratively disabled
550 The mailbox was blocked due to prolonged inactivity
550 NOACTIVITY: no recipient activity for a year
550 The recipient cannot be verified
553-5.1.2 We weren't able to find the recipient domain. Please check for any\\n553 5.1.2 errors
550 no local mailbox ann
550 We have no record of <ann@reader.example>
550 This user has left
550 Recipient is not on our user list
550 5.1.1 Mailbox unavailable or does not exist
550 User ann not listed in public Name & Address Book
550 User not a member of domain: <ann@reader.example>
550 The recipient may contain a non-existent account. [Xy= IP: 203.0.113.7]
550 5.1.1 Mail Refused - Address <ann@reader.example> Recipient Unknown
550 5.1.10 <ann@reader.example> Recipient domain reader.example does not accept any email (null MX)
550 Diese Adresse ist nicht mehr gültig
550 <ann@reader.example>, destin. sconosciuto
550 Onbekende gebruiker
550 De mailbox bestaat niet
550 Nie ma takiego użytkownika
550 Adresat nieznany
550 Uživatel neexistuje
550 Neznámý příjemce
550 Böyle bir kullanıcı yok
550 Alıcı bulunamadı
550 사용자가 없습니다
550 수신자를 찾을 수 없습니다
550 5.4.1 Recipient address rejected: Access denied. For more information see https://aka.ms/EXOSmtpErrors [AM0EUR02FT001.eop-EUR02.prod.protection.outlook.com 2026-11-02T10:00:00.000Z 08DE1234ABCD5678]
550 5.1.1 The teacher no longer works at our school. Please remove the address from your list.
550 5.1.1 <ann@reader.example>: user unknown; please check the address and try again
550 5.1.1 Email address was not found in LDAP server
550 unavailable mail user
550 5.2.1 Questo indirizzo è bloccato per inutilizzo
550 Esta casilla ha expirado por falta de uso
550 5.2.1 Conta bloqueada por inatividade
550 5.2.1 Konto zablokowane, nieaktywne
550 5.7.1 Account has been withdrawn - she left the university
550 No one with that email address here
550 There is no mailbox for this address.
550 Person not in our directory
550 Sorry, we do not have anyone of that name
550 This email address is not in use.
550 Recipient not in our user database
550 User is not on this server
550 unrecognized recipient
550 5.1.1 <ann@reader.example> okänd mottagare
550 recipient unrecognized
553 sorry, no mail-box here by that name
550 this useraccount is locked
554 sorry, no valid recipients
550 Mailbox was not used for more than a year
550 Recipient suspended the service
550 5.1.1 Bad destination mailbox address
550 Destinatario errato
550 Niemand unter dieser Adresse bekannt
550 Ya no hay nadie con ese correo
550 El usuario no tiene una cuenta en este sistema
550 该用户未开通邮箱
550 USER_UNKNOWN
550 ADDRESS_NOT_FOUND
550 <ann@reader.example>_does_not_exist_here
550 Receiver not found: ann
550 This person has departed
550 Not known to us, do not send again
550 ann was not found in LDAP
550 5.1.1 Destination server rejected recipients: user unknown
550 5.1.1 User unknown; original message size: 12 KB
550 no existe esa persona
550 Nessun utente con questo nome
550 Adresse ann@reader.example non recensee
550 Der Empfaenger ist nicht mehr bei uns
550 Keine Person mit diesem Namen hier
""".strip().splitlines()

RISKY = """
452 4.2.2 Mailbox full
552 5.2.2 Mailbox is full
550 5.2.2 user over quota
552 5.2.2 The email account that you tried to reach is over quota. Please direct the recipient to
552 5.2.3 Quota exceeded for this mailbox
552 ann@reader.example mailbox size limit exceeded
554 Recipient mailbox is full
550 Mailbox has exceeded its storage limit
552 Requested mail action aborted: exceeded storage allocation
552 5.2.2 Not enough storage space in the recipient's mailbox
452 4.2.2 The recipient's inbox is out of storage space
550 5.2.2 Account is full
450 4.2.1 The user you are trying to contact is receiving mail too quickly.
550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents more
552 5.2.2 Boîte aux lettres pleine
552 5.2.2 La boite de votre correspondant est saturee
552 5.2.2 Quota dépassé
552 5.2.2 Postfach voll
552 5.2.2 Speicherplatz überschritten
552 5.2.2 Buzón lleno
552 5.2.2 Cuota excedida
552 5.2.2 Casella piena
552 5.2.2 Caixa postal cheia
552 5.2.2 Quota excedida
552 5.2.2 メールボックスの容量が一杯です
552 5.2.2 邮箱已满
552 5.2.2 收件人邮箱空间不足
552 5.2.2 Почтовый ящик переполнен
552 5.2.2 Превышена квота
550 5.2.1 ReceivingRatePerm
554 5.2.121 The recipient's mailbox received too many messages this hour
552 De postbus is vol
552 Skrzynka odbiorcy jest przepełniona
552 Schránka je plná
552 Posta kutusu dolu
552 메일함이 가득 찼습니다
550 The recipient's mailbox frequency of receiving messages is limited
550 The user's maildir has overdrawn the quota
552 Benutzer hat zu viele Mails auf dem Server
550 mailbox limit exceeded
552 Mailbox limit was reached
""".strip().splitlines()

UNKNOWN = """
550-Verification failed for <probe@sender.example>\\n550-Called: 192.0.2.9\\n550 no such user here
550 Verification failed for <probe@sender.example>: no such user here
550 Your mailbox is disabled, not accepting messages from <probe@sender.example>
550
550 Rejected
550 5.7.1 Rejected
554 Transaction failed
550 Requested action not taken
554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org
550 5.1.1 User unknown; your host is listed in bl.spamcop.net
550 5.7.1 <ann@reader.example>: Recipient address rejected: Access denied
550 5.1.1 <ann@reader.example>: Recipient address rejected: blocked by administrator
550 5.7.1 Recipient not authorized, your IP has been found on a block list
550 5.7.1 [192.0.2.7 12] Our system has detected that this message is likely unsolicited mail
550 5.7.1 Email blocked by local policy
450 4.1.1 <ann@reader.example>: Recipient address rejected: User unknown in local recipient table
451 4.1.1 no such user
421 5.1.1 User unknown
450 5.1.1 mailbox unavailable
451 Invalid recipient
421 4.7.0 Too many errors
451 4.7.1 Greylisting in action, please come back later
450 4.2.0 <ann@reader.example>: Recipient address rejected: Greylisted, see the help page
550 5.7.1 Greylisted, please try again in 300 seconds
451 4.3.0 Temporary lookup failure
550 Temporary failure, please try again later
554 5.7.1 <ann@reader.example>: Relay access denied
550 relay not permitted
550 we do not relay
553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)
550 5.7.1 Unable to relay for ann@reader.example
550 Domain not hosted here
530 5.7.0 Must issue a STARTTLS command first
530 5.7.1 Authentication required
550 5.7.25 The IP address sending this message does not have a PTR record
554 5.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.7]
550 Fix your reverse DNS
550 5.7.23 SPF validation error
550 5.7.26 Unauthenticated email is not accepted due to the domain's DMARC policy
550 5.1.8 Sender address rejected: Domain not found
550 Sender verify failed
550-Verification failed for <p@sender.example>\\n550-No Such User Here\\n550 Sender verify failed
501 Invalid HELO name
550 invalid helo: host not found
504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname
550 Invalid address record for your host
550 5.1.7 Invalid address
550 no valid address record found for host
452 4.5.3 Too many recipients
452 4.5.3 Recipients belong to multiple regions ATTR38
452 4.3.1 Insufficient system storage
550 5.1.1 IB607 ann@reader.example has sent to too many recipients today
450 4.7.1 Error: too much mail from 192.0.2.7
550 Too many invalid recipients
550 5.7.1 directory harvest attack detected
550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required
550 You are not allowed to send to this recipient
550 5.7.1 This mailbox only accepts mail from known senders
552 5.3.4 Message size exceeds fixed limit
554 5.6.0 Message content rejected
550 Virus detected
500 5.5.2 Error: command not recognized
503 5.5.1 Error: need MAIL command
551 User not local; please try <ann@other.example>
252 2.1.5 Cannot VRFY user, but will accept message
999 what is this
hello
554 Denied
554 5.7.1 x
521 5.2.1 AOL will not accept delivery of this message.
550 unknown error
550 IP address not listed
550 Mail appears to be unsolicited
550 5.7.0 Local Policy Violation
550 email address not found in our whitelist
550 Adresse IP bloquée
550 Votre serveur figure sur une liste noire
550 Expéditeur refusé
550 Zugriff verweigert
550 Ihre IP wurde gesperrt
550 Absender unbekannt
550 Dirección IP bloqueada
550 Remitente rechazado
550 Mittente rifiutato
550 Remetente bloqueado
550 送信者が拒否されました
550 发件人被拒绝
550 您的IP被列入黑名单
550 Ваш IP заблокирован
550 Отправитель не найден
450 4.1.1 Utilisateur inconnu
450 Empfänger unbekannt
450 用户不存在
550 Votre adresse IP est inconnue
550 Le domaine expediteur est invalide
550 Ihre IP-Adresse ist unbekannt
550 Absenderadresse existiert nicht
550 Der Server ist nicht bekannt
550 IP-адрес не найден
550 Адрес отправителя не существует
550 Сервер не найден
550 服务器地址不存在
550 发件人地址不存在
550 送信元アドレスが存在しません
550 Dirección IP no válida
550 La dirección del remitente no existe
550 Indirizzo IP non valido
550 L'indirizzo del mittente non esiste
550 Endereço IP inválido
550 Endereço do remetente inexistente
550 Nom d'hôte introuvable
550 Host unbekannt
550 HELO ungültig
550 Domain existiert nicht
550 Le domaine n'existe pas
550 El dominio no existe
550 Accès refusé, utilisateur inconnu
550 Requête refusée
550 Nachricht abgelehnt
550 Empfänger abgelehnt
550 Mensaje rechazado
550 Messaggio rifiutato
550 Mensagem rejeitada
550 メッセージは拒否されました
550 邮件被拒绝
550 Сообщение отклонено
550 Relay verboten
550 Destinataire temporairement indisponible
450 Boîte inexistante
550 5.7.1 Message rejected due to low reputation of sending domain; user not found in allow list
550 Recipient server not found
550 User limit reached
550 5.4.4 Unable to route due to invalid MX record
550 5.4.5 recipient's daily message quota exceeded
550 Account has been temporarily blocked for sending too many messages
554 5.7.1 The file is not allowed
550 mail server address not found
550 invalid sender
550 Unknown sender
550 unknown client
550 5.7.1 Command rejected
550 5.7.1 Requested action not taken: message refused
550 5.7.1 Your access to submit messages to this e-mail system has been rejected.
550-5.7.26 This mail is unauthenticated
550 Blocked
550 DY-001 (COL004) Unfortunately, messages from 1.2.3.4 weren't sent.
550 JunkMail rejected
554 No SMTP service here
554 mx.local ESMTP not accepting messages
550 This message was classified as SPAM and may not be delivered
550 HELO/EHLO name must be valid
550 Forged HELO: you are not reader.example
550 bogus HELO
550 Invalid client name
550 Hostname not found
550 Your host name does not resolve
550 Reject: no reverse record
550 5.7.1 Mail from 192.0.2.1 refused, not in my whitelist
550 Mail appears to be from an unknown network
450 4.2.1 mailbox temporarily disabled
421 4.4.2 user unknown timeout
550 5.3.5 system config error: mail loops back to me
554 5.4.6 Too many hops
550 loop detected
550 recipient list too long
550 5.5.1 Protocol error
503 5.5.1 bad sequence of commands, recipient not specified
550 Not authenticated to send to this user
553 You are not logged in
550 5.7.1 Address does not exist in sender whitelist
550 Your address is not known here
550 Only registered users may send here
550 unknown host/domain, cannot verify your identity
550 Callback verification of your address failed: user unknown
550-Callback setup failed while verifying <probe@ours.dev>
550 Previous (cached) callout verification failure
550 sender callout: no such user
550 authentication failed: invalid user
535 5.7.8 Error: authentication failed: invalid user
550 cannot verify sender: mailbox does not exist
550 5.1.0 Sender denied
550 Access from unknown hosts denied
550 administrator has disabled mail reception
554 Service disabled
550 SMTP disabled for this domain
554 Mail service for this domain is suspended
550 Domain expired
550 This domain has been suspended
550 rejected: unknown reason
550 5.0.0 Command rejected: User not accepting mail at this time
550 5.7.0 recipient is restricted
550 user not allowed to receive external mail
550 5.2.0 The recipient's preference is not to accept your message
550 5.7.1 rejected by recipient
550 Recipient does not want mail from you
550 Recipient refused your message
550 Recipient has blocked you
550 user has blocked this address
550 your email address has been removed
550 Email address is on the suppression list
554 5.7.1 relay: address not found
550 Delivery not authorized, message refused
550 not allowed
550 5.4.1 Access denied
550 5.7.1 User email quota policy
550 Error: 5.7.1 no valid certificate
550 Domain reader.example not found
550 DNS error, host not found
550 reader.example: no MX
550 verification failed
550 Recipient verification timed out
550 could not verify recipient: LDAP lookup failed
550 5.1.1 temporary lookup error; user unknown

550-5.1.1 Your\\n550 5.1.1 domain does not exist
550-5.1.1 Reply from mail\\n550 5.1.1 from check: user unknown
550 5.1.1 Your sending domain letters.example was not found
550 5.1.1 unknown client
550 5.1.1 Client host mail.letters.example unknown
550 5.1.1 203.0.113.7 does not exist in our table
550 5.1.1 Hostname does not exist
550 5.1.1 Author domain not found
550 5.1.1 The address news@letters.example you send from does not exist
550 5.1.1 The user does not want to receive your newsletters
550 5.2.1 This mailbox does not accept external mail
550 5.2.1 Your access has been terminated
550 5.2.1 Server disabled for maintenance
550 5.1.1 Ihre Domain existiert nicht
550 5.1.1 Su dominio no existe
550 5.1.1 Afzender onbekend
550 5.1.1 Nadawca nie istnieje
550 5.1.1 Odesílatel neexistuje
550 5.1.1 Gönderen mevcut değil
550 5.1.1 발신자가 존재하지 않습니다
550 5.1.1 发信域名不存在
550 Bounce address does not exist
550 Authenticated user does not exist
550 We can't reply to <news@letters.example>: no such mailbox
550 Forged address: <news@letters.example> account does not exist
550 Invalid sending address
550 Invalid return address
550 Recipient address rejected: Sending mailbox unknown
550-Response to RCPT TO:<news@letters.example>\\n550 was: 550 No such user here
550 Bounce rate is too high: over 20% user unknown
550 unknown user threshold exceeded
550 Stop sending to invalid recipients
550 rejected by the rule "unknown user agents"
550 no such user-agent permitted
550 directory server failure, user could not be found
550 Your ESP account has been suspended
550 Relay account expired
550 5.7.1 Sending account suspended, user not found
550 message sending for this account is disabled
550 5.7.1 This list is closed to non-members; user not a member
550 5.1.1 <list@reader.example>: you are not a member, posting disabled
550 5.7.1 this domain is no longer accepted <ann@reader.example>
552 5.2.2 Your hourly sending limit is full
452 4.2.2 over quota: your server exceeded its message quota
450 4.2.2 system storage full; user unknown lookup failed
550 Recipient address rejected: quota of your server exceeded
550 Your outbound quota has been exceeded
552 5.2.2 Votre quota d'envoi est dépassé
550 5.2.1 This mailbox does not accept messages from unknown senders
550 5.2.1 This mailbox does not accept anonymous mail
550 5.1.1 address not accepted from outside the company
550 5.1.1 Backscatter protection: invalid bounce recipient tag (BATV)
550 5.1.1 Invalid SRS address
550 5.1.1 Mail to this user needs a valid Message-ID
550 5.1.1 recipient not valid for an unencrypted session
550 5.4.6 mail loop detected, user moved back and forth
550 5.1.1 unknown mailer
550 5.1.1 Avsändaren finns inte
550 5.1.1 A feladó nem létezik
550 5.1.1 Expeditorul nu există
550 5.1.1 Afsenderen findes ikke
550 5.1.1 Lähettäjää ei löydy
550 5.1.1 xyzzy plugh frotz
450 4.7.3 Organization queue quota exceeded
550 5.7.1 The user that you are is not known to us
550 Domain reader.example has outgoing email disabled
550 Outbound email is disabled for this account
550 User ann has been suspended from sending mail
550 SMTP access for this account is disabled
550 Mail submission for user ann is disabled
550 5.1.1 The recipient's preferences prevent messages from being delivered
550 5.1.1 <ann@reader.example> delivery restricted by the recipient's settings
550 <ann@reader.example> invalid token
550 <ann@reader.example> ARC seal invalid
550 <ann@reader.example>: signature not valid
550 5.1.1 <ann@reader.example>: mail not signed
550 <ann@reader.example>: session expired
550 <ann@reader.example>: protocol not known
550 5.7.1 Policy rejection on the target address
450 4.1.1 unverified address: Mailbox might be disabled, full, or may not exist
500 5.5.1 unknown command RCPT
502 Unrecognized SMTP command: RCPT TO user
550 Unable to verify recipient: directory server is not available
550 5.1.1 Cannot find user: LDAP directory offline
550 Account temporarily disabled, try later
550 This mailbox is temporarily suspended
550 4.2.1 Mailbox temporarily inactive: ann
550 this mailbox is currently disabled, try again
551 <ann@reader.example>: user unknown or mailbox full
550 Account unavailable: possible forgery
551 5.7.1 User has moved; please try <ann@elsewhere.example>
550 unrouteable mail domain reader.example
554 Indirizzo inesistente o non abilitato alla ricezione di posta non certificata
552 too many messages from your host, quota exceeded
550 5.7.1 Client host quota exceeded
552 MIME structure is refused
550 5.2.1 mailbox locked for maintenance, try later
550 mailbox unavailable: service is temporarily offline
550 5.2.1 Mailbox unavailable, will be back soon
550 5.2.1 mailbox cannot take messages at the moment
550 Postfach voruebergehend gesperrt
550 5.1.1 Recipient address rejected: mail system is overloaded
550 5.1.1 Recipient table unavailable
550 5.4.4 Invalid recipient domain
511 sorry, can't find a valid MX for rcpt domain (#5.1.2 - chkuser)
250-wait\\n550 5.1.1 User unknown
""".strip().splitlines()
