# 規約の数：何についての数か、読む者の席にとって何を意味するか。

group-confidence = 確度とフィードバック
group-giving = 相談と提供
group-release = 緊急情報
group-ballots = 投票
group-contribution = 貢献
group-membership = 加入、分類、除名
group-demands = 情報提供等協力の求め
group-access = サインインと招待

counted-h = { $n }時間
counted-d = { $n }日
counted-min = { $n }分
counted-months = { $n }か月
counted-chars = { $n }文字
counted-percent = { $n }％
counted-month = { $n }月
switch-on = はい
switch-off = いいえ
moves-longer = 長くなります
moves-shorter = 短くなります

number-confidence_medium = 予防的に全構成員へ提供できるのは、確度{ $is }からになります（改正前は{ $was }から）
number-confidence_high = { $of ->
    [class1] 全構成員への提供を、確度{ $is }から行えるようになります（改正前は{ $was }から）。{ $way ->
        [down] 早く提供できますが、後で誤りと分かるものも増えます
       *[up] 誤りは減りますが、提供が遅くなります
    }
    [coordinator] 全構成員への提供を、確度{ $is }から行えるようになります（改正前は{ $was }から）。{ $way ->
        [down] 早く提供できますが、後で誤りと分かるものも増えます
       *[up] 誤りは減りますが、提供が遅くなります
    }
   *[other] 全構成員への対策情報が、確度{ $is }から届くようになります（改正前は{ $was }から）。{ $way ->
        [down] 早く届きますが、後で誤りと分かるものも増えます
       *[up] 誤りは減りますが、届くのが遅くなります
    }
}
number-k = { $reads ->
    [yes] 「来ているか」などの集計と、年次報告などの件数
   *[no] 年次報告などの件数
}は、{ $is }組織以上のときに示します（改正前は{ $was }組織）{ $n ->
    [2] 。2組織だけのときは、互いの分が分かります
   *[other] {""}
}
number-answer_hours = 「来ているか」と聞かれたとき、{ $is }以内に答えます（改正前は{ $was }以内）
number-debt_hours = { -class1-short }に共有された分析に、{ $is }以内に意見か「材料なし」を返します（改正前は{ $was }以内）
number-reminder_minutes = 期限のある求めについて、期限の{ $is }前に知らせが届きます（改正前は{ $was }前）
number-low_valid_days = { $of ->
    [class2] 確度の低い対策情報は、届いてから{ $is }で終わります（改正前は{ $was }）
   *[other] 確度の低い対策情報は、提供してから{ $is }で終わります（改正前は{ $was }）
}
number-precaution_review_hours = 予防的に提供した対策情報を、{ $is }以内に見直します（改正前は{ $was }以内）
number-consultation_silence_days = 相談への応答が{ $is }ないと、閉じるという知らせが届きます（改正前は{ $was }）
number-consultation_notice_days = 応答のない相談は、閉じるという知らせから{ $is }で閉じます（改正前は{ $was }）
number-confirmation_hours = 提供した情報の伏せた文を、{ $is }以内に確かめます（改正前は{ $was }以内）
number-scope_request_hours = 共有範囲を広げてほしいという依頼は、{ $is }で終わります（改正前は{ $was }）。提供者が答えなければ、範囲は変わりません
number-title_max = 緊急情報の題を、{ $is }以内で書きます（改正前は{ $was }）
number-body_max = 緊急情報の本文を、{ $is }以内で書きます（改正前は{ $was }）
number-ballot_notice_days = { $of ->
    [secretariat] { -assembly }の招集を、投票の始まる{ $is }前までに通知します（改正前は{ $was }前）
   *[other] { -assembly }の議案は、投票の始まる{ $is }前までに届きます（改正前は{ $was }前）
}
number-ballot_open_hours = { -assembly }の投票を受け付ける時間は、最短で{ $is }です（改正前は{ $was }）
number-ballot_reminder_hours = { $n ->
    [0] 投票の締切の前の知らせが、届かなくなります（改正前は{ $was }前）
   *[other] 投票の締切の{ $is }前に、知らせが届きます（{ $before ->
        [0] 改正前は届きません
       *[other] 改正前は{ $was }前
    }）
}
number-ballot_quorum_percent = { $way ->
    [down] { -assembly }の議案は、構成員の{ $is }が投票すれば、議決が有効になります（改正前は{ $was }）
   *[up] { -assembly }の議案は、構成員の{ $is }が投票しないと、議決が無効になります（改正前は{ $was }）
}
number-ballot_majority_percent = { $way ->
    [down] { -assembly }の議案は、賛成が{ $is }を超えれば可決するようになります（改正前は{ $was }）
   *[up] { -assembly }の議案は、賛成が{ $is }を超えないと可決しなくなります（改正前は{ $was }）
}
number-ballot_abstentions_count = { $n ->
    [0] 賛成の割合を、棄権を除いて数えます。賛成と反対だけで決まります
   *[other] 賛成の割合を、棄権も含めて数えます。棄権が多いほど、可決しにくくなります
}
number-ballot_sealed = { $n ->
    [0] 誰がどちらに投票したかが、締切を待たずに構成員に見えるようになります
   *[other] 誰がどちらに投票したかは、締切まで誰にも見えなくなります
}
number-committee_open_minutes = { -steering-short }の投票を受け付ける時間は、最短で{ $is }です（改正前は{ $was }）
number-committee_quorum_percent = { $way ->
    [down] { -steering-short }の議案は、委員の{ $is }が投票すれば、議決が有効になります（改正前は{ $was }）
   *[up] { -steering-short }の議案は、委員の{ $is }が投票しないと、議決が無効になります（改正前は{ $was }）
}
number-committee_majority_percent = { $way ->
    [down] { -steering-short }の議案は、賛成が{ $is }を超えれば可決するようになります（改正前は{ $was }）
   *[up] { -steering-short }の議案は、賛成が{ $is }を超えないと可決しなくなります（改正前は{ $was }）
}
number-contribution_months = 貢献を、{ $is }ごとにまとめて判定します（改正前は{ $was }ごと）
number-contribution_first_month = 貢献の期間が、{ $n }月から始まります（改正前は{ $before }月から）
number-contribution_least_requests = { $n ->
    [1] 求めが1件でもあった期間は、判定されます（改正前は{ $was }件から）
   *[other] 求めが{ $is }件に届かない期間は、貢献を判定されず、分類も見直されません（改正前は{ $was }件）
}
number-contribution_answers_percent = 「来ているか」という求めの{ $is }に、期限までに答える必要があります（改正前は{ $was }）
number-contribution_debts_percent = 共有された分析の{ $is }に、期限までに答える必要があります（改正前は{ $was }）
number-contribution_originals = { $n ->
    [0] オリジナル情報を持ち寄らなくてもよくなります（改正前は期間ごとに{ $was }件）
   *[other] 期間ごとに、オリジナル情報を{ $is }件以上持ち寄ります（改正前は{ $was }件）
}
number-contribution_useful_hundredths = { $n ->
    [0] 有用さは、示すだけになり、判定されなくなります（改正前は平均{ $was }から）
   *[other] 有用さの平均が{ $is }に届かないと、不足と判定されます（{ $before ->
        [0] 改正前は示すだけ
       *[other] 改正前は{ $was }
    }）
}
number-contribution_explain_days = 貢献の不足を通知されたとき、弁明の期限は{ $is }後です（改正前は{ $was }後）
number-admission_round_months = { $n ->
    [0] 加入の申込を、届くたびに審査します（改正前は{ $was }ごと）
   *[other] 加入の申込を、{ $is }ごとにまとめて審査します（{ $before ->
        [0] 改正前は随時
       *[other] 改正前は{ $was }ごと
    }）
}
number-class_after_hours = { $n ->
    [0] 上の分類を希望するとき、時間外の連絡先が要らなくなります
   *[other] 上の分類を希望するとき、時間外の連絡先が必要になります
}
number-class_foreign_approval = { $n ->
    [0] 外資系の組織が上の分類を希望するとき、特別の承認が要らなくなります
   *[other] 外資系の組織が上の分類を希望するとき、特別の承認が必要になります
}
number-suspension_hours = 参加の一時停止は、{ -steering }の確認がなくても{ $is }続きます（改正前は{ $was }）
number-expulsion_hearing_days = 除名を提案された構成員の弁明の期限は、{ $is }後です（改正前は{ $was }後）
number-demand_organisations = 情報の提供を求める要件のうち、被害を受けた組織の数が、{ $is }以上になります（改正前は{ $was }以上）。ほかの要件と{ -steering }の議決も要ります
number-demand_sectors = 情報の提供を求める要件のうち、被害の及んだ分野の数が、{ $is }以上になります（改正前は{ $was }以上）。ほかの要件と{ -steering }の議決も要ります
number-demand_spreading = { $n ->
    [0] 情報の提供を求める要件から、被害が広がり続けていることがなくなります。ほかの要件と{ -steering }の議決は要ります
   *[other] 情報の提供を求める要件に、被害が広がり続けていることが加わります
}
number-demand_answer_hours = 情報の提供を求められたとき、答えるまでの時間は、最短で{ $is }です（改正前は{ $was }）
number-demand_longest_days = 情報の提供の求めは、長くて{ $is }続きます（改正前は{ $was }）
number-step_up_minutes = 重い操作の前の本人確認は、{ $is }有効です（改正前は{ $was }）
number-session_hours = サインインは、{ $is }で切れます（改正前は{ $was }）
number-session_idle_minutes = { $is }操作しないと、サインアウトします（改正前は{ $was }）
number-invitation_days = 担当者への招待は、{ $is }有効です（改正前は{ $was }）

