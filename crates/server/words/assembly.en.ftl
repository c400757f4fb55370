# Assembly and charter.

nav-assembly = { -Assembly } and charter
colon = : {""}
choice-yes = For
choice-no = Against
choice-abstain = Abstain
choice-abstain-hint = Counts for the quorum, and in the whole of which a share has to be in favour: as heavy as a vote against
choice-abstain-out = Counts for the quorum, and is left out where the share in favour is taken
assembly-amend = Draft an amendment
assembly-resolve = Draft a resolution
assembly-lead = The members make the rules. Each has one vote, whatever its class or size.
assembly-now = Motions ahead
assembly-before = Motions that are over
assembly-none = There is no motion now
assembly-none-text = When a ballot is called, the motion stands here, and you are told by mail.
motion-no-committee = { -Steering-short } motion { $no }
proof-example = {" "}One such is { $org }.
proof-more = { $n } more
motion-no = Motion { $no }
motion-kind-amendment = Amendment of the charter
motion-kind-resolution = Resolution
motion-state-drafted = Draft
motion-state-noticed = Noticed
motion-state-open = Votes are taken
motion-state-carried = Carried
motion-state-lost = Lost
motion-state-no_quorum = No quorum
motion-state-effective = In force
motion-state-blocked = Cannot take effect
motion-state-dropped = Taken back
motion-until = Until { $at }
motion-left = , still{" "}
motion-opens = Votes are taken from { $at }
motion-voted = You have voted
motion-not-voted = You have not voted yet
motion-count = { $yes } for, { $no } against, { $abstain } abstained
motion-effective = Takes effect { $at }
motion-by = Moved by { $org }
motion-majority = Carried with more than { $n }% for
motion-of-present = {" "}(of all votes, abstentions among them)
motion-of-votes = {" "}(of votes for and against, without abstentions)
motion-to-vote = Go and vote
motion-text = Text of the resolution
motion-ballot = Ballot
motion-turnout = Have voted
motion-void = Not counted, because the member has left
motion-blocked = It was carried and cannot take effect
motion-blocked-conflict = An amendment that took effect before it has changed the same place. It has to be drafted again from the charter in force.
motion-blocked-broken = Together with an amendment that took effect before it, it breaks an entrenched property. The counterexample is on the left.
motion-takes-effect = It takes effect by itself { $at }.
motion-in-force = In force as version { $version } of the charter
motion-check = Check that the votes are counted
motion-vote = Vote
motion-right = Right to vote
motion-one-vote = 1 vote
motion-voter = Who votes
motion-quorum = Quorum
motion-own = You have voted: { $choice }
motion-own-text = { $at }. You can change it until the close.
motion-receipt = Save the receipt
motion-choice = Your vote
motion-opinion = Opinion
motion-opinion-hint = Published to all members after the close
motion-opinion-hint-committee = Published to the { -steering-short } and the { -secretariat } after the close
motion-confirm = Review your vote
motion-not-voter = Your organisation's voting representative votes.
motion-sealed = You can change your vote until the close. Nobody is shown how many are for or against before it.
motion-published = After the close, votes are published to the members with the names of organisations.
motion-published-committee = After the close, votes are published to the { -steering-short } and the { -secretariat } with the names of organisations.
motion-quorum-text = {" "}(not carried below that)
motion-says = As { $org } puts it (what was checked stands below)
motion-open-votes = You can change your vote until the close. Under this charter, votes are published before the close, too.
motion-soon = Votes will be taken soon
motion-soon-text = The notice has fixed the text. The members of that moment may vote.
motion-opens-at = Votes are taken from
motion-closes-at = Until
motion-electorate = Members that may vote
motion-call = Call the { -assembly }
motion-call-text = After the notice the text cannot be changed. All members are told by mail.
motion-call-go = Give notice
motion-call-proof = You can give notice when the proof is done.
motion-opens-hint = { $at } at the earliest
motion-closes-hint = { $span } after the opening, or later
motion-stale = This draft was written for an earlier charter
motion-stale-text = Another amendment took effect since. Open the draft and save it again: it is then proven against the charter in force.
motion-work = What can be done with this motion
motion-edit = Rewrite the draft
motion-drop = Take it back
motion-drop-text = It can be taken back until votes are taken.
impact-title = What it changes for { $org }
impact-none = Nothing
impact-none-text = What { $org } ({ $seat }) may do, what reaches it, who reads what it gave, its deadlines and its duties stay the same.
impact-changes = { $tense ->
    [was] { $n ->
        [one] One thing would have changed
       *[other] { $n } things would have changed
    }
    [done] { $n ->
        [one] One thing changed
       *[other] { $n } things changed
    }
   *[is] { $n ->
        [one] One thing changes
       *[other] { $n } things change
    }
}
impact-duty = You can be asked for information in more cases. Read «What no longer holds» below
list-comma = ,{" "}
impact-given = Of what { $org } gives:{" "}
impact-all = For { $org }, that is all that changes.
impact-text = Text of article { $article }:{" "}
impact-added = added:{" "}
impact-removed = removed:{" "}
impact-texts-bind = Articles also say what no system carries out. Where a text applies to { $org }, it binds, even if the system does the same as before.
impact-more-texts = { $n ->
    [one] The text of 1 more article changes. All of them are below, under «Before and after».
   *[other] The text of { $n } more articles changes. All of them are below, under «Before and after».
}
impact-more = { $n ->
    [one] There is 1 more. All of them are below, under «Rules that change».
   *[other] There are { $n } more. All of them are below, under «Rules that change».
}
impact-other = What changes for others
impact-past = Held against the record of { $org }
motion-was = The charter was not changed by this motion
motion-was-text = Below is what would have changed, as it was shown with the motion.
motion-done = This amendment has taken effect
motion-done-text = Below are its consequences as they were shown with the motion.
motion-unproven = Not everything is proven
motion-unproven-call = A ballot can be called, and the motion cannot claim that nothing else changes. Members are shown what is not proven.
motion-unproven-vote = What is not proven stands under «Consequences».
amended-then = Before (version { $version })
amended-since = After (version { $version })
replay-judged = Of about { $n } members whose contribution is judged, { $new ->
    [0] fewer than five
   *[other] about { $new }
} would have met what they owe, instead of { $old ->
    [0] fewer than five
   *[other] about { $old }
}
replay-judged-alike = Of about { $n } members whose contribution is judged, the number that met it stays the same, in steps of five
replay-judged-text = The period that ended last, judged by both charters.
replay-counted = Members whose contribution is judged: { $old ->
    [0] fewer than 5
   *[other] about { $old }
} before, { $new ->
    [0] fewer than 5
   *[other] about { $new }
} then
impact-pledge = The pledge of secrecy changes, and everybody who handles information signs it anew
impact-unknown = The proof goes on
impact-unknown-text = When it is done, you see here what the amendment changes for your organisation.
impact-unproven = Not all consequences are proven
impact-unproven-text = There are things of which nobody can say that they stay the same. What is not proven stands below, under «Consequences».
impact-kept = Whatever was given before the amendment, it lets nobody new read it.
amended-title = Before and after
amended-old = In force (version { $version })
amended-new = Amended (version { $version })
amended-numbers = Numbers and deadlines
amended-by-number = Numbers that the system goes by, whatever the text says:{" "}
amended-beside = Read the articles on this whose text stays as it is ({ $articles })
impact-also = Motion { $no } changes the same ({ $what }). Where both are carried, { $how ->
    [after] motion { $no } takes effect first and prevails; this one never takes effect.
   *[before] this one takes effect first and prevails; motion { $no } never takes effect.
}{ $tie ->
    [yes] {" "}Both have the same day; the order of the record decides.
   *[no] {""}
}
impact-beside = Motion { $no } changes something about { $what }, too. Read the two together.
impact-also-open = Read that motion
impact-also-pledge = the pledge
impact-also-policies = rules
impact-also-called = names
amended-policies = See how the rules (Cedar) that the system enforces differ
amended-schema = See how what rules can look at (the schema) differs
amended-nothing = There is no difference.
amended-unreadable = This system cannot read the charter that the draft was written for.
proof-title = Consequences
proof-lead = All combinations of the rules that the system carries out, checked by machine. What the words of articles mean is not checked.
proof-falls = What no longer holds, or is not proven
proof-stays = What stays as it is
proof-changes = Rules that change
proof-proven = Proven for every member, every piece of information and every act. What could be guessed from counts is not part of it.
proof-within = What those within a scope may read does change. Read «Rules that change» below.
proof-broken = Broken:
proof-may-be-voted = A vote may change this. Where it is carried, this follows.
proof-unknown = Not proven:
proof-blocked = This amendment cannot be put to the vote
proof-blocked-text = It breaks a property that no majority may take away. Read the example below and rewrite the draft.
proof-gains = This becomes possible.
proof-loses = This is no longer possible.
proof-nothing = None of the rules that the system carries out, on who may do what and see what, changes. What comes to be seen because of a number, such as votes or counts, and what texts change, stands at the top of this page.
proof-how = How it was checked, and how to check it yourself
proof-charters = Charters
proof-method = Method
proof-method-text = { $n ->
    [one] Symbolic analysis of Cedar (SMT, search for counterexamples), 1 question
   *[other] Symbolic analysis of Cedar (SMT, search for counterexamples), { $n } questions
}
proof-self = Check it yourself
proof-going = The proof goes on
proof-going-text = You need not wait on this page. The result will stand here.
vote-title = Review your vote
vote-before = (now: { $choice })
vote-text = You can change it until { $at }.
vote-named = No member and no office sees it before the close; whoever runs the machines could read it there. After it, votes are published to the members with the names of the organisations.
vote-named-committee = No member and no office sees it before the close; whoever runs the machines could read it there. After it, votes are published to the { -steering-short } and the { -secretariat } with the names of the organisations.
vote-go = Vote
vote-back = Choose again
votes-title = Check the votes
votes-good = All votes were counted again, and the total is right
votes-good-text = { $n ->
    [one] The signature, the chain and the total of 1 vote were checked just now.
   *[other] The signatures, the chain and the total of { $n } votes were checked just now.
}
votes-bad = The record of votes does not hold
votes-bad-chain = The chain of votes is broken. Tell the { -secretariat } and all members.
votes-bad-signature = The signature of a vote does not hold. Tell the { -secretariat } and all members.
votes-bad-count = The total or the result does not follow from the votes. Tell the { -secretariat } and all members.
votes-bad-vote = A vote is not what was sealed. Tell the { -secretariat } and all members.
votes-own = Your organisation's vote ({ $choice }) is counted
votes-own-text = It was number { $no } of those that were taken.
votes-own-void = Your organisation's vote is not counted
votes-own-void-text = It was not a member any more at the close.
votes-own-missing = Your organisation's vote is not on the list
votes-own-missing-text = Save the receipt, and tell the { -secretariat } and all members.
votes-count = Count
votes-result = Result
votes-opinions = Opinions
votes-self = Check it on your own machine
votes-self-text = With the file of votes and your receipt you can count again without trusting this system.
votes-command = The command that checks
votes-file = Save all votes (JSON)
votes-limits = What this guarantees: a vote that was taken cannot be removed or changed without its receipt showing it. What it does not: whoever runs the machines can read votes before the close, and could technically sign for an organisation.
votes-all = { $n ->
    [one] The 1 vote
   *[other] All votes ({ $n })
}
votes-more = { $n ->
    [one] The other one is in the file.
   *[other] The other { $n } are in the file.
}
draft-amendment = Amendment of the charter
draft-resolution = Resolution
draft-lead = Change version { $version } of the charter in place. The amendment is what you have changed, and nothing else.
draft-title = Title of the motion
draft-title-hint = Such as: A change of a deadline
draft-reasons = Reasons
draft-reasons-hint = What changes, and why. It stands at the top of the ballot page
draft-effective = Takes effect
draft-effective-hint = { $n ->
    [one] From the notice to the ballot is at least 1 day. It takes effect after the close
   *[other] From the notice to the ballot are at least { $n } days. It takes effect after the close
}
draft-numbers-text = Change only those that are to change.
draft-now = Now
draft-new = Amended
draft-articles = Articles
draft-articles-text = Change both Japanese and English.
draft-called = Names and lists
draft-called-text = What bodies and classes are called, how sentences speak of them, and the lists of sectors and just causes. Change both Japanese and English.
draft-called-open = Change names and lists
draft-called-new = Add { $n } (an identifier in small letters)
called-names = Name
called-words = Within sentences
called-sector = Sector
called-just_cause = Just cause
draft-pledge-text = If it changes, everybody is asked to sign the new one.
draft-pledge-open = Change the pledge
draft-policies = Rules (Cedar)
draft-policies-text = For experts. To change an article alone does not change what the system does.
draft-policies-open = Change the rules
draft-proof = When you save, the machine proves who will be able to do what. A draft that breaks a property which no majority may take away cannot be put to the vote.
draft-text = Text of the resolution
draft-text-hint = What binds if it is carried
draft-go = Save the draft
charter-since = In force since{" "}
charter-old = This is not the charter in force
charter-go-current = Read the charter in force
charter-read = Read the charter
charter-policies = See the rules (Cedar) that the system enforces
charter-history = History of the charter
charter-version = Version { $version }
charter-shown = Shown
charter-compare = Compare with version { $version }
charter-motion = Motion
charter-edition = With newer software
compare-title = Compare charters
compare-from = From
compare-to = To
compare-go = Compare
done-voted = Your vote is taken. You can change it until the close
done-motion-drafted = The draft is saved
done-motion-noticed = Notice is given
done-motion-dropped = The motion is taken back
replay-title = The last twelve months, under this amendment
replay-lead = The records of this { -council }, each held against both charters. Counts are in steps of five.
replay-more = { $seat }s could have read what they cannot read today of { $n } { $kind }
replay-less = { $seat }s could not have read what they read today of { $n } { $kind }
replay-kind-item = items
replay-kind-measure = countermeasures (or answers about them)
replay-kind-consultation = consultations
replay-earlier = { $n } countermeasures could have gone to all members earlier (by a median of { $span })
replay-later = { $n } countermeasures would have gone to all members later, or not at all
replay-answers = Of { $n } answers of { -class2-short }, { $new ->
    [0] fewer than five
   *[other] { $new }
} instead of { $old ->
    [0] fewer than five
   *[other] { $old }
} would have been in time
replay-answers-alike = Of about { $n } answers of { -class2-short }, the number in time stays the same, in steps of five
replay-answers-text = Late answers are accepted, too. Numbers are told in steps of five, so a few late ones do not show.
replay-same = Nothing would have reached anybody else, or at another time, and nobody else would have been asked.
replay-few = There are other differences, each of them fewer than five, so their numbers are not shown.
replay-only-few = There are differences, each of them fewer than five, so their numbers are not shown.
draft-committee = Resolution of the { -steering-short }
assembly-committee = Draft one of the { -steering-short }
motion-kind-committee = Resolution of the { -steering }
motion-soon-committee = The notice has fixed the text. Those vote who sat on the { -steering-short } at that moment.
motion-early = It ends as soon as the votes that are still out cannot change the result.
motion-call-committee = After the notice the text cannot be changed. The members of the { -steering-short } are told by mail. If it is urgent, take votes from now on.
amended-only-ja = Only the Japanese text changes. The English text stays as it was.
amended-other = Read the Japanese text before and after
amended-only-en = Only the English text changes. The Japanese text stays as it was.
proof-group-gains = What becomes possible ({ $n })
proof-group-loses = What is no longer possible ({ $n })
replay-asked = { $seat }s would { $question ->
    [early] be asked whether they see
   *[other] be asked to weigh
} { $new ->
    [0] fewer than five
   *[other] { $new } to { $new_most }
} { $question ->
    [early] early countermeasures
   *[other] analyses
}, instead of { $old ->
    [0] fewer than five
   *[other] { $old } to { $old_most }
}
replay-asked-alike = { $seat }s would { $question ->
    [early] be asked whether they see
   *[other] be asked to weigh
} { $n ->
    [0] fewer than five
   *[other] { $n } to { $m }
} { $question ->
    [early] early countermeasures
   *[other] analyses
}, as before, but not the same ones
replay-asked-more = { $seat }s: of { $n } to { $m } { $question ->
    [early] early countermeasures
   *[other] analyses
}, more of them would be asked
replay-asked-less = { $seat }s: of { $n } to { $m } { $question ->
    [early] early countermeasures
   *[other] analyses
}, fewer of them would be asked
replay-asked-begins = { $seat }s are not asked today { $question ->
    [early] whether they see early countermeasures
   *[other] to weigh analyses
}. Under the amendment they would have been, for { $n } to { $m } of them in twelve months
replay-asked-ends = { $seat }s were asked { $question ->
    [early] whether they see early countermeasures
   *[other] to weigh analyses
}, for { $n } to { $m } of them in twelve months. Under the amendment they are not
replay-asked-text = Each organisation is asked once about each of them, unless the provider left it out.
duty-own = { $begins ->
    [yes] You are asked from then on { $question ->
        [early] to answer seen, not seen or unknown for every early countermeasure
       *[other] for an opinion, or “no material”, on every analysis that is shared
    }, within { $within }. { $judged ->
        [yes] The share that you answer in time is judged as your contribution
       *[no] Whether you answer does not count for your contribution
    }{ $known ->
        [yes] . In the last twelve months that would have been { $n } to { $m } times (now: none)
       *[no] {""}
    }
   *[no] You are no longer asked { $question ->
        [early] whether you see early countermeasures
       *[other] for opinions on analyses
    }{ $judged ->
        [yes] . Where nothing is asked, your answers are no longer judged as contribution
       *[no] {""}
    }
}
duty-other = { $seat }s are { $begins ->
    [yes] asked from then on
   *[no] no longer asked
} { $question ->
    [early] whether they see early countermeasures
   *[other] for opinions on analyses
}{ $begins ->
    [yes] {" "}(within { $within })
   *[no] {""}
}
duty-ceased = { $question ->
    [early] Nobody is asked any more whether an early countermeasure is seen, so there will be no new counts of it
   *[other] Nobody is asked for opinions on analyses any more
}
impact-also-given = What { $org } gives is then read by other { $seat }s, too.
impact-text-counts = The Japanese text, which counts where the two differ:{" "}
impact-texts-other = These are the English texts. The Japanese ones, before and after, stand below under «Before and after»: they may differ.
replay-reached = Analyses that reached the confidence for a release to all: { $new ->
    [0] fewer than five
   *[other] about { $new }
} instead of { $old ->
    [0] fewer than five
   *[other] about { $old }
}
replay-wrong = Of them found wrong afterwards: { $new ->
    [0] fewer than five
   *[other] about { $new }
} instead of { $old ->
    [0] fewer than five
   *[other] about { $old }
}
impact-only-others = What { $org } may do and what reaches it stay the same
impact-only-others-text = What others may do, or what they see, changes. Read «What changes for others» below.
impact-apart = The rules of article { $number } change and its text does not. The two may no longer say the same
proof-breaks-scope = Somebody gains sight of an item beyond its provider's scope
proof-breaks-left_out = Whoever a provider left out, such as its regulators, gains something
proof-breaks-demand = Information can be demanded in more cases
proof-breaks-rights = A right to leave, vote or withdraw is lost
draft-hundredths = 100 is 1.00
