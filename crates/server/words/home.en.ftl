# Home, countermeasures, poster, the one page for the management.

home-todo = What to do now
home-skip-report = Skip to status report
home-until = Staff start at { $at }, in
home-report = Report
home-tasks-more = { $n } more are behind the numbers in the menu.
home-tasks = { $n ->
    [one] 1 thing waits for you
   *[other] { $n } things wait for you
}
home-waiting = { $n ->
    [one] 1 thing waits for you
   *[other] { $n } things wait for you
}
home-waiting-text = The most pressing come first.
home-calm = Nothing needs your action now
home-calm-text = Last checked { $at }. This page changes when something arrives.
home-due = Due { $at }
home-items = Analyses
home-drafts = Drafts of countermeasures
home-confidence = Confidence { $value }
home-owed = { $n } not answered
home-all = See all
home-aside = Consulting and providing
home-give = Provide information
home-give-text = Tell us of signs of an attack or of damage. You decide who may read it.
home-give-go = Provide information
home-coordinator = Coordination
task-acknowledge = Acknowledge
task-answer = Answer
task-permission = Answer for permission
task-reply = Reply
task-assign = Assign an adviser
task-inquiry = Answer an inquiry
task-approve = Approve a release
task-debt = Give your view
task-confirm = Confirm as source
task-triage = Receive and mask

odd-title = Something is odd…
odd-text = A hunch is enough. Ask us in private.
odd-label = What seems odd
odd-hint = For example: shared files suddenly will not open
odd-who = Only the class 1 group reads this
odd-who-text = They are bound to secrecy. Your regulators are not told. Only your organisation can widen who sees it.
odd-go = Ask in private
odd-more = Stay anonymous, choose who reads

report-title = Report your status
report-text = Sent at once. You can change it any time.
report-again = There is a correction. Read it and report again.
report-now = now
report-doing = In progress
report-doing-hint = We are at it
report-done = Done
report-done-hint = Everything is finished
report-na = Not affected
report-na-hint = All patched, or not in use
report-help = I need help
report-help-hint = The coordinator will call you back
report-planned = It is planned
report-received = Received
report-note = Add a word
report-note-label = Your words
report-acked = Acknowledged
report-somebody = Reported by
report-proxy = Entered by the coordinator after a telephone call
status-received = Received
status-doing = In progress
status-done = Done
status-na = Not affected
status-planned = Planned
status-help = Needs help

info-copy = Copy the text
info-poster = Print a poster (A4)
info-door-see = Read the text
info-why = Why we say this
info-all = All of this countermeasure
info-summary = One page for the management
info-released = Released countermeasures
info-others = Other countermeasures
info-list-all = See all
info-untitled = Countermeasure
info-unread = Not acknowledged
info-empty = No countermeasure has arrived yet
info-empty-text = When one does, you see it here and get a mail.
info-requests = Questions to class 2
info-steps = What to do
info-confidence = Confidence
info-confidence-high = High: several organisations confirmed it independently
info-confidence-medium = Medium: it is being confirmed
info-confidence-low = Low: not yet certain
info-target = Affected
info-not_target = Not affected
info-deadline = Deadline
info-side_effects = Side effects
info-check = How to check for damage
info-undo = How to undo it
info-handling = Handling
info-open = No secrets: share inside your organisation
info-executives = For the management
info-technicians = For technicians
info-phone = To say on the telephone (20 seconds)
info-all-members = All members
info-class2 = Up to class 2
info-rev = Notice { $rev }
info-precautionary = This is a precaution
info-precautionary-text = Confidence is medium, but the act is cheap and can be undone, so we tell you early. It is reviewed by { $at }.
info-cancelled = Cancelled
info-indicators = { $n ->
    [one] 1 indicator
   *[other] { $n } indicators
}
info-indicators-table = Table of indicators
info-revisions = What was issued so far
info-meta = A countermeasure is out
info-meta-text = Only members read what it says.
ioc-kind = Kind
ioc-value = Value
ioc-note = Caution
copied = Copied
copy = Copy
exercise = Exercise
print-a4 = Print (one A4 page)
rate-title = Was this useful?
rate-text = 1 (not at all) to 5 (very). Only totals are used.
rate-of-five = of five
secret-measure = Under the duty of secrecy (with penalties). It is not yet certain, and goes to class 2 at most.

urgency-Immediate = Emergency
urgency-Expected = Important
urgency-Future = Advisory
change-first = First
change-update = Update
change-correction = Correction
change-cancellation = Cancellation
change-all_clear = All clear
state-drafted = Draft
state-low_released = With class 2
state-high_released = In force
state-cancelled = Cancelled
state-ended = Ended
state-expired = Expired

poster-title = Poster
poster-tools = Print
poster-urgent = Urgent
poster-contact = Contact: ext. ______  mobile ____________
poster-at = Put up { $at }
summary-title = One-page status
summary-at = As of { $at }
summary-conclusion = Conclusion
summary-numbers = Numbers
summary-done = Our organisation has finished its response.
summary-na = Our organisation is not affected.
summary-doing = Our organisation is responding.
summary-unread = Our organisation has not acknowledged it yet.
summary-help = Our organisation has asked for help.
summary-notice = Notice
summary-own = Our status
summary-time = From notice to acknowledgement
summary-time-text = our organisation
summary-open = This page holds no secrets. You may share it inside your organisation.
summary-secret = This page is under the duty of secrecy. Show it to handlers only.
summary-empty = Nothing affects you
summary-empty-text = When a countermeasure arrives, it is put on one page here.

secretariat-title = The roll of members
secretariat-text = The secretariat reads no content by its office (charter, article 5).
secretariat-notices = Countermeasures, present and past
secretariat-members = See the members
secretariat-out = Countermeasures that are out (you do not see what they say)
operator-title = Running the system
operator-text = The operator reads nothing of the council (charter, article 5). Whether it runs can be seen here.
operator-health = Health
operator-doctor = Check of the settings
