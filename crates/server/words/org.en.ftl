# One's organisation, the members, where information went, the charter.

save = Save
reason = Reason
org-association = { $n ->
    [one] Mutual-aid body (1 constituent)
   *[other] Mutual-aid body ({ $n } constituents)
}
org-constituents = Constituents (one to a line)
org-constituents-hint = Listed beside countermeasures that you may pass on. Others learn how many there are
org-settings = Settings
org-opening = Start of work
org-opening-hint = The deadline of an emergency counts from this time
org-phone = Emergency telephone
org-phone-hint = The { -coordinator } calls it if you do not acknowledge
org-secrets = Receive secret information
org-secrets-hint = Without it you still get the countermeasures that go to all members, and your own consultations
org-yes = Yes
org-no = No
org-admins = Administrators of the organisation change these.
org-regulators = Regulators
org-regulators-text = When you leave out your regulators, none of these learns anything.
org-regulators-none = None is registered
org-me = You
org-suspended = Your membership is suspended
org-suspended-until = It comes back by itself on { $at }, unless the { -steering } confirms the suspension. Until then nothing can be read or done.
org-suspended-confirmed = The { -steering } has confirmed the suspension. Until it ends nothing can be read or done.
org-suspended-todo = If you do not know why, telephone the { -secretariat }.
org-roll = Roll of members
org-roll-go = See the roll of members
org-leave = Leaving
org-leave-text = You may leave at any time. Nobody has to approve.
org-leave-go = Go on to the notice of withdrawal

leave-title = Notice of withdrawal
leave-lead = { $org } leaves when this notice is received. Nobody approves it, and it cannot be undone.
leave-now = What happens at once
leave-now-people = { $n ->
    [one] Your 1 handler can no longer sign in.
   *[other] None of your { $n } handlers can sign in any more.
}
leave-now-keys = { $n ->
    [one] Your 1 key for programs no longer works.
   *[other] Your { $n } keys for programs no longer work.
}
leave-now-live = Open pages stop updating, and notices stop.
leave-stays = What stays as it is
leave-stays-scope = What you provided stays under its present scope. It can be neither widened nor narrowed nor taken back any more.
leave-stays-pledge = The pledge of secrecy goes on after you have left.
leave-stays-back = To come back you apply anew.
take-title = Take your organisation’s data along
take-text = What you provided, what you answered, your acknowledgements and the record of what you did, in one file. Nothing of other organisations is in it. Once you have left it cannot be had any more.
take-go = Save the file (NDJSON)
leave-before = If you want to review scopes or take something back, do so before you file the notice.
leave-before-go = See what you provided
leave-reason = Reason
leave-reason-hint = You need not say
leave-tick = I have read what happens
leave-untick = Read what happens and tick this before you file the notice
leave-go = File the withdrawal of { $org }
leave-back = Go back without filing

receipt-title = Receipt of a notice of withdrawal
receipt-lead = The notice is received. { $org } has left the { -council }.
receipt-keep = Print or save this page. Nobody can sign in any more, so it cannot be shown again.
receipt-number = Receipt number
receipt-org = Organisation
receipt-person = Filed by
receipt-at = Received, and in effect since
receipt-charter = Charter
receipt-bound = Bound by their pledge
receipt-bound-n = { $n ->
    [one] 1 person
   *[other] { $n } people
}
receipt-line = Checksum of the record
receipt-line-hint = By it this notice is found in the { -council }’s journal
receipt-print = Print
receipt-save = Save as a file
receipt-pledge = The pledge of secrecy goes on.

people-title = Handlers
people-two = There is only one handler
people-two-text = Register two or more, for nights and holidays.
people-you = (you)
people-pledged = Pledge signed
people-change = Change
people-lock = Lock
people-unlock = Unlock
people-dismiss = Dismiss
people-invite = Invite a handler
people-invite-go = Send the invitation
people-invited = The invitation is sent to { $email }
people-link = If mail does not arrive, hand over this link in a safe way. It is shown this once.
people-mailed = This person has signed in before, so the link goes by mail only and is not shown.
people-before = This invitation went out already. Its link was shown once, then. If it did not arrive, invite again.
people-roles-go = Save the roles
people-roles-steering = The { -secretariat } records who sits on the { -steering }.
people-on-call = Nobody takes calls at night and on holidays
people-on-call-text = Whoever has the role of emergency contact is called by the { -coordinator } where nothing is acknowledged. Enter a telephone number, too.
people-steering-go = Save the record of the { -steering-short }
people-access = Access
people-lock-hint = Whoever is locked cannot sign in
people-former = Former handlers ({ $n })
people-phone = Telephone
people-roles = Roles
people-lang = Language of notices
people-none = Nobody yet
person-nominated = Invited
person-verified = Identity checked
people-verified-how = How you checked who it is
people-verified-hint = Such as “saw the staff pass in person” or “called back the main number”. Leave empty to record it later
people-verify-hint = Until this is recorded, the person cannot sign the pledge
people-verify-go = Record the check
invitation-unchecked = Your identity has not been checked yet
invitation-unchecked-text = Once an administrator of { $org } or the { -secretariat } has recorded that it was, you sign the pledge by this link. Ask whoever invited you.
person-enrolled = Active
person-locked = Locked
person-former = Former
role-handler = Handler
role-admin = Administrator
role-voter = Voter
role-steering = { -Steering }
role-auditor = Auditor
role-emergency = Emergency contact

