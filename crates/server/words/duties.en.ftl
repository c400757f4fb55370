# My duties and contribution, class reviews.

nav-duties = Duties
duties-title = My duties and contribution
duties-period = { $from } to { $to }
duties-left = Ends in { $left }
duties-given = What you have given
duties-given-text = What { $org } has given the { -council } in this period. Thank you.
duties-given-none = Nothing yet in this period. When a request arrives, it will be counted here.
duties-given-answers = Simple answers
duties-given-opinions = Views on analyses
duties-given-items = Information accepted
duties-given-originals = of it original
duties-given-measures = Countermeasures that came of it
duties-given-acknowledged = Countermeasures acknowledged
duties-now = Duties of this period
duties-waiting-answers = See what waits for your answer
duties-waiting-opinions = See what waits for your view
duties-class-text = What is asked of a { $class }, by article { $article } of the charter ({ $name }).

judged-met = Met
judged-met-sofar = Met so far
judged-unmet = Something was missing
judged-unmet-sofar = Something is missing still
judged-too-few = Not judged
judged-too-few-sofar = Not judged yet
judged-no-duty = No duty
judged-none = Not concerned in this period
judged-too-few-text = { $n ->
    [one] A period with fewer than { $least } requests is not judged. This one has 1.
   *[other] A period with fewer than { $least } requests is not judged. This one has { $n }.
}

duty-answers = Simple feedback
duty-opinions = Expert feedback
duty-originals = Original information
duty-usefulness = Usefulness
duty-met = Met
duty-unmet = Not yet
duty-unmet-over = Not met
duty-not-judged = Not judged
duty-shown = For information
duty-share = { $have } answered in time ({ $needed } of { $asked } needed)
duty-none-asked = There has been no request in this period yet.
duty-none-asked-over = There was no request in this period.
duty-missing = { $n ->
    [one] 1 more answer in time would meet it.
   *[other] { $n } more answers in time would meet it.
}
duty-missing-over = { $n ->
    [one] 1 more answer in time would have met it.
   *[other] { $n } more answers in time would have met it.
}
duty-missing-never = A request is past its deadline, so that not even all the others would meet this period. If a notice comes, you can explain why.
duty-unknown-answers = { $n ->
    [one] 1 of them said “unknown”. It counts like any other.
   *[other] { $n } of them said “unknown”. They count like any other.
}
duty-unknown-opinions = { $n ->
    [one] 1 of them said “no material”. It counts like any other.
   *[other] { $n } of them said “no material”. They count like any other.
}
duty-excused = { $n ->
    [one] 1 request beside these was excused, or ended before its deadline. It does not count.
   *[other] { $n } requests beside these were excused, or ended before their deadline. They do not count.
}
duty-extra = { $n ->
    [one] You answered 1 request that you need not have answered. It counts, too.
   *[other] You answered { $n } requests that you need not have answered. They count, too.
}
duty-bar = In time { $on_time }, late { $late }, not answered { $missed }, waiting { $pending }
duty-on-time = In time
duty-late = Late
duty-missed = Not answered
duty-pending = Waiting for you
duty-originals-have = { $have } accepted ({ $needed } needed)
duty-originals-missing = { $n ->
    [one] 1 more item that has not been given elsewhere would meet it.
   *[other] { $n } more items that have not been given elsewhere would meet it.
}
duty-originals-missing-over = { $n ->
    [one] 1 more would have met it.
   *[other] { $n } more would have met it.
}
duty-originals-part = You came to this class within the period, so that it is not judged.
duty-useful = { $n } other organisations rated the countermeasures that came of what you gave { $mean } on average (1 to 5).
duty-useful-none = The mean of others’ ratings is shown once { $k } organisations have rated.
duty-useful-shown = It is shown only, and judges nothing.
duty-useful-least = A mean of { $mean } meets it.

count-title = How it is counted
count-in = What counts
count-in-answers = Answers in time. “Unknown” is an answer
count-in-proxy = Answers given by telephone, which the { -coordinator } entered for you
count-in-opinions = Views in time. “No material” is a view
count-in-originals = Original items that the { -council } accepted, but for those found wrong or twice
count-late = A late answer is shown as one that came. It is not one in time
count-out = What does not count
count-out-excused = Requests that were excused, or ended before their deadline
count-out-drill = Requests in drills
count-out-volume = How much you send. More than is needed changes nothing
count-out-ask = Whether you consulted
count-out-rank = Other organisations. There are no ranks
count-numbers = { $percent }% have to be answered in time; a period is judged from { $least } requests on. The charter sets these numbers.
count-who = Who sees it
count-who-text = Only your organisation sees the period that goes on. Periods that are over are seen by the { -coordinator }, the { -secretariat } and the { -steering } as well. No other member sees them.
count-after = Where something was missing
count-after-1 = The { -secretariat } gives notice after the period. Nothing is sent by itself
count-after-2 = { $days ->
    [one] For 1 day after a notice you can explain yourself. Nothing can be decided against you until then
   *[other] For { $days } days after a notice you can explain yourself. Nothing can be decided against you until then
}
count-after-3 = A member of the { -steering } enters its decision with reasons. The system changes no class
count-article = Read article { $article } of the charter

