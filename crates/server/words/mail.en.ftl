# The words of mails. Value: the text; .subject: the subject. No secret content.

mail-greeting = To { $name }
mail-link = Open this page and sign in. Opening it changes nothing.
    { $link }
mail-foot = This mail holds no secret content. If you did not expect it, telephone the secretariat of the { $council }.
    { $council } (sent automatically)

mail-news = Something that concerns your organisation has happened.
    .subject = There is news
mail-analysis = A new analysis has arrived. Answer with your opinion, or with “no material”, before the deadline.
    .subject = Please answer an analysis
mail-consultation = There is news in a consultation.
    .subject = News in a consultation
mail-feedback = An answer about a countermeasure has arrived.
    .subject = An answer has arrived
mail-inquiry = There is an inquiry for you. Answer with seen, not seen or unknown.
    .subject = An inquiry has arrived
mail-item = There is news about information that you gave or look after.
    .subject = News about information
mail-narrowed = A provider has narrowed the scope of something. Some of it can no longer be read.
    .subject = A sharing scope has changed
mail-outcome = What became of the information that you gave is now known.
    .subject = What became of your information
mail-permission = You are asked whether part of your consultation may be used. Nothing is used before you permit it.
    .subject = Your permission is asked for
mail-proposal = A release is proposed. It needs a second person.
    .subject = A second person is needed
mail-received = New information has been provided. Decide whether to accept it.
    .subject = Information has been provided
mail-request = A low-confidence countermeasure has arrived. Answer seen, not seen or unknown before the deadline.
    .subject = Please answer
mail-result = The result of your consultation has arrived.
    .subject = The result of your consultation
mail-suspended = The membership of your organisation is suspended. Until that ends nothing can be read or done. Your organisation’s page says until when.
    .subject = Your membership is suspended
mail-reinstated = The suspension of your organisation has ended. You can read and act as before.
    .subject = The suspension has ended
mail-member-left = A member has left the council by its notice. The roll of members shows which.
    .subject = A member has left

mail-notice-first = An urgent countermeasure has arrived. Acknowledge it and report what you do.
    .subject = Urgent: a countermeasure has arrived
mail-notice-update = An update of a countermeasure has arrived. Acknowledge it.
    .subject = Update: a countermeasure has changed
mail-notice-correction = A countermeasure has been corrected. Do not go on with what it said before; acknowledge it again.
    .subject = Correction: a countermeasure was corrected
mail-notice-cancellation = A countermeasure has been cancelled. Acknowledge it.
    .subject = Cancelled: a countermeasure was cancelled
mail-notice-all-clear = A countermeasure has ended. Acknowledge it.
    .subject = All clear: a countermeasure has ended
mail-notice-again = There is a countermeasure that you have not acknowledged. Acknowledge it and report what you do.
    .subject = Again: not yet acknowledged
mail-open-first = { $title }

    { $body }
    .subject = Urgent: { $title }
mail-open-update = An update of a countermeasure. What has changed:
    { $note }

    What it says now:
    { $title }

    { $body }
    .subject = Update: { $title }
mail-open-correction = A countermeasure has been corrected. Do not go on with what it said before; acknowledge it again. What was corrected:
    { $note }

    What it says now:
    { $title }

    { $body }
    .subject = Correction: { $title }
mail-open-cancellation = The countermeasure below has been cancelled. Do not follow it any more. Why it was cancelled:
    { $note }

    What was cancelled:
    { $title }

    { $body }
    .subject = Cancellation: { $title }
mail-open-all-clear = The countermeasure below has ended. Why it has ended:
    { $note }

    What has ended:
    { $title }

    { $body }
    .subject = All clear: { $title }

mail-exercise = { "[" }EXERCISE] This is an exercise. It does not tell of a real attack.
    .subject = { "[" }EXERCISE]{ " " }

mail-invitation = You have been named as a handler of the { $council }. Read the pledge on this page, sign it and choose a password. The link is for you alone; do not pass it on.
    .subject = You are invited as a handler
