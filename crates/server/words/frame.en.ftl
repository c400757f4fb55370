# Words that stand on every page: frame, acts, forms, proof of identity.

brand = Noroshi
title-end = { " " }| { $council }
skip-main = Skip to content
menu = Menu
menu-main = Main menu
menu-mobile = Main menu (mobile)
badge-waiting = { " " }waiting
crumb = You are here
back = Back
more = Show more
gap = { " · " }
label-end = { ": " }
bracket-open = { " (" }
bracket-close = )
dot = { ", " }
older = Show older
sign-in = Sign in
sign-out = Sign out
secret-label = Handling of this information
foot-updated = Updated { $at } (live)
emergency-title = [Emergency]{ " " }
frame-suspended = Your membership is suspended, so nothing can be read or done.
frame-suspended-go = See why
emergency-exercise = [Exercise]{ " " }
emergency-no = Notice { $rev }
emergency-read = Read the countermeasure
emergency-morning = { $n ->
    [one] See what to do this morning
   *[other] See this morning’s { $n } actions
}
emergency-tomorrow = { $n ->
    [one] See what to do before tomorrow
   *[other] See { $n } actions before tomorrow
}
emergency-now = { $n ->
    [one] See what to do now
   *[other] See the { $n } actions to take now
}

nav-home = Home
nav-analysis = Analysis
nav-info = Countermeasures
nav-feedback = Feedback
nav-ask = Consultation
nav-board = Acknowledgements
nav-trail = Where it went
nav-charter = Charter
nav-org = Organisation
nav-members = Members

seat-class1 = { -Class1 }
seat-class2 = { -Class2 }
seat-general = { -General }
seat-coordinator = { -Coordinator }
seat-secretariat = { -Secretariat }
seat-operator = Operator

unit-days = { $d } days
unit-hours = { $h } h { $m } min
unit-minutes = { $m } min

confidence-high = Confidence { $value } (high)
confidence-medium = Confidence { $value } (medium)
confidence-low = Confidence { $value } (low)
confidence-none = Confidence not set
chip-masked = Victims masked
chip-secret = Contains secrets
chip-open = No secrets

form-required = Required
form-optional = Optional
form-not-sent = It was not sent
form-errors = { $n ->
    [one] There is 1 thing to put right
   *[other] There are { $n } things to put right
}
form-is-gone = The form that you filled in is not on this page any more. What was not sent stands below, to be copied where it is needed.
form-kept = What you typed is still here.
step-up = Confirm that it is you
step-up-why = { $minutes ->
    [one] Before weighty acts we make sure that it is you. It holds for 1 minute.
   *[other] Before weighty acts we make sure that it is you. It holds for { $minutes } minutes.
}
step-up-as = You are signed in as { $person } ({ $org }).
step-up-go = Confirm and go on
sign-in-out = You are signed out
sign-in-email = Email address
sign-in-password = Password
sign-in-go = Sign in
sign-in-lost = If you cannot sign in
sign-in-lost-text = Ask the administrator of your organisation to invite you again. The link of the invitation lets you set a new password.
sign-in-demo = This { -council } is invented. You can sign in as one of its cast.
sign-in-as = Sign in as { $org }
sign-in-cast = The cast
sign-in-cast-text = This { -council } is invented. Choose whom to sign in as.
sign-in-others = { $n ->
    [one] 1 member without a part in the story
   *[other] { $n } members without a part in the story
}
sign-in-wrong = Address or password is wrong. Type them again
invitation = Invitation to the { -council }
invitation-text = You are invited as a handler of { $org }. Read and sign the pledge, and choose a password.
invitation-pledge = Pledge
invitation-sign = I sign this pledge
invitation-you = About you
invitation-name = Name
invitation-name-hint = It becomes the signature of the pledge
invitation-password = Password
invitation-go = Sign and begin
password = Change the password
password-text = Changing it signs you out on all other devices.
password-hint = { $n } characters or more; a long phrase is best
password-present = Present password
password-new = New password
password-go = Change the password
password-wrong = The present password is wrong. Type it again
password-short = Use { $n } characters or more
password-same = This is the present password. Choose another
password-weak = This password is easy to guess. Choose another
pledge-again = The pledge has a new version
pledge-again-why = To go on, read and sign the new pledge.
pledge-go = Sign and go on
pledge-missing = Read the pledge and tick the box to sign it
error-page-article = Article of the charter

done-signed = Signed
done-acknowledged = Your report has arrived. You can change it any time
done-asked = Your consultation has arrived. We tell you when there is a reply
done-called-in = The consultation is entered, and its member is told
done-written = Sent
done-assigned = The adviser is assigned
done-permission-asked = Permission is asked for. Now the consulter has to answer
done-permission-answered = Your answer is sent
done-result = The result went back to the consulter
done-closed = Closed
done-reopened = Opened again
done-withdrawn = Withdrawn. The contents are gone
done-asked-no-more = The request was taken back. You can put another text to the consulter.
done-given-up = The draft was given up
done-replied = Answered
done-redrawn = The scope is drawn anew
done-submitted = Provided. The { -coordinator } takes it in
done-imported = It is in
done-brought = Shared with the { -class1-group }
done-posted = Your view is posted
done-assessed = The confidence is recorded
done-triaged = The decision is recorded
done-detailed = Sent. The { -coordinator } looks at it again
done-masked = The masked text is saved. Somebody else checks it
done-checked = The masking is checked
done-edited = Sent back. It is checked, and put before you once more
done-confirmed = Your answer is recorded
done-excused = Excused from answering
done-scope-asked = The provider is asked. The scope is as it was
done-scope-refused = It is recorded that you do not agree
done-superseded = It is superseded
done-retracted = Taken back
done-drafted = The draft is saved
done-proposed = The release is proposed. A second person has to approve it
done-dropped = The proposal is dropped
done-released = Released
done-answered = Your answers have arrived. You can change them until the deadline
done-revised = Issued. It reaches everybody who had the first
done-confirmed-early = Your confirmation is on record
done-request-closed = The request for answers is closed
done-reviewed = The review is on record
done-published = The publication is on record
done-notified = Those who have not acknowledged are notified again
done-helped = You have taken it on
done-called = The call is recorded
done-proxied = Entered on their behalf
done-rated = Your rating has arrived
done-saved = Saved
done-roles = The roles are saved
done-person-verified = The check is recorded
done-person-locked = Locked. This person can no longer sign in
done-person-unlocked = Unlocked. This person can sign in again
done-person-dismissed = Dismissed
done-member_suspended = Suspended. The member is told
done-suspension_confirmed = Confirmed. The suspension does not end by itself
done-member_reinstated = The suspension has ended. The member is told
done-member_withdrew = The withdrawal is recorded
done-member_expelled = The expulsion is recorded
done-noticed = Notice given. The member is told
done-explained = Your explanation has arrived
done-stepped-down = You are a { -general } now
done-token-revoked = The key no longer works
done-password = The password is changed. Other devices are signed out

leaf-label = Pages of: { $list }
leaf-newest = Back to the newest
leaf-older = See what is older
leaf-end = There is nothing older
leaf-before = Previous
leaf-after = Next
leaf-where = { $first }–{ $last } of { $all }
