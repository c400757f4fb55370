# Consulting, inquiries, scopes.

reach-class1 = { -Class1-group }
reach-class2 = { -Class2-members }
reach-general = { -General-members }
reach-coordinator = { -Coordinator } only
reach-named = { $n ->
    [one] 1 organisation by name
   *[other] { $n } organisations by name
}
reach-except = { $n ->
    [one] without 1 organisation
   *[other] without { $n } organisations
}
reach-no-regulators = Regulators excluded
reach-no-regulators-long = Leave out my regulators
reach-no-regulators-hint = { $n ->
    [0] None is registered as your regulator now. One that is registered later is left out, too.
    [one] This one does not learn that there is anything.
   *[other] These { $n } do not learn that there is anything.
}
reach-finer = Choose sectors, organisations or an end
reach-finer-plain = Choose sectors or organisations
reach-ends = When sharing ends
reach-ends-hint = Empty means no end. After this moment only your organisation and the { -coordinator } can read it
reach-until = { $reach } (until { $at })
reach-ended = { $reach } (sharing ended { $at })
reach-sectors = Add the members of these sectors
reach-sectors-hint = They come beside whom you chose above; where you chose no class there, it is these sectors alone
reach-no-names = Names of organisations are not open to you, so you cannot choose by name. Choose by class and sector.
sector-coordination = Coordination
sector-secretariat = { -Secretariat }
sector-operation = Operations
sector-broadcasting = Broadcasting

ask-empty-text = “Something is odd…” is enough. Only the { -class1-group } reads it.
ask-empty-others = Consultations stand here as they arrive.
ask-own = Ours
ask-anonymous = Anonymous consulter
ask-sealed-title = A consultation that was withdrawn
ask-new = Ask in private
ask-new-text = A hunch is enough. Write only what you know.
ask-hunch = It is only a hunch so far
ask-hunch-hint = You need no proof to ask
ask-who = Who reads it
ask-to = Whom to ask
ask-to-class1 = { -Class1-group }
ask-to-coordinator = { -Coordinator } only
ask-to-class1-hint = The { -coordinator } and every { -class1 } read it
ask-to-coordinator-hint = Choose below, and the { -class1-members } among those read it too. Otherwise there is no adviser
ask-readers-n = { $n ->
    [one] 1 organisation reads this consultation
   *[other] { $n } organisations read this consultation
}
ask-go-n = { $n ->
    [one] Ask 1 organisation in private
   *[other] Ask { $n } organisations in private
}
ask-anonymous-label = Keep our name from { -class1-short }
ask-anonymous-hint = Only the { -coordinator } knows it
ask-promise = Nothing of it is used anywhere without your permission each time. You can withdraw at any time.
ask-title = Consultation
ask-title-own = Our consultation
ask-title-of = Consultation of { $org }
ask-title-anonymous = Anonymous consultation
ask-secret = { -Secrecy }. Only the consulter and those of the { -class1-group } whom it chose see this. Your reading is on record.
ask-readers = { -Class1-group } only
ask-anonymous-chip = Anonymous
ask-hunch-chip = A hunch
ask-sealed-text = The consulter withdrew it. The contents are gone.
ask-thread = Thread
ask-advice = Advice
ask-voice-you = We (you)
ask-voice-consulter = Consulter
ask-voice-coordinator = { -Coordinator }
ask-voice-adviser = Adviser
ask-write = Write
ask-write-label = Text
ask-write-hint = May stay empty where files say it all
ask-alike = Consultations like this one
ask-alike-n = { $n ->
    [one] 1 like it
   *[other] { $n } like it
}
ask-alike-text = They name the same indicators. Nobody but the { -coordinator } sees this.
attach = Attach files
attach-hint = Logs, mails, pictures of the screen. Up to 10, each of { $each } at most, together { $all }. Only those who read the thread get them
attach-too-large = Too large: each may have { $each }, all together { $all }
text-too-large = Too long to be sent: shorten it, or send it as a file where files can be chosen
attach-leave = Leave out
ask-as-advice = Send it as advice
ask-as-advice-hint = For what the consulter should do now
ask-write-go = Write in this consultation
ask-aside = Who takes part, and acts
ask-parties = Who takes part
ask-no-adviser = Nobody yet
ask-opened-at = Opened
ask-assign = Assign an adviser
ask-assign-go = Ask this organisation to advise
ask-close = Close the consultation
ask-reopen = Open it again
ask-own-acts = Change the scope or withdraw
ask-redraw = Draw the scope anew
ask-redraw-text = Only your organisation can change the scope.
ask-withdraw = Withdraw and erase the contents
ask-withdraw-text = Withdrawing erases everything that was written. It cannot be undone.
ask-not-party = You may read this consultation. Only the consulter, the { -coordinator } and the adviser write in it.