key-title = Keys for programs
key-text = Your keys for the API and TAXII. A key sees what you see.
key-none = None yet
key-make = Make a key
key-go = Make this key
key-name = Name
key-name-hint = One that tells where it is used
key-reach = What it may do
key-read = Read only
key-read-hint = For TAXII and monitoring
key-act = Read and act
key-act-hint = For programs that answer and report
key-days = Days until it ends
key-days-hint = Leave empty to use it until it is revoked
key-made = The key “{ $name }” is made
key-once = It is shown this once and never again.
key-before = This key was made already. Its secret was shown once, then. If you did not keep it, revoke the key and make another.
key-revoke = Revoke
key-revoked = Revoked
key-over = Ended
key-created = Made
key-expires = Ends
key-used = Last used
key-unused = Not used yet

standing-active = Active
standing-suspended = Suspended
standing-withdrawn = Withdrawn
standing-expelled = Expelled
members-title = { $n ->
    [one] 1 organisation
   *[other] { $n } organisations
}
members-table = Table of members
members-new = Add an organisation
members-name = Organisation
members-seat = Class
members-sector = Sector
members-standing = Standing
members-find = Find by name
members-find-go = Find
members-any = All
members-found = { $n ->
    [one] 1 organisation matches.
   *[other] { $n } organisations match.
}
members-everybody = Show all organisations
members-nobody = No organisation matches
members-nobody-text = Type only a part of the name, or choose all classes and sectors.
member-name-ja = Name in Japanese
member-name-en = Name in English
member-constituents = Constituents of a mutual-aid body
member-reason = Reason on record
member-reason-hint = Date or number of the { -steering-short }’s decision
member-go = Record on the roll
member-roll = On the roll
member-standing = Standing
member-active = The membership is in force.
member-until = It comes back by itself on { $at }.
member-confirmed = The suspension is confirmed. It does not end by itself.
member-withdrawn = It has left. To come back it is added as a new organisation.
member-expelled = It was expelled. To come back it is added as a new organisation.
member-why = Grounds
member-why-hint = What happened, or date and number of the { -steering-short }’s decision
member-suspend = { $hours ->
    [one] Suspend for 1 hour
   *[other] Suspend for { $hours } hours
}
member-suspend-hint = Where an account is compromised or a leak suspected. The member is told, and comes back by itself unless you confirm.
member-confirm = Confirm the suspension, so that it does not end by itself
member-reinstate = End the suspension
member-end = Record an expulsion or a withdrawal
member-end-hint = Everybody of the organisation is shut out at once. It cannot be undone.
member-expel = Record the expulsion
member-withdraw = Record a notice of withdrawal that came on paper
member-regulators-text = None of these learns anything of what this organisation keeps from its regulators.
member-regulator = Regulator
member-regulator-hint = Write as much of its name as only it has
member-regulator-meant = { $n } organisations in force match. Write as much of the name as only one has
member-regulator-go = Record it as a regulator of this organisation
member-regulator-drop = Take { $org } off the record
member-regulator-add = Add or remove a regulator
member-first = The { -secretariat } invites the first handlers. The organisation’s own administrator invites the others.

trail-title = Where our information went
trail-text = What became of what your organisation gave.
trail-empty = You have not provided anything yet
trail-empty-text = A hunch is enough to consult. When you provide or answer, what becomes of it comes back here.
trail-given = Provided
trail-answers = Answered
trail-weighed = Analyses you weighed
trail-brought = STIX brought in
import-open = Shared
import-retracted = Taken back
trail-inquiries = Inquiries you answered
trail-asks = Consultations
trail-opinions = Expert opinions
trail-measures = Countermeasures
trail-measures-n = { $n } more
trail-outcome = How it ended
trail-none = None yet
trail-read = Read by { $n ->
    [one] 1 organisation
   *[other] { $n } organisations
}, { $people ->
    [one] 1 person
   *[other] { $people } people
}
trail-read-all = { $n ->
    [one] See the 1 organisation
   *[other] See all { $n } organisations
}
trail-people = { $n ->
    [one] 1 person
   *[other] { $n } people
}
trail-unread = Nobody has opened it yet
trail-answered = Answers: { $n }
trail-moved = Confidence { $before } → { $value }
trail-helped = { $n ->
    [one] Acknowledged by at least 1 organisation
   *[other] Acknowledged by at least { $n } organisations
}
trail-helped-done = , done at no fewer than { $n }
trail-released = Your answer helped a countermeasure for all members

charter-title = Charter of the { -council }
charter-text = Version { $version }. The system carries out the rules as they stand here.
charter-contents = Articles
charter-article = Article { $number }
charter-numbers = Numbers and deadlines
charter-numbers-text = The { -assembly } sets these within the bounds in brackets.
charter-hash = Checksum of this version
org-duties = Duties and contribution
org-duties-text = What you have given in this period, and what is asked of you.
org-duties-go = See my duties and contribution
feedback-excused-scope = Left out by whoever provided it
feedback-excused-membership = Left, of another class, or asked no more by the charter
charter-unverified = This charter is unverified
charter-unverified-text = Nobody has yet held its profile against the law. Use it for no real { -council }.

org-listed = Stand in the list of members
org-listed-hint = The other members then see the name and sector of your organisation, not its class. Until you choose it, none of them sees that you are a member
listing-title = List of members
listing-short = Names and sectors of the members that have chosen to be shown.
listing-go = See the list
listing-text = Only members that have chosen to be shown are here, with their name and sector and without their class.
listing-all = The { -secretariat }, the { -steering } and the { -coordinator } also see members that have not chosen to be shown.
listing-in = Your organisation is in this list.
listing-out = Your organisation is not in this list.
listing-change = Change the setting
listing-own = Your organisation
listing-count = { $n ->
    [one] { $n } organisation
   *[other] { $n } organisations
}
listing-empty = Nobody is listed yet
listing-empty-text = Once members choose to be shown, their names and sectors appear here.