number-of-others = { $who }：{ $label }　{ $was } → { $is }
number-committee = { -steering-member }

yours-answers = 過去12か月の{ $org }：「来ているか」の求め{ $asked }件のうち、期限内の回答は{ $old }件（{ $was }％）でした。改正案では{ $new }件（{ $is }％）です。判定される期間に必要なのは、{ $needed }％です
yours-answers-same = 過去12か月の{ $org }：「来ているか」の求め{ $asked }件のうち、期限内の回答は{ $old }件（{ $was }％）で、改正案でも同じです。判定される期間に必要なのは、{ $needed }％です
yours-opinions = 過去12か月の{ $org }：答えるべき分析{ $asked }件のうち、期限内の回答は{ $old }件（{ $was }％）でした。改正案では{ $new }件（{ $is }％）です。判定される期間に必要なのは、{ $needed }％です
yours-opinions-same = 過去12か月の{ $org }：答えるべき分析{ $asked }件のうち、期限内の回答は{ $old }件（{ $was }％）で、改正案でも同じです。判定される期間に必要なのは、{ $needed }％です
yours-least = 過去12か月に{ $org }が求められたのは、{ $asked }件でした。改正案では、{ $months }か月の期間ごとに{ $least }件に届かなければ、貢献は判定されません
yours-judged = { $at }までの期間の貢献は、改正案なら「{ $new }」でした（実際は「{ $old }」）
yours-judged-same = { $at }までの期間の貢献は、改正案でも「{ $old }」です
yours-unmet = 足りないときは、通知と弁明の後、{ -steering }が分類を保つかどうかを議決します
