# The numbers of a charter: what each is about, and what it means where its reader sits.

group-confidence = Confidence and feedback
group-giving = Consulting and providing
group-release = Emergency texts
group-ballots = Ballots
group-contribution = Contribution
group-membership = Admission, classes, expulsion
group-demands = Demands for information
group-access = Signing in and invitations

counted-h = { $n } { $n ->
    [one] hour
   *[other] hours
}
counted-d = { $n } { $n ->
    [one] day
   *[other] days
}
counted-min = { $n } { $n ->
    [one] minute
   *[other] minutes
}
counted-months = { $n } { $n ->
    [one] month
   *[other] months
}
counted-chars = { $n ->
    [one] { $n } character
   *[other] { $n } characters
}
counted-percent = { $n }%
counted-month = month { $n }
switch-on = yes
switch-off = no
moves-longer = (longer)
moves-shorter = (shorter)

number-confidence_medium = A precautionary release to all can be made from confidence { $is } on (before: { $was })
number-confidence_high = { $of ->
    [class1] You can release to all members from confidence { $is } on (before: { $was }). { $way ->
        [down] You can release earlier, and more of it turns out to be wrong
       *[up] Less of it turns out to be wrong, and you release later
    }
    [coordinator] You can release to all members from confidence { $is } on (before: { $was }). { $way ->
        [down] You can release earlier, and more of it turns out to be wrong
       *[up] Less of it turns out to be wrong, and you release later
    }
   *[other] Countermeasures for all members reach you from confidence { $is } on (before: { $was }). { $way ->
        [down] They come earlier, and more of them turn out to be wrong
       *[up] Fewer of them turn out to be wrong, and they come later
    }
}
number-k = { $reads ->
    [yes] Counts of answers, and those of annual reports,
   *[no] Counts in annual reports and the like
} are shown from { $is } organisations on (before: { $was }){ $n ->
    [2] . Where there are just two, each can tell what the other one said
   *[other] {""}
}
number-answer_hours = When you are asked whether you see something, you have to answer within { $is } (before: { $was })
number-debt_hours = You have to answer each analysis that is shared with { -class1-short } within { $is } (before: { $was })
number-reminder_minutes = You are reminded { $is } before a deadline (before: { $was })
number-low_valid_days = { $of ->
    [class2] A low-confidence countermeasure ends { $is } after it reached you (before: { $was })
   *[other] A low-confidence countermeasure ends { $is } after its release (before: { $was })
}
number-precaution_review_hours = You have to review a precautionary release within { $is } (before: { $was })
number-consultation_silence_days = After { $is } without an answer you are told that a consultation will be closed (before: { $was })
number-consultation_notice_days = A silent consultation is closed { $is } after you were told so (before: { $was })
number-confirmation_hours = You have to check the masked text of what you gave within { $is } (before: { $was })
number-scope_request_hours = A request to widen a scope ends after { $is } (before: { $was }). Where its provider does not answer, the scope stays
number-title_max = The title of an emergency text has at most { $is } (before: { $was })
number-body_max = An emergency text has at most { $is } (before: { $was })
number-ballot_notice_days = { $of ->
    [secretariat] You call the { -assembly } at least { $is } before votes are taken (before: { $was })
   *[other] Motions reach you at least { $is } before votes are taken (before: { $was })
}
number-ballot_open_hours = Votes of the { -assembly } may be taken for as little as { $is } (before: { $was })
number-ballot_reminder_hours = { $n ->
    [0] You are no longer reminded before the close of a ballot (before: { $was } before)
   *[other] You are reminded { $is } before the close of a ballot ({ $before ->
        [0] before: not at all
       *[other] before: { $was }
    })
}
number-ballot_quorum_percent = { $way ->
    [down] A vote of the { -assembly } is valid once { $is } of the members take part (before: { $was })
   *[up] A vote of the { -assembly } is void unless { $is } of the members take part (before: { $was })
}
number-ballot_majority_percent = { $way ->
    [down] More than { $is } in favour is enough to carry a motion of the { -assembly } (before: { $was })
   *[up] A motion of the { -assembly } fails unless more than { $is } are in favour (before: { $was })
}
number-ballot_abstentions_count = { $n ->
    [0] Abstentions are left out when the share in favour is worked out: only votes for and against decide
   *[other] Abstentions count when the share in favour is worked out: the more there are, the harder it is to carry a motion
}
number-ballot_sealed = { $n ->
    [0] Members can see who voted how before the close
   *[other] Who voted how cannot be seen by anybody until the close
}
number-committee_open_minutes = Votes of the { -steering-short } may be taken for as little as { $is } (before: { $was })
number-committee_quorum_percent = { $way ->
    [down] A vote of the { -steering-short } is valid once { $is } of its members take part (before: { $was })
   *[up] A vote of the { -steering-short } is void unless { $is } of its members take part (before: { $was })
}
number-committee_majority_percent = { $way ->
    [down] More than { $is } in favour is enough to carry a motion of the { -steering-short } (before: { $was })
   *[up] A motion of the { -steering-short } fails unless more than { $is } are in favour (before: { $was })
}
number-contribution_months = Your contribution is summed up every { $is } (before: every { $was })
number-contribution_first_month = Periods of contribution begin with month { $n } of the year (before: { $before })
number-contribution_least_requests = { $n ->
    [1] A period with any request is judged (before: from { $was } on)
   *[other] A period with fewer than { $is } requests is not judged, and your class is not reviewed upon it (before: { $was })
}
number-contribution_answers_percent = You have to answer { $is } of the requests in time, whether you see something or not (before: { $was })
number-contribution_debts_percent = You have to answer { $is } of the analyses that are shared with you in time (before: { $was })
number-contribution_originals = { $n ->
    [0] You need not bring original items any more (before: { $was } in each period)
   *[other] You bring at least { $is } original items in each period (before: { $was })
}
number-contribution_useful_hundredths = { $n ->
    [0] Usefulness is shown and no longer judged (before: from a mean of { $was } on)
   *[other] A mean usefulness below { $is } counts as missing ({ $before ->
        [0] before: only shown
       *[other] before: below { $was }
    })
}
number-contribution_explain_days = When you get notice of what is missing, your explanation is due within { $is } (before: { $was })
number-admission_round_months = { $n ->
    [0] Applications are decided on as they come (before: every { $was })
   *[other] Applications are decided on together, every { $is } ({ $before ->
        [0] before: as they come
       *[other] before: every { $was }
    })
}
number-class_after_hours = { $n ->
    [0] Whoever wishes for a higher class needs no contact outside of office hours any more
   *[other] Whoever wishes for a higher class needs a contact outside of office hours
}
number-class_foreign_approval = { $n ->
    [0] A foreign-capital body that wishes for a higher class needs no special approval any more
   *[other] A foreign-capital body that wishes for a higher class needs a special approval
}
number-suspension_hours = A suspension lasts for { $is } even where the { -steering } does not confirm it (before: { $was })
number-expulsion_hearing_days = The explanation of whoever is to be expelled is due within { $is } (before: { $was })
number-demand_organisations = Of what has to be so before information may be demanded, the number of organisations hit becomes { $is } (before: { $was }). The other conditions and a vote of the { -steering } are needed as well
number-demand_sectors = Of what has to be so before information may be demanded, the number of sectors hit becomes { $is } (before: { $was }). The other conditions and a vote of the { -steering } are needed as well
number-demand_spreading = { $n ->
    [0] Information may be demanded even where an attack does not go on spreading. The other conditions and a vote of the { -steering } are needed as before
   *[other] Information may be demanded only where an attack goes on spreading, too
}
number-demand_answer_hours = When you are asked for information, you may be given as little as { $is } to answer (before: { $was })
number-demand_longest_days = A demand for information is in force for { $is } at most (before: { $was })
number-step_up_minutes = Proof of presence before a weighty act is valid for { $is } (before: { $was })
number-session_hours = A sign-in lasts { $is } (before: { $was })
number-session_idle_minutes = You are signed out after { $is } of doing nothing (before: { $was })
number-invitation_days = An invitation of a handler is valid for { $is } (before: { $was })

