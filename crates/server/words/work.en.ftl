# Words of the pages for analysis, answers, release and acknowledgement.

provide = Provide information
comma = ,{ " " }
analysis-bring = Bring an analysis
analysis-untitled = Untitled
analysis-owed-until = Answer due in
analysis-owed-by = { $n } not answered
analysis-triage-waits = Waits for your decision
analysis-drafts = Drafts of countermeasures
analysis-new-lead = Paste what you noticed, logs and indicators, as they are. The next page sorts them and looks for names to mask.
analysis-paste = Text, logs, indicators
analysis-paste-hint = Defanged indicators (hxxp, [.]) are recognised too
analysis-file = A STIX 2.1 or text file
analysis-file-hint = Indicators and descriptions are taken from a bundle (.json, .json.gz)
analysis-nothing-stored = Nothing is shared yet
analysis-nothing-stored-text = Until you press “provide” on the next page, nothing is stored and nobody sees it.
analysis-check-go = Go on to the check
stix-title = Bring in STIX
stix-given = Why it is given, and for what
stix-consent-prior = Countermeasures may come of it without waiting
stix-consent-each = Ask the provider before a countermeasure comes of it
stix-use-prior = A countermeasure may come of it
stix-use-each = The provider has to be asked before a countermeasure comes of it
stix-use-never = No countermeasure may come of it
stix-lead = Brings in a STIX 2.1 bundle, a list, or objects one after another, as they are. Only the scope that you draw can read them.
stix-file = STIX file
stix-file-hint = .json, and .json.gz packed by gzip
stix-nothing-stored = Until you press “Share” on the next page nothing is stored anywhere, and nobody sees it.
stix-check-go = See what is in it
stix-or-analysis = Bring it as an analysis, with your own words
stix-whole-file = Bring in STIX objects as they are
stix-check = Check before it comes in
stix-names = { $n ->
    [one] One word looks like a name
   *[other] { $n } words look like names
    }
