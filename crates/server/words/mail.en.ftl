# The words of mails. Value: the text; .subject: the subject. No secret content.

mail-greeting = To { $name }
mail-link = Open this page and sign in. Opening it changes nothing.
    { $link }
mail-foot = This mail holds no secret content. If you did not expect it, telephone the { -secretariat } of the { $council }.
    { $council } (sent automatically)

mail-news = Something that concerns your organisation has happened.
    .subject = There is news
mail-analysis = A new analysis has arrived. Answer with your opinion, or with “no material”, before the deadline.
    .subject = Please answer an analysis
mail-addendum = An addendum to what another framework has published has arrived.
    .subject = An addendum has arrived
mail-scope-asked = Somebody asks you to draw the scope wider of something you provided. Only your organisation decides.
    .subject = You are asked to draw a scope wider
mail-scope-granted = The provider has drawn the scope anew that you asked about.
    .subject = A scope has been drawn anew
mail-scope-ended = The sharing of what your organisation provided has ended at the time that you had set. Now only your organisation and the { -coordinator } read it. If you draw the scope anew, it is shared again.
    .subject = The sharing of your information has ended
mail-scope-lapsed = The time of your request to widen a scope is over. The scope is as it was.
    .subject = The time of a request has passed
mail-consultation = There is news in a consultation.
    .subject = News in a consultation
mail-feedback = An answer about a countermeasure has arrived.
    .subject = An answer has arrived
mail-inquiry = There is an inquiry for you. Answer with seen, not seen or unknown.
    .subject = An inquiry has arrived
mail-inquiry-soon = The inquiry that you were asked to answer is due soon. Unknown is an answer, too.
    .subject = An inquiry is due soon
mail-inquiry-due = The deadline of an inquiry for a consulter is over. Please return its result from the answers that came.
    .subject = The deadline of an inquiry is over
mail-inquiry-over = What came of the inquiry that you answered has gone back to whoever asked.
    .subject = The inquiry is over
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
mail-feedback-complete = Everybody who was asked about an early countermeasure has answered or was excused. Please look at the answers and assess the confidence.
    .subject = All answers are in
mail-permission-waits = We are waiting to hear whether what you consulted about may be used. Please look at the exact text and at who would read it, and permit or refuse.
    .subject = Your answer is awaited
mail-permission-withdrawn = The request to use what you consulted about was taken back. No answer is needed.
    .subject = A request was taken back
mail-help = An organisation calls for help with a countermeasure. The board shows who it is and its number. Please call back.
    .subject = Somebody calls for help
mail-source-retracted = What a released countermeasure came of was taken back by its provider. Please look at the countermeasure again, and issue an update, a correction or a cancellation.
    .subject = A source was taken back
mail-outgrown = An early countermeasure that you received in your former class has changed. You cannot read it in your present class. If you did anything because of it, please consult.
    .subject = Something that you received has changed
mail-turned-down = The release that you proposed was turned down by the second person, or taken back. The page of the release says why.
    .subject = A release was turned down
mail-received = New information has been provided. Decide whether to accept it.
    .subject = Information has been provided
mail-retracted = A provider has taken back something that you could read. It can no longer be read.
    .subject = Something was taken back
mail-request = A low-confidence countermeasure has arrived. Answer seen, not seen or unknown before the deadline.
    .subject = Please answer
mail-result = The result of your consultation has arrived.
    .subject = The result of your consultation
mail-request-soon = An answer to a request to { -class2-short } is due soon. Please answer seen, not seen or unknown.
    .subject = An answer is due soon
mail-request-overdue = An answer to a request to { -class2-short } is overdue. Unknown is an answer, too. Late answers are taken.
    .subject = An answer is overdue
mail-analysis-soon = An answer to an analysis is due soon. Please give an opinion or say that you have no material.
    .subject = An answer to an analysis is due soon
mail-analysis-overdue = An answer to an analysis is overdue. Please give an opinion or say that you have no material. Late answers are taken.
    .subject = An answer to an analysis is overdue
mail-answers-missing = Some organisations have not answered by the deadline. Please look after it.
    .subject = Answers are missing
mail-confirm-soon = Your confirmation of a masked text is due soon. Without an answer it will not be shared.
    .subject = Please confirm the masked text
mail-confirm-lapsed = The time to confirm a masked text is over. It is not shared and stays with the { -coordinator }.
    .subject = The time to confirm is over
mail-review = A precautionary release is to be reviewed. Please record what the review found.
    .subject = A review is due
mail-silence = Nothing has been said in a consultation for some time. If that stays so, it will be closed. It can be opened again.
    .subject = A consultation will be closed soon