number-of-others = { $who }: { $label }, { $was } → { $is }
number-committee = { -Steering-member }

yours-answers = { $org } in the last twelve months: { $asked } { $asked ->
    [one] request
   *[other] requests
}, { $old } answered in time ({ $was }%). Under the amendment: { $new } ({ $is }%). Needed in a period that is judged: { $needed }%
yours-answers-same = { $org } in the last twelve months: { $asked } { $asked ->
    [one] request
   *[other] requests
}, { $old } answered in time ({ $was }%), and as many under the amendment. Needed in a period that is judged: { $needed }%
yours-opinions = { $org } in the last twelve months: { $asked } { $asked ->
    [one] analysis
   *[other] analyses
}, { $old } answered in time ({ $was }%). Under the amendment: { $new } ({ $is }%). Needed in a period that is judged: { $needed }%
yours-opinions-same = { $org } in the last twelve months: { $asked } { $asked ->
    [one] analysis
   *[other] analyses
}, { $old } answered in time ({ $was }%), and as many under the amendment. Needed in a period that is judged: { $needed }%
yours-least = In the last twelve months { $org } was asked { $asked } { $asked ->
    [one] time
   *[other] times
}. Under the amendment, contribution is not judged in a period of { $months } months with fewer than { $least }
yours-judged = Your contribution in the period until { $at } would have been «{ $new }» under the amendment (it was «{ $old }»)
yours-judged-same = Your contribution in the period until { $at } would have been «{ $old }» under the amendment, too
yours-unmet = Where something is missing, and after notice and explanation, the { -steering } votes on whether you keep your class