call-title = Enter a consultation told by telephone
call-text = It becomes the consultation of the member that calls, which can then write in it, change its scope and withdraw it by itself.
call-org = Member that calls
call-org-hint = By its full name
call-what = What it tells
call-what-hint = In its own words
call-wishes = What it wants
call-coordinator-hint = Only the { -coordinator } reads it. There is no adviser
call-regulators = Leave out the regulators of that member
call-readers = { $n ->
    [one] Beside { $org }, 1 organisation reads it
   *[other] Beside { $org }, { $n } organisations read it
}
call-promise = Tell the caller who will read it, and that it can be withdrawn at any time. It is marked as entered by proxy.
call-go = Enter it as that member’s consultation
call-unknown = There is no member of that name. Write its full name

permission-title = May this be used?
permission-text = Nothing but the texts below is used.
permission-inquiry = Inquiry with others
permission-inquiry-hint = Asks whether the same happens elsewhere
permission-item = Make an information item
permission-item-hint = Counts as provided by the consulter
permission-withdrawn = Taken back
permission-unask = Take this request back
permission-waits = Waits for an answer
permission-closed = The consultation is closed. To answer, open it again first.
permission-granted = Permitted
permission-refused = Refused
permission-exact = The text, word for word
permission-exact-label = The text to be used
permission-exact-hint = It is used word for word. Leave out what tells who consults or who is hit
permission-due = The inquiry is to be answered by
permission-due-hint = Left empty, as long as the charter gives for answers
permission-proposed = Proposed readers
permission-asked = Asked
permission-answered = Answered
permission-replies = Replies
permission-replies-n = { $n ->
    [one] 1 organisation
   *[other] { $n } organisations
}
permission-result = Result
permission-to = Who may read it
permission-note = A word
permission-note-hint = Such as what to leave out
permission-readers = { $n ->
    [one] As drawn now, 1 organisation reads this text
   *[other] As drawn now, { $n } organisations read this text, { -coordinator } among them, and nothing else; the others do not learn who asks
}
permission-count = { $n ->
    [one] As proposed, 1 organisation beside yours reads this text.
   *[other] As proposed, { $n } organisations beside yours read this text, { -coordinator } among them, and nothing else. The others do not learn who asks.
}
permission-yes = Permit the use of this text
permission-no = Do not permit
permission-return = Result for the consulter
permission-return-go = Return the result to the consulter
permission-ask = Ask for permission
permission-ask-text = Before an inquiry or an item the consulter is asked each time.
permission-purpose = Purpose
permission-ask-go = Ask the consulter for permission

inquiry-list = Inquiries
inquiry-title = Answer an inquiry
inquiry-text = An organisation wants to know whether the same happens elsewhere. We cannot say who asks.
inquiry-secret = { -Secrecy }. Only those who are asked see this.
inquiry-question = The question
inquiry-own = Answered: { $verdict }
inquiry-comment = Your words
inquiry-promise = Only the { -coordinator } knows who you are.
inquiry-go = Answer the inquiry
inquiry-closed = This inquiry is closed. What the answers came to has gone back to whoever asked.
verdict = Answer
verdict-seen = Seen
verdict-not_seen = Not seen
verdict-unknown = Unknown

form-title = Record of an incident
form-lead = What your organisation wrote in this consultation, for the notifications that you make yourself.
form-unsent = This record was sent to nobody. Whether you notify anybody is not recorded either.
form-fact-asked = Consulted at
form-fact-advised = First advice at
form-first = What happened (told on { $at })
form-later = What was found after that ({ $at })
form-add = To add before you notify anybody
form-add-text = What has to be said differs by whom you notify.
form-add-of = What
form-add-noticed = When it was first noticed
form-add-systems = Machines and work that are affected
form-add-leaked = Information that may have leaked
form-add-measures = What was done
form-add-contact = Who is in charge, and how to reach them
form-sent = Who was notified
form-sent-line = Whom, when, under which number
form-note = The words of advice from others are not in it. Before you put advice into a notification, look at its sharing scope.
ask-form = Record for notifications
ask-form-text = Writes what your organisation told into a PDF, for the notifications that you make yourself. It is sent to nobody.
ask-form-go = Write a PDF
