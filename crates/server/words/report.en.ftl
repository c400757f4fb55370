# Annual reports.

year-name = Annual report
year-title = Annual report { $year }
year-own-title = Your year { $year }
year-lead = The { -council } reports on its year to all members. No organisation is named.
year-going-on = This year is not over. For now it holds what every member knows anyway. A count that rises would tell that something goes on, so the others come on { $at }.
year-years = Years
year-year = { $year }
year-year-sofar = { $year } (so far)
year-council = The { -council }’s report
year-own = Your year
year-own-go = See your year
year-pdf = Get it as PDF
year-go = Read the annual report
year-text = A year of the { -council } in figures and charts. No organisation is named.
year-figure = Figure
year-about = What
year-chart = Chart
year-counting = How it is counted
year-band = { $from }–{ $to }
year-few = few
year-joint = { " / " }
year-comma = , { "" }
year-total = { $n } in all
year-of = of { $n }
year-key-is = at least
year-key-may = at most
year-key-half = half
year-key-most = nine of ten
year-took = half within { $half }, nine of ten within { $most }
year-took-half = half within { $half }
year-days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
year-turnout = { $cast } of { $electorate } voted

year-fact-members = Members
year-fact-items = Items and analyses
year-fact-consultations = Consultations
year-fact-releases = Countermeasures for all
year-fact-ballots = Ballots of the { -assembly }
year-fact-demands = Demands reported

year-members = Members
year-members-text = How many members there were at the end of the year.
year-members-of = Members by class
year-moved = Within the year
year-joined = Members that joined
year-left = Members that left or were expelled
year-items = What was provided, and what became of it
year-items-text = What had become, by the end of the year, of what was provided within it.
year-items-of = What became of it
year-basis-of = On what basis it was provided
year-became-measure = Became a countermeasure
year-became-information_only = Kept as information
year-became-duplicate = Duplicate, or replaced by something newer
year-became-wrong = Turned out to be wrong
year-became-declined = Not accepted
year-became-retracted = Taken back by its provider
year-became-under_way = Under way at the end of the year
year-became-going-on = Under way
year-releases = Countermeasures, and their confidence at release
year-releases-text = { $n ->
    [0] No countermeasure was released to all members.
    [one] One countermeasure was released to all members.
   *[other] { $n } countermeasures were released to all members.
}
year-released = Confidence at the release to all members
year-early = Confidence at the early release
year-level-low = Low
year-level-medium = Medium
year-level-high = High
year-after = After the release, and beside it
year-precautionary = Precautionary among them
year-updates = Updates
year-corrections = Corrections
year-cancellations = Cancellations
year-all-clears = All-clears
year-drills = Drills
year-times = How long it took
year-times-of = Half, and nine of ten
year-times-text = Times are rounded up to a round length.
year-took-consultation = From a consultation to its first answer
year-took-item = From an item to its first answer
year-took-early = From an item to the early release
year-took-release = From an item to the release to all
year-took-feedback = From a request to a simple answer
year-took-acknowledgement = From a release to its acknowledgement
year-feedback = Simple feedback
year-feedback-text = Answers to early countermeasures. “Unknown” is an answer, too.
year-feedback-of = What was answered
year-verdict-seen = Seen
year-verdict-not_seen = Not seen
year-verdict-unknown = Unknown
year-punctuality-of = Deadlines and answers
year-owed-on_time = In time
year-owed-late = Late
year-owed-missed = Not answered
year-owed-excused = Excused
year-acknowledgements = Acknowledgements
year-acknowledgements-text = How soon each member acknowledged each countermeasure that was released to all.
year-acknowledged-of = Time to the acknowledgement
year-soon-hour = Within an hour
year-soon-day = Within a day
year-soon-later = Later
year-soon-not = Not acknowledged
year-ballots = Ballots of the { -assembly }
year-ballots-of = Results
year-ballots-none = No ballot was closed.
year-demands = Demands for information or cooperation
year-demands-text = { $n ->
    [0] No demand was reported to the members.
    [one] One demand was reported to the members.
   *[other] { $n } demands were reported to the members.
}

year-note-few = “Few” means fewer than { $step }, or of fewer than { $k } organisations. None at all is “few”, too.
year-note-step = Counts are told as bands of { $step }. One more within a band changes nothing in the report.
year-note-joint = Some are told together, so that what is few cannot be found by subtraction.
year-note-times = A time is told where at least { $k } organisations stand on either side of it.
year-note-exact = Releases to all, ballots of the { -assembly } and demands that were reported are told exactly, because every member knows of them. Drills are counted as drills and nowhere else.

year-own-lead = What your organisation did in the { -council } this year. Only your own people read it.
year-own-going-on = This year is not over. This is what there is so far.
year-own-consultations = Consultations: { $n }, answered: { $answered }.
year-own-items = What you provided, and what became of it
year-own-items-none = You provided no information this year.
year-own-each = What you provided
year-own-duties-of = Deadlines and answers
year-own-not-asked = Nothing was asked
year-own-acknowledged-none = No countermeasure reached you this year.
year-own-acknowledged-of = From the release to your acknowledgement
year-own-note = Drills are not counted. How duties are counted stands on the page of your duties and contribution.