stix-names-text = STIX is handed on to the letter. If anything tells which organisation or person was hit, change it in the file, or draw the scope narrower.
stix-names-more = { $n } more
stix-names-rest = { $n ->
    [one] There is 1 other.
   *[other] There are { $n } others.
}
stix-names-cut = It is long: only its beginning was looked through.
stix-names-seen = I have looked at the names. Hand it on as it is
stix-recognised = { $n ->
    [one] 1 object was read
   *[other] { $n } objects were read
}
stix-types = How many of each type
stix-count = Count
stix-new = { $n ->
    [one] 1 of them is new to you
   *[other] { $n } of them are new to you
}
stix-known = { $n ->
    [one] 1 you could read before; who could not gets it
   *[other] { $n } you could read before; who could not gets them
}
stix-whole = The whole file was checked
stix-as-they-came = Objects are stored as they came and are not rewritten. Properties of your own stay.
stix-readers = { $n ->
    [one] 1 organisation reads what is brought in
   *[other] { $n } organisations read what is brought in
}
stix-go = Share { $objects ->
    [one] 1 object
   *[other] { $objects } objects
} with { $n ->
    [one] 1 organisation
   *[other] { $n } organisations
}
stix-brought = STIX brought in
stix-brought-n = { $n ->
    [one] 1 object is new
   *[other] { $n } objects are new
}
stix-list = What came in
stix-taxii = The collection “library” of TAXII 2.1 has the same.
stix-secret = Contains secrets
stix-secret-hint = Members who have set themselves to receive no secrets do not get it
stix-secret-yes = Yes: members who receive no secrets do not get it
stix-secret-no = No
stix-own = Brought in by your organisation
stix-redraw = Draw the scope anew
stix-retract = Take it back
stix-retract-text = Nobody will be able to read what was brought in. Where another organisation had brought in the same, it cannot be read until that one brings it in again. What somebody has fetched already stays with them.
stix-retract-go = Take back what was brought in
stix-retracted = Taken back
stix-retracted-text = Nobody can read what came with this import any more.
stix-more = Bring in another file
stix-version = Version
stix-since = Readable since
stix-as-json = The object as JSON
stix-cut = It is long, and this is its beginning. TAXII has the whole.
stix-versions = Other versions
check-title = Check before it leaves
check-what = What you provide
check-name = Title
check-technique = Technique (how, traces)
check-damage = Damage
check-damage-hint = What happened to whom. It is handled apart from the technique
check-names-title = Mask names
check-findings = { $n ->
    [0] Every word that looks like a name stays for a reason that is written down
    [one] 1 word looks like a name. Mask it, or let it stay and say why
   *[other] { $n } words look like names. Mask each, or let it stay and say why
}
check-findings-more = { $n ->
    [one] There is 1 more. Mask these first, and it will show.
   *[other] There are { $n } more. Mask these first, and the rest will show.
}
check-open = Mask “{ $value }”, or say why it stays
check-kept = Stays
check-keep = Let it stay and say why
check-why = Why “{ $value }” stays
check-at = { $where }, line { $line }
check-at-more = { $n ->
    [one] 1 more place
   *[other] { $n } more places
}
check-in-title = Title
check-in-technique = Technique
check-in-damage = Damage
check-in-addendum_to = What it adds to
check-in-indicators = Indicators
check-mask = Mask every one without a reason
check-mask-hint = Title, technique, damage and indicators together. The same name gets the same sign in all of them, in Japanese: 被害組織A is “organisation A, which was hit”
check-no-findings = No names of organisations or persons and no internal addresses were found
thread-addendum = This adds to what another framework has said, and is not yet certain. Whether to act on it is for your organisation to judge, at its own risk.
check-addendum = Adds to something public
check-addendum-hint = The number or name of what another framework has published (such as JVNVU#99999999). Then { -class2-short } reads it, too, where the scope has { -class2-short } in it
check-about = What it is about
about-vulnerability = A vulnerability in use
about-malware = How malware behaves
about-campaign = A campaign
about-technique = A technique
about-infrastructure = Hosts used as stepping stones
about-targeting = Who is targeted
check-indicators = Indicators recognised: { $n }
check-indicators-lines = Indicators (one a line)
check-indicators-hint = Kind, value, and after “ # ” a caution. Example: domain kill.example # kill switch, do not block
check-scope = Who reads it
check-scope-who = Sharing scope
check-scope-class1-hint = Only the members who analyse, and the { -coordinator }
check-scope-class2-hint = Also the members who get it early and answer
check-scope-all-hint = Every member
check-scope-named-hint = Only the sectors and organisations chosen below, and the { -coordinator }
check-damage-apart = A scope of its own for the damage
check-damage-apart-text = It may be narrower than that of the technique. Once masked, the damage is read by { -class1-members } inside this scope and by the { -coordinator } only.
check-damage-scope = Scope of the damage
check-readers = { $n ->
    [one] 1 organisation reads the technique
   *[other] { $n } organisations read the technique
}
check-readers-damage = { $n ->
    [one] 1 organisation reads the damage
   *[other] { $n } organisations read the damage
}
check-orgs = Add these
check-orgs-hint = One a line, by full name
check-except-orgs = Leave these out
check-left-out = Your exclusions leave out { $n }:
check-names = Show their names
check-names-more = , and { $n } more
check-only-you = Only your organisation can change this scope: not the { -coordinator }, not the { -secretariat }, not a later charter.
check-look = Look again who reads it
check-how = Handling
check-basis = Basis
basis-voluntary = Voluntary
basis-duty = A duty under the charter
basis-demand = The answer to a demand
check-consent = Your consent to the masked text
consent-each = Each time
consent-each-hint = You see the masked text before anybody else does
consent-each-hint-own = What others read is the text above: sending it confirms it
consent-prior = In advance
consent-prior-hint = De-identified technical information may be used at once
consent-never = Never
consent-never-hint = Nothing may be derived from it
check-confidence = Your confidence now (0 to 100)
check-confidence-hint = The answers of others move it
check-original = It is original: not given elsewhere yet
check-author = Show our name to { -class1-short }
check-not-classified = It holds nothing that is classified by statute
check-not-classified-hint = Material classified by statute must not be stored here
check-send = { $n ->
    [one] Provide it to 1 organisation
   *[other] Provide it to { $n } organisations
}
check-send-plain = Provide it
finding-organisation = organisation
finding-person = person
finding-email = mail address
finding-private_address = internal IP address
finding-host = internal host
finding-phone = telephone number
finding-ticket = Number of a ticket or case
finding-dictionary = your own organisation
scope-class1 = The { -class1-group } only
scope-class2 = Down to { -class2-short }
scope-all = All members
scope-named = Those I choose
scope-same = As for the technique
work-secret = { -Secrecy-short }. Do not let it leave its scope. Reading is recorded.
thread-owed = Your answer is due in
thread-confidence = How the confidence went
thread-chart = The confidence, from { $first } to { $last }. Each point leads to its post.
thread-point = Post { $no }, confidence { $value }
thread-point-none = Assessment, confidence { $value }
post-step = Assessment
thread-th-high = { $value }: may go to all members
thread-th-medium = { $value }: precautionary release
thread-table = Show as a table
thread-start = Start
thread-posts = Thread
thread-given = What was given
thread-from = Began at { $value }
thread-indicators = Table of indicators
thread-indicators-n = { $n ->
    [one] 1 indicator
   *[other] { $n } indicators
}
thread-answer = Give your view
thread-kind = Kind
thread-opinion = Opinion
thread-level = Do you agree with this analysis?
level-1 = Strongly disagree
level-2 = Disagree
level-3 = Neutral
level-4 = Agree
level-5 = Strongly agree
thread-ground = Reason
thread-ground-hint = An opinion needs both a reason and evidence
thread-reliability = Source reliability
thread-credibility = Information credibility
rel-A = A completely reliable
rel-B = B usually reliable
rel-C = C fairly reliable
rel-D = D not usually reliable
rel-E = E unreliable
rel-F = F cannot be judged
cred-1 = 1 confirmed
cred-2 = 2 probably true
cred-3 = 3 possibly true
cred-4 = 4 doubtful
cred-5 = 5 improbable
cred-6 = 6 cannot be judged
thread-post-go = Post your view
thread-assess = Assess the confidence
thread-assess-text = People decide the confidence. The system only counts the evidence.
thread-assess-out = The confidence of what has gone out stays as it is until an update or a correction goes out.
release-assess-text = It comes of no analysis, or of one that is over, so it is assessed here. A release needs a confidence.
thread-value = Confidence (0 to 100)
thread-value-hint = { $medium } and above is medium, { $high } and above is high
thread-grounds = Grounds
thread-assess-go = Record the assessment
thread-close = Close the analysis
thread-outcome = Outcome
outcome-measure = A countermeasure came of it
outcome-information_only = Kept as information
outcome-wrong = It was wrong
outcome-duplicate = It was a duplicate
thread-close-note = What to tell those who gave
thread-close-hint = It reaches the provider and everybody who answered
thread-close-go = Close it and tell the provider
thread-aside = Scope and contributions
thread-purpose = For cyber security alone, and not for administrative action.
thread-scope = Sharing scope
thread-scope-locked = The provider decided it. Nobody else can change it, the { -coordinator } and the { -secretariat } included.
thread-scope-yours = Your organisation decided it. Only your organisation can change it.
thread-reads = Can read
thread-reads-damage = Read the damage
thread-not = Cannot read
thread-redraw = Change the scope
redraw-title = Draw the scope anew
redraw-text = Only your organisation can. Whoever you leave out reads it no longer, at once, and is told so.
redraw-analysis-all = The information (technique and thread)
redraw-analysis-damage = The damage
redraw-text-import = Only your organisation can draw it anew. Whoever is left out can no longer read what was brought in, at once. Whoever has come to be in it gets what was brought in now.
redraw-stix-all = What was brought in
redraw-ask-all = The consultation
redraw-now = Scope now
redraw-now-n = { $n ->
    [one] 1 organisation now
   *[other] { $n } organisations now
}
redraw-would = { $n ->
    [one] Drawn so, 1 organisation reads it
   *[other] Drawn so, { $n } organisations read it
}
redraw-look = See who would read it
redraw-go = { $n ->
    [one] Draw it so that 1 organisation reads it
   *[other] Draw it so that { $n } organisations read it
}
thread-debts = Who has answered
thread-reason = Reason
debt-excused = Excused
debt-late = Late
debts-counted = Answered { $settled } of { $asked }
debts-excused = { $n } excused
debt-settled = Answered
debt-excuse = Excuse
thread-evidence = Evidence so far
thread-suggested = The system would suggest
thread-rests = Rests on post
thread-rests-none = No single one
thread-suggest = A hint of the system. People assess.
thread-measures = Countermeasures
thread-no-measures = None yet
thread-draft = Draft a countermeasure
thread-became = What became of it
thread-opinions = Opinions returned
thread-retract = Take it back
thread-retract-text = Nobody can read it any more. Countermeasures that have gone out remain.
thread-retract-go = Take it back
thread-confirm = May this text be used?
thread-confirm-text = The { -coordinator } masked this text. It is not shown to { -class1-short } before you approve.
thread-confirm-yes = Approve
thread-edit = Write it otherwise
thread-edit-text = Somebody else checks what you wrote, and it is put before you once more. Until then nobody sees it.
thread-edit-go = Send it back as written
thread-confirm-no = Do not approve
thread-detail = Add what was asked for
thread-detail-text = The { -coordinator } asks for what stands above. Once you have added it, it is looked at again.
thread-detail-label = What you add
thread-detail-go = Add and send
thread-added = Added
thread-triage = Do you accept it?
thread-decision = Decision
triage-accept = Accept
triage-return = Ask for details
triage-decline = Decline
thread-decide = Record the decision
thread-mask = Write the masked text
thread-mask-text = Only this text is shown to { -class1-short }. Somebody other than its author checks it.
thread-mask-see = See and change the text
mask-write = The text
mask-look = Look for names again
mask-check = The second person’s check
mask-left = { $n ->
    [one] 1 word that looks like a name is left in
   *[other] { $n } words that look like names are left in
}
mask-left-why = It stays because: { $why }
mask-left-no-why = Nobody has said why it stays
mask-seen = { $n ->
    [one] I have looked at it, and it need not be masked
   *[other] I have looked at all { $n }, and none need be masked
}
mask-seen-missing = Look at each word that is left in, and tick that you have
mask-check-share = Masking is right: share it with { -class1-short }
mask-check-source = Masking is right: ask the provider to approve it
mask-check-never = Masking is right: keep it with the { -coordinator }
mask-original = What was provided
thread-mask-so-far = The masked text so far
thread-mask-so-far-text = Once the { -coordinator } has checked it, your organisation is asked to confirm it. Nobody else sees it before.
mask-not-now = There is no text to be written at this stage
thread-check-hint = Somebody else than who wrote the text checks it
thread-mask-go = Save the text
triage-merge = Merge it with another
triage-merge-hint = Where another item tells the same. Its provider learns only that it was merged
triage-into = Number of the other item
triage-into-hint = Only to merge. It begins with A-
thread-merged = Merged into:
thread-superseded = Superseded by:
thread-supersede = Give a newer item in its place
thread-supersede-text = No more opinions are taken on this one then. Whoever may read it sees that it is superseded.
thread-supersede-by = The newer item
thread-supersede-go = Supersede it by this
request-ask = Ask the provider to draw the scope wider
request-ask-text = Asking widens nothing. Only the provider decides.
request-wish-who = Who should be able to read it
request-why = Why
request-ask-go = Ask the provider
request-from = { $org } asks for a wider scope
request-wish = Scope wished for: { $reach }
request-until = Until
request-mine-asked = You have asked for a wider scope
request-mine-granted = The provider has drawn the scope anew as you asked
request-mine-lapsed = The time of your request is over. The scope is as it was
request-granted = You have drawn the scope anew for it
request-refused = You have not agreed
request-lapsed = Its time is over, unanswered
request-look = See the request and draw the scope
request-refuse = Do not agree
request-refuse-hint = Whoever asks is not told. It looks the same as when the time is over.
post-provided = Provided
post-anonymous = Anonymous
post-masked = Name masked
post-original = Original
post-agree = Supports
post-disagree = Refutes
post-neutral = Neutral
post-no-material = No material
post-note = Question or note
post-yours = { " " }(you)
post-evidence = Evidence
post-admiralty = Source { $r }, credibility { $c }
col-kind = Kind
col-value = Value
col-note = Caution
col-org = Organisation
col-when = Answered
col-opens = Opens
col-phone = Telephone
col-state = State
col-act = Act
col-sector = Sector
col-parts = Parts
col-percent = Acknowledged
kind-ipv4 = IPv4 address
kind-ipv6 = IPv6 address
kind-cidr = Network
kind-domain = Domain
kind-url = URL
kind-email = Mail address
kind-md5 = MD5
kind-sha1 = SHA-1
kind-sha256 = SHA-256
kind-sha512 = SHA-512
kind-text = Text
kind-filename = File name
kind-filepath = File path
kind-registry = Registry key
kind-cve = Vulnerability
feedback-secret = { -Secrecy-short }. This is not yet confirmed. It goes to { -class2-short } only. Whether to act on it is for your organisation to judge, at its own risk.
feedback-owed = Answer due in
feedback-closed = Closed
feedback-none = No indicators wait for an answer
feedback-none-text = When some arrive, your contacts are told.
feedback-title = { $n ->
    [one] Have you seen this indicator?
   *[other] Have you seen these { $n } indicators?
}
feedback-skip = Skip to the answers
feedback-until = Until { $at }, left:
feedback-late = The deadline ({ $at }) has passed; you can still answer
feedback-answered-at = Answered { $at }
feedback-question = Question
feedback-read = Read the whole countermeasure
feedback-where = Which logs did you search?
feedback-where-hint = “Not seen” needs the logs and the period you searched. About logs you did not search, answer “unknown”.
feedback-sources = Logs searched
source-proxy = Proxy
source-dns = DNS
source-firewall = Firewall
source-edr = EDR
source-mail = Mail
source-ids = IDS/IPS
feedback-from = From
feedback-to = To
feedback-each = Answer each indicator
keys-move = move
keys-send = send
feedback-more = More
feedback-basis = What it rests on
feedback-basis-mixed = As before, each for itself
basis-of-manual = Somebody looked
basis-of-agent = A program searched the logs
basis-of-soc = Our SOC looked
basis-of-hearsay = Memory and hearsay
feedback-first = First seen
feedback-last = Last seen
feedback-count = How often
band-one = 1 time
band-few = 2 to 9 times
band-many = 10 times or more
feedback-blocked = Was it stopped?
blocked-yes = Yes
blocked-partly = In part
blocked-no = No
feedback-reason = Why unknown
unknown-no_logs = No logs
unknown-out_of_period = Logs do not reach back
unknown-investigating = Still looking
unknown-not_applicable = Nothing of the kind in use
unknown-no_staff = No staff
feedback-comment = Comment
feedback-all-chip = Overall
feedback-all = About this as a whole
feedback-sent = What is sent
feedback-sent-text = Your answers, the order of magnitude, when it was first and last seen, the kinds of logs and the period, what you rest on, and your comments; no log content. Other { -class2-members } do not see your name.
feedback-json = The data, to the letter
feedback-json-text = The answers as chosen now are sent exactly like this, the same as a program sends to { $at }. Looking sends nothing.
feedback-json-go = See what is sent, to the letter (JSON)
feedback-consent = { -Class1-short } may see our name and our answers
feedback-answers = Answers
feedback-sum = Seen { $seen }, not seen { $not_seen }, unknown { $unknown }
feedback-send = Send the answers ({ $n })
feedback-send-plain = Send the answers
feedback-rest = You can send the other { $rest } later
feedback-complete = All answered
feedback-indicators = Indicators
feedback-totals = What everybody answered
feedback-asked = { $asked ->
    [one] 1 was asked, { $answered } answered.
   *[other] { $asked } were asked, { $answered } answered.
}
feedback-below = Below { $k }
feedback-k = Counts below { $k } are not shown, so that nobody can be told apart.
feedback-k-not-yet = Totals appear here once { $k } have answered.
feedback-who = Answers by organisation
feedback-only-total = Counts in the total only
answered-of = Answer of { $who }
answered-own = Your organisation's answer
answered-see = See your organisation's answer
answered-each = Answer to each indicator
answered-all = Back to the indicators and totals
answered-named = Named to { -class1 }
answered-unnamed = Only the { -coordinator } sees the name
write-title = Draft of a countermeasure
write-free = A countermeasure without an analysis
write-sources = Analyses that it comes of
write-sources-text = Choose as many as it rests on. Whoever the provider of one has left out does not get it early. Add their indicators below.
write-sources-more = { $n } more
write-banner = Headline and text
write-name = Headline
write-name-hint = The act, in at most { $max } characters
write-body = Text
write-body-hint = At most { $max } characters
write-deadline = By when
write-steps = Steps
write-step = Step { $n }
write-how = How to do step { $n }
write-target = Affects
write-not-target = Does not affect
write-side = Side effects
write-check = How to check
write-undo = How to undo it
write-texts = Texts for each reader
text-executives = For executives
text-technicians = For technicians
text-door = For the door
text-door-hint = Printed on one A4 sheet
text-phone = For the telephone
text-phone-hint = 20 seconds when read aloud
write-ask = Question to { -class2-short }
write-question = Question
cap-urgency = Urgency
cap-Immediate = Immediate
cap-Expected = Expected
cap-Future = Future
cap-severity = Severity
cap-Extreme = Extreme
cap-Severe = Severe
cap-Moderate = Moderate
cap-Minor = Minor
cap-certainty = Certainty
cap-Observed = Observed
cap-Likely = Likely
cap-Possible = Possible
write-damage = There is damage
write-open = No secrets: headline and text may stand in the mail
write-open-hint = Only under TLP:GREEN and TLP:CLEAR; what a revision changed goes with them. Otherwise the mail carries only a link
provide-exercise = Send this as an exercise
provide-exercise-hint = This, and all that is made of it, says “Exercise”. It is never mixed with what is real
write-go = Save the draft
write-go-text = Saving sends nothing to anybody. On the next page you check it; somebody else approves before it goes out.
release-title = Check before release
release-board = See who has acknowledged
release-title-out = Released countermeasure
release-title-early = Countermeasure for { -class2-short }
release-second = Waits for a second person
release-edit = Edit the draft
release-retracted = Whoever provided the analysis that this came of has taken it back. Look again at what has gone out, too.
release-as-member = See it as a member does
release-give-up = Give this draft up
release-give-up-text = Only a draft that has gone nowhere can be given up. What it came of stays as it is.
revise-names = These words look like names, and nothing that went out had them so far:
revise-names-seen = I have looked at them. Send it as it is
release-unweighed = Nobody has weighed this on grounds yet. The first estimate of whoever brought it is not enough to release it.
release-unweighed-go = Assess the confidence in { $id }
release-turned-down = The proposal before ({ $what }) was turned down or taken back.
release-early = What { -class2-short } was told before
release-aside = Checks and proposals
release-checks = Before it goes out
release-checks-all = Before it goes to all members
release-checks-out = What was checked
pre-confidence = Confidence
pre-confidence-none = Not assessed (release to all needs { $limit })
pre-confidence-text = { $value } (release to all needs { $limit })
pre-masked = Masking
pre-masked-text = Words that look like names or internal addresses: { $value }
pre-title = Headline
pre-title-text = { $value } / { $limit }
pre-body = Text
pre-body-text = { $value } / { $limit }
pre-texts = Texts for each reader
pre-texts-text = { $value } of { $limit }
pre-undo = How to undo it
pre-undo-text = { $value ->
    [one] Written: 1 character
   *[other] Written: { $value } characters
}
pre-consent = Consent of the providers
pre-consent-text = Items it rests on whose provider lets them be used: { $value } of { $limit }
pre-excluded = Regulators and others left out
pre-excluded-text = { $value ->
    [0] No provider has left anybody out
    [one] One organisation that a provider has left out gets only the countermeasure that goes to all, and nothing that it rests on
   *[other] { $value } organisations that a provider has left out get only the countermeasure that goes to all, and nothing that it rests on
 }
pre-two = Two persons
pre-two-done = Released
pre-two-one = { $who } has proposed. Somebody else has to approve
pre-two-none = Nobody has proposed yet
pre-names = Found:
release-approve-low = { $n ->
    [one] Approve: release to 1 { -class2 }
   *[other] Approve: release to { $n } { -class2-members }
}
release-approve-high = { $n ->
    [one] Approve: release to 1 member
   *[other] Approve: release to { $n } members
}
release-approve-precautionary = { $n ->
    [one] Approve: precautionary release to 1 member
   *[other] Approve: precautionary release to { $n } members
}
release-take-back = Take the proposal back
release-drop = Drop the proposal
release-wait = You proposed this. It waits for somebody else.
release-secret = { -Secrecy-short }. This draft has not been released.
release-secret-early = { -Secrecy-short }. It has gone to { -class2-short }, and not to all members.
propose-low = Low-confidence release to { -class2-short }
propose-low-text = It goes to { -class2-short } only, marked unconfirmed, and asks whether they see it.
propose-due = Answers due
propose-low-go = Propose the release to { $n }
propose-high = Release to all members
propose-high-text = It reaches every member by banner and mail. Somebody else has to approve.
propose-high-go = Propose the release to { $n }
propose-precautionary = Precautionary release
propose-precautionary-text = Below high confidence, a cheap and reversible act may go out early. It is reviewed by a deadline.
propose-why = Why it cannot wait
propose-cheap = It costs little
propose-reversible = It can be undone at once
propose-precautionary-go = Propose the precautionary release to { $n }
revise-title = Update, correct, cancel, give the all-clear
revise-title-whole = Write an update or a correction
revise-text = It reaches everybody who had the one before. Earlier texts stay visible as history.
revise-kind = Kind
revise-note = What has changed
revise-whole = Rewrite headline, text, steps, notices or indicators
revise-what = What has changed
revise-go = { $n ->
    [one] Send it to 1 organisation
   *[other] Send it to { $n } organisations
}
board-none = Nothing has been released yet
board-none-text = After a release you see here who has acknowledged.
board-urgent = Urgent
board-since = Notice { $rev }, { $at }, { $since } ago
board-revise = Write an update, a correction, a cancellation
board-next = Next notice
board-now = The text that members have now
board-next-text = { $n ->
    [one] It reaches the 1 organisation that had the first one. Earlier texts stay in the history.
   *[other] It reaches all { $n } organisations that had the first one. Earlier texts stay in the history.
}
board-all = All
board-acked = Acknowledged
board-of = { $percent }% of { $all }
board-help-open = { $n } not taken
board-waiting = Not acknowledged
board-soon = { $n } open from { $hour }:00
board-bar = Done { $done }, doing { $doing }, not affected { $na }, received { $received }, help { $help }, waiting { $waiting }
board-help = Calls for help: { $n } not taken
board-opens = opens { $at }
board-help-taken = Taken
board-help-take = Take it
board-no-help = Nobody has asked for help.
board-calls = Whom to call, earliest opening first
board-all-sectors = All sectors
board-on-call = Emergency contact { $name }
board-called = { $n ->
    [one] No answer once
   *[other] No answer { $n } times
}
board-defect = Mail not delivered
stage-queued = Not sent yet
board-of-received = Of those that have read it: { $planned } planned, { $not_done } not done
stage-acknowledge_again = Correction not acknowledged
board-call = Call and record
board-not-reached = No answer
board-again = Notify { $n } again
board-print = Print the list
board-nobody = Everybody has acknowledged
board-sectors = By sector
board-aside = Rating and log
board-useful = Usefulness
board-useful-text = Mean of { $n }: { $mean } of 5
board-log = What was sent
board-log-none = No mail recorded yet. Portal, API and TAXII have it from the moment of release.
board-by-phone = by telephone
board-proxy = Entered for them
log-mail-sent = Notice { $rev } mailed to { $n }
log-mail-failed = { $n ->
    [one] 1 mail of notice { $rev } failed
   *[other] { $n } mails of notice { $rev } failed
}
log-call-reached = { $n } reached by telephone
log-call-not_reached = { $n } did not answer the telephone
log-portal-sent = { $n } by portal
field-target = Affects
field-not_target = Does not affect
field-deadline = By when
field-side_effects = Side effects
field-check = How to check
field-undo = How to undo it
thread-read-by = { $n ->
    [one] Read by 1 organisation
   *[other] Read by { $n } organisations
}
thread-read-people = { $n ->
    [one] 1 person
   *[other] { $n } people
}
thread-read-none = No other organisation has read it yet

feedback-for = Enter the answer that { $who } gave by telephone
feedback-waiting = Not yet: { $n }
feedback-unanswered = no answer
feedback-enter-for = Enter an answer given by telephone
feedback-excuse = Excuse
feedback-excuse-go = Excuse from answering
feedback-close = Take no more answers
early-rev = Report { $n }
early-changed = What changed:
early-confirm = I have read it
early-confirm-text = So that nobody goes on acting on the text before.
early-unconfirmed = correction not confirmed
early-before = The texts before
revise-text-early = Updates, corrects, cancels or gives the all-clear for what { -class2-short } has. It reaches the { -class2-short } organisations that had it, and nobody else. A correction and a cancellation ask them to confirm.
revise-go-early = { $n ->
    [one] Issue to 1 organisation
   *[other] Issue to { $n } organisations
}
review-title = Review of the precautionary release
review-text = A precautionary release is reviewed by { $at }.
review-finding = What the review found
review-go = Record the review
reviewed-title = The review
publish-title = Record that it was made public
publish-text = When the { -coordinator } has published it as an alert, its number or address is recorded here and shown to members. Nothing is published by this.
publish-reference = Number or address
publish-go = Record the publication
published-at = Made public: { $reference }
write-onward = Associations may pass it on to their constituents
write-onward-hint = Mutual-aid bodies such as CEPTOARs and ISACs may hand this text to their constituents. No other passing on is allowed.
onward-yes = May be passed on to your constituents ({ $n })
onward-no = Not to be passed on to your constituents
onward-to = Constituents that may have it ({ $n })