duties-earlier = Earlier periods
duties-earlier-text = What the periods came to that are over.
duties-earlier-none = No period is over yet.
duties-earlier-share = { $on_time } of { $asked } in time
duties-review-go = See the review
duties-down = Become a { -general }
duties-down-text = If the duties of your class are too much, you can become a { -general } at any time. Nobody has to approve it.
duties-down-what-1 = You become a { -general } at once, and early information no longer reaches you
duties-down-what-2 = Requests that you have not answered are no longer owed
duties-down-what-3 = You go on keeping the secrets that you have received
duties-down-what-4 = High-confidence countermeasures and consulting stay as they are
duties-down-reason = Reason
duties-down-reason-hint = You need not say
duties-down-tick = I have read what happens
duties-down-untick = Read what happens and tick this first
duties-down-go = Make { $org } a { -general }
duties-down-who = An administrator of your organisation can do this.

duties-general = A { -general } has no everyday duty
duties-general-text = It is enough to read the countermeasures that arrive and to tell us what you notice. Not doing so is never held against you.
duties-general-large = You are asked only in a large-scale attack
duties-general-large-text = In the cases that the charter names, the { -steering } may ask members for information. With a just cause you may decline.
duties-general-more = If you want to take more part
duties-general-more-text = { -classes.class2 ->
    [yes] { -Class2-short } joins early with simple answers, { -class1-short } with analysis. Tell the { -secretariat }.
   *[no] Whoever becomes one of the { -class1-members } joins early, with analysis. Tell the { -secretariat }.
}
duties-general-charter = Read the charter

duties-watch = Duties and contribution of members
duties-watch-text = What the period that is over ({ $from } to { $to }) came to, in the order of names. There are no ranks. Only a member itself sees the period that goes on.
duties-watch-go = See the contribution of members
duties-watch-office = By office
duties-watch-none = There is nobody to sum up yet
duties-watch-none-text = { -classes.class2 ->
    [yes] Members of { -class1-short } and { -class2-short } will be listed here.
   *[no] The { -class1-members } will be listed here.
}
duties-watch-table = Table of duties and contribution
duties-watch-judged = The period
duties-watch-review = Review
duties-watch-due = Explanation until { $at }
duties-watch-all = Organisations
member-duties = Duties and contribution in periods that are over. Only the member itself sees the one that goes on.
member-duties-none = No period on record yet
member-duties-none-text = When a period is over, the answers to its requests are summed up here.

notice-title = Give notice
notice-text = { $days ->
    [one] Something was missing in the period that is over. A notice opens a review of the class, and the member has 1 day to explain itself.
   *[other] Something was missing in the period that is over. A notice opens a review of the class, and the member has { $days } days to explain itself.
}
notice-reason = What you add to the notice
notice-reason-hint = The member reads it. The numbers come with it. If you know the circumstances, say so
notice-go = Give notice to { $org }
notice-not = Notice can be given only of the period that ended last, where something was missing, and once.

class-review-title = Class review
class-review-own = Class review of { $org }
class-review-state-on_notice = Notice given
class-review-state-under_class_review = Under review
class-review-state-put_to_vote = The vote is on
class-review-state-kept = Class kept
class-review-state-demoted = Became a { -general }
class-review-state-stepped_down = Stepped down
class-review-state-lapsed = Nothing left to decide
class-review-step-notice = Notice
class-review-step-hearing = Explanation
class-review-step-decision = Decision
class-review-hearing-until = Explanation until { $at }
class-review-hearing-over = The time to explain is over. Until the decision something can still be added.
class-review-hearing-none = No explanation has come yet.
class-review-hearing-given = { $org } explains
class-review-hearing-late = After the deadline
class-review-decision-none = There is no decision yet. The { -steering } decides by a vote, with reasons.
class-review-decision-vote = The { -steering } is voting. The result will stand here.
class-review-decision-lost = The proposal to make it a { -general } was not carried. It was proposed for these reasons.
decision-review = The review of a class
decision-review-kept = Proposal: it keeps its class. If it is carried, nothing changes.
decision-review-demoted = Proposal: it becomes a { -general }. If it is carried, early information no longer reaches it. If it is not, it keeps its class.
done-review-put = The { -steering-short } votes from now on
class-review-decision-by = Decision of the { -steering }
class-review-open-own = Your class is under review
class-review-open-own-text = The { -secretariat } has given notice that something was missing in the period from { $from }. You can explain yourself until { $until }. Nothing is decided against you unheard.
class-review-open-own-said = Your explanation has arrived. The { -steering }’s decision is to come.
class-review-open-own-over = The time to explain is over. Until the decision you can still explain.
class-review-open-go = Read the notice and explain
class-review-open-read = Read notice and explanation
explain-title = Explain
explain-text = Say in your own words what happened: no staff, an outage, a request that never arrived, anything. Only the { -coordinator }, the { -secretariat } and the { -steering } read it.
explain-again = Add to it
explain-label = Explanation
explain-hint = What is sent cannot be taken back. Until the decision you can add to it
explain-go = Send the explanation
decide-title = Propose a decision
decide-text = Propose with your reasons, and the { -steering-short } votes at once. Whoever sits on it for this organisation has no vote.
decide-wait = Until the time to explain is over ({ $at }), only keeping the class can be proposed.
decide-outcome = Proposal
decide-kept = Keep the class
decide-kept-hint = Nothing changes
decide-demoted = Make it a { -general }
decide-demoted-hint = Early information no longer reaches it. What it has received stays
decide-reasons = Reasons
decide-reasons-hint = The member reads them
decide-go = Put { $org } to the vote
task-explain = Explain yourself
task-decide = Review a class
class-review-state-retracted = Notice taken back
class-review-retracted = This notice was taken back ({ $at })
class-review-retract = Take this notice back
class-review-retract-text = Where it was wrong, or where the explanation settles it. The class stays as it is. The member is told why.
class-review-retract-reason = Why it is taken back
class-review-retract-go = Take the notice back
done-notice-retracted = The notice was taken back