mail-early-update = There is an update of a countermeasure that { -class2-short } was given. Please read it.
    .subject = There is an update
mail-early-correction = A countermeasure that { -class2-short } was given has been corrected. Do not go on with the text before: please read it and confirm.
    .subject = There is a correction
mail-early-cancellation = A countermeasure that { -class2-short } was given has been cancelled. Please confirm that you have read it.
    .subject = There is a cancellation
mail-early-all-clear = A countermeasure that { -class2-short } was given has ended.
    .subject = It has ended
mail-early-expired = The term of a countermeasure that { -class2-short } was given is over.
    .subject = Its term is over
mail-suspended = The membership of your organisation is suspended. Until that ends nothing can be read or done. Your organisation’s page says until when.
    .subject = Your membership is suspended
mail-reinstated = The suspension of your organisation has ended. You can read and act as before.
    .subject = The suspension has ended
mail-contribution-notice = The { -secretariat } has given notice that something was missing in your contribution. You can explain yourself, within a deadline. Please read it.
    .subject = A notice about your contribution
mail-contribution-explained = An explanation has arrived in a class review.
    .subject = An explanation has arrived
mail-contribution-heard = In a class review the time to explain is over. Until the decision something can still be added.
    .subject = The time to explain is over
mail-contribution-decided = The { -steering }’s decision in a class review is on record. Please read it with its reasons.
    .subject = A class review has been decided
mail-member-stepped-down = A member has become a { -general } by itself. The roll says which.
    .subject = The class of a member has changed
mail-member-left = A member has left the { -council } by its notice. The roll of members shows which.
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

mail-precautionary = This is a precautionary release, before confidence was high. The act is cheap and can be undone, so we tell you early.
mail-exercise = { "[" }EXERCISE] This is an exercise. It does not tell of a real attack.
    .subject = { "[" }EXERCISE]{ " " }

mail-invitation = You have been named as a handler of the { $council }. Read the pledge on this page, sign it and choose a password. The link is for you alone; do not pass it on.
    .subject = You are invited as a handler
mail-motion-noticed = This is the notice of a ballot of the { -assembly }. Read the motion and what it changes for your organisation, and vote before the close.
    .subject = Notice of a ballot
mail-motion-opened = Votes are taken from now on. You can change yours until the close.
    .subject = The ballot is open
mail-motion-closes = A ballot of the { -assembly } closes soon. If you have voted, you need not do anything. You can change your vote until the close.
    .subject = A ballot closes soon
mail-motion-closed = The ballot is closed. You can check the result and every vote.
    .subject = Result of the ballot
mail-motion-dropped = A motion that you had notice of was taken back before the ballot.
    .subject = A motion was taken back
mail-charter-changed = The amended charter is in force from today.
    .subject = The charter is amended
mail-amendment-stopped = An amendment that was carried could not take effect. The motion's page says why.
    .subject = An amendment could not take effect
mail-demand-issued = A demand for information is waiting for you. Please sign in to see what is asked, and by when.
    .subject = A demand for information is waiting
mail-demand-soon = The deadline of a demand that you have not answered is near.
    .subject = A demand is due soon
mail-demand-overdue = The deadline of a demand has passed. You can still answer it.
    .subject = A demand is overdue
mail-demand-ended = A demand for information has ended.
    .subject = A demand has ended
mail-demand-regarded = The { -steering } has recorded its view of a just cause.
    .subject = A view of a just cause was recorded
mail-demand-reported = There is a report of a demand for information that is over.
    .subject = A report of a demand
mail-case-filed = There is an application to join, or a member asks for a class.
    .subject = There is a new case of a member
mail-expulsion-proposed = Your expulsion has been proposed. Please sign in to see the ground, and until when you may explain yourself. Nothing is decided before that. If you cannot sign in, you may explain yourself to the { -secretariat } on paper.
    .subject = Important: your expulsion was proposed
mail-charge-answered = A member has explained itself to its proposed expulsion.
    .subject = An explanation has come
mail-charge-heard = The time to explain is over. The case can be put to the { -steering-short }.
    .subject = The time to explain is over
mail-case-decided = There is a result in a case that you filed, or that is about you.
    .subject = A case was decided
mail-link-own = On this page you see how far it has come, and can take it back. The address is for you alone; do not pass it on.
    { $link }
mail-application = Your application to join has been received. A mail tells you when there is a result.
    .subject = Your application has been received
mail-application-decided = The review of your application to join has ended. Open the page that the first mail named to see the result.
    .subject = The review of your application has ended
mail-case-retracted = An application to join has been taken back.
    .subject = An application has been taken back
mail-contribution-retracted = A notice about contribution was taken back, with a reason. The class stays as it is.
    .subject = A notice about contribution was taken back
