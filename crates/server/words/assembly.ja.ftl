# 総会と規約。

nav-assembly = { -assembly }・規約
colon = ：
choice-yes = 賛成
choice-no = 反対
choice-abstain = 棄権
choice-abstain-hint = 定足数にも、賛成の割合を出すときの全体にも数えます。反対と同じ重さがあります
choice-abstain-out = 定足数には数えます。賛成の割合を出すときは数えません
assembly-amend = 規約の改正案を作る
assembly-resolve = 決議の案を作る
assembly-lead = 規約を決めるのは、構成員です。分類や規模にかかわらず、構成員ごとに一票があります。
assembly-now = これからの議案
assembly-before = 終わった議案
assembly-none = いま、議案はありません
assembly-none-text = 招集の通知が届くと、ここに載り、メールでもお知らせします。
motion-no-committee = { -steering-short }第{ $no }号
proof-example = たとえば、{ $org }です。
proof-more = ほかの{ $n }件を見る
motion-no = 第{ $no }号議案
motion-kind-amendment = 規約の改正
motion-kind-resolution = 決議
motion-state-drafted = 下書き
motion-state-noticed = 招集通知
motion-state-open = 投票受付中
motion-state-carried = 可決
motion-state-lost = 否決
motion-state-no_quorum = 定足数不足
motion-state-effective = 施行
motion-state-blocked = 施行できず
motion-state-dropped = 取下げ
motion-until = { $at }まで
motion-left = 、あと
motion-opens = { $at }に投票開始
motion-voted = 投票済み
motion-not-voted = まだ投票していません
motion-count = 賛成{ $yes }、反対{ $no }、棄権{ $abstain }
motion-effective = { $at }に施行
motion-by = 提案：{ $org }
motion-majority = 賛成が{ $n }%を超えたら可決
motion-of-present = （賛成・反対・棄権の全体のうち）
motion-of-votes = （賛成と反対のうち。棄権は除きます）
motion-to-vote = 投票へ進む
motion-text = 決議の文
motion-ballot = 投票
motion-turnout = 投票済み
motion-void = 脱退のため数えない票
motion-blocked = 可決されましたが、施行できません
motion-blocked-conflict = 同じところを、先に施行された改正が変えました。いまの規約から、案を作り直す必要があります。
motion-blocked-broken = 先に施行された改正と合わせると、守られるべき性質が破れます。反例を左に示しました。
motion-takes-effect = { $at }に、自動で効力を生じます。
motion-in-force = 規約 第{ $version }版として施行されました
motion-check = 票が数えられたか確かめる
motion-vote = 投票する
motion-right = 議決権
motion-one-vote = 1票
motion-voter = 投票する人
motion-quorum = 定足数
motion-own = { $choice }に投票しました
motion-own-text = { $at }。締切までは変えられます。
motion-receipt = 控えを保存する
motion-choice = 賛否
motion-opinion = 意見
motion-opinion-hint = 投票の締切後に、全構成員へ公開します
motion-opinion-hint-committee = 投票の締切後に、{ -steering-member }と{ -secretariat }へ公開します
motion-confirm = 内容を確認する
motion-not-voter = 投票は、あなたの組織の議決権行使者が行います。
motion-sealed = 締切までは何度でも変えられます。賛否の数は、締切まで誰にも表示しません。
motion-published = 締切の後に、組織の名前とともに票を構成員へ公開します。
motion-published-committee = 締切の後に、組織の名前とともに票を{ -steering-member }と{ -secretariat }へ公開します。
motion-quorum-text = （届かないと不成立）
motion-says = { $org }の説明（検証した影響は、この下にあります）
motion-open-votes = 締切までは何度でも変えられます。規約により、票は締切の前も公開されています。
motion-soon = まもなく投票が始まります
motion-soon-text = 議案の文は、招集の通知で確定しました。投票できるのは、通知の時の構成員です。
motion-opens-at = 投票の開始
motion-closes-at = 投票の締切
motion-electorate = 投票できる構成員
motion-call = 招集を通知する
motion-call-text = 通知すると、議案の文は変えられません。全構成員にメールで知らせます。
motion-call-go = 招集を通知する
motion-call-proof = 影響の証明が終わると、通知できます。
motion-opens-hint = { $at }以降
motion-closes-hint = 開始から{ $span }以上あと
motion-stale = この案は、前の規約をもとにしています
motion-stale-text = 案を作ってから、別の改正が施行されました。案を開いて保存し直すと、いまの規約をもとに証明し直します。
motion-work = 議案の操作
motion-edit = 案を書き直す
motion-drop = 取り下げる
motion-drop-text = 投票が始まる前なら、取り下げられます。
impact-title = { $org }への影響
impact-none = 変わりません
impact-none-text = { $org }（{ $seat }）に許される操作、受け取る情報、提供した情報の共有範囲、期限や義務は、改正の前後で同じです。
impact-changes = { $tense ->
    [was] 可決されていれば、次の{ $n }件が変わりました
    [done] 次の{ $n }件が変わりました
   *[is] 次の{ $n }件が変わります
}
impact-duty = 情報の提供を求められる場合が、広がります。下の「守られなくなること」を読んでください
list-comma = 、
impact-given = { $org }が出すものについて：
impact-all = { $org }について変わるのは、これで全部です。
impact-text = 第{ $article }条の文：
impact-added = 加わる文：
impact-removed = なくなる文：
impact-texts-bind = 条文は、システムがしないことも定めます。{ $org }に当てはまる文は、システムの動きが同じでも、守ることになります。
impact-more-texts = ほかに{ $n }条の文が変わります。下の「新旧の比較」に全てあります。
impact-more = ほかに{ $n }件あります。下の「規則の変化」に全てあります。
impact-other = ほかの組織について変わること
impact-past = { $org }の記録に当てはめると
motion-was = この議案では、規約は変わりませんでした
motion-was-text = 以下は、可決されていれば変わったことです。議案に付けて示されたとおりに残しています。
motion-done = この改正は施行されました
motion-done-text = 以下は、議案に付けて示された影響です。
motion-unproven = 証明されていないことがあります
motion-unproven-call = 招集はできますが、議案は「変わらない」と主張できません。何が証明されていないかを、構成員に示します。
motion-unproven-vote = 何が証明されていないかは、「検証された影響」にあります。
amended-then = 改正前（規約 第{ $version }版）
amended-since = 改正後（第{ $version }版）
replay-judged = 貢献を判定したおよそ{ $n }組織のうち、満たしたのは{ $old ->
    [0] 5組織未満
   *[other] { $old }組織ほど
}から{ $new ->
    [0] 5組織未満
   *[other] { $new }組織ほど
}になります
replay-judged-alike = 貢献を判定したおよそ{ $n }組織のうち、満たしたものの数は、5組織きざみでは変わりません
replay-judged-text = 直近に終わった期間を、新旧の規約で判定しました。
replay-counted = 貢献を判定された構成員は、{ $old ->
    [0] 5組織未満
   *[other] およそ{ $old }組織
}から{ $new ->
    [0] 5組織未満
   *[other] およそ{ $new }組織
}になります
impact-pledge = 守秘の誓約の文が変わり、担当者全員がもう一度署名します
impact-unknown = 証明しています
impact-unknown-text = 証明が終わると、あなたの組織への影響をここに示します。
impact-unproven = 影響を、全ては証明できていません
impact-unproven-text = 変わらないと言い切れないことがあります。下の「検証された影響」に、何が証明できていないかを示しました。
impact-kept = 改正の前に提供された情報を読める者は、改正によって増えません。
amended-title = 新旧の比較
amended-old = 現行（規約 第{ $version }版）
amended-new = 改正案（第{ $version }版）
amended-numbers = 数と期限
amended-by-number = システムが従う数（条文と違うときは、この数で動きます）：
amended-beside = 文の変わらない関係条文を読む（{ $articles }）
impact-also = 第{ $no }号議案も、同じところ（{ $what }）を変えます。両方が可決されると、{ $how ->
    [after] 先に施行される第{ $no }号議案のとおりになり、この議案は施行されません。
   *[before] 先に施行されるこの議案のとおりになり、第{ $no }号議案は施行されません。
}{ $tie ->
    [yes] 施行の日時が同じなので、記録の順によります。
   *[no] {""}
}
impact-beside = 第{ $no }号議案も、{ $what }に関わることを変えます。合わせて読んでください。
impact-also-open = その議案を読む
impact-also-pledge = 誓約
impact-also-policies = 規則
impact-also-called = 呼び名
amended-policies = システムが実行する規則（Cedar）の違いを見る
amended-schema = 規則が参照する項目（スキーマ）の違いを見る
amended-nothing = 違いはありません。
amended-unreadable = この案のもとになった規約を、このシステムでは読めません。
proof-title = 検証された影響
proof-lead = システムが実行する規則の全ての組合せを、機械で検証した結果です。条文の言葉の意味は、検証していません。
proof-falls = 守られなくなること、証明できていないこと
proof-stays = 改正しても変わらないこと
proof-changes = 規則の変化
proof-proven = どの構成員、どの情報、どの操作の組合せでも成り立つことを証明しました。集計や票の数から推し量れることは、含みません。
proof-within = 範囲に入っている者が読めるものは、変わります。下の「規則の変化」を読んでください。
proof-broken = 破れます：
proof-may-be-voted = { -assembly }の議決で変えてよいことです。可決されれば、次のようになります。
proof-unknown = 証明できていません：
proof-blocked = この案は、{ -assembly }に付せません
proof-blocked-text = 多数決でも奪えない性質が破れます。下の例を読んで、案を書き直してください。
proof-gains = 新しくできるようになります。
proof-loses = できなくなります。
proof-nothing = システムが実行する規則（誰が何をしてよく、何を見てよいか）には、変わるものがありません。数の変更で見えるようになるもの（投票や集計など）と文の変化は、このページの初めにあります。
proof-how = 検証の方法と再現手順
proof-charters = 検証した規約
proof-method = 方法
proof-method-text = Cedarの記号的解析（SMT、反例の探索）。問い { $n }件
proof-self = 自分で確かめる
proof-going = 証明しています
proof-going-text = このページで待たなくてもかまいません。終わると、ここに結果が出ます。
vote-title = 投票の確認
vote-before = （いまの票：{ $choice }）
vote-text = { $at }までは、何度でも変えられます。
vote-named = 締切までは、どの構成員にも、{ -secretariat }にも見えません。ただし、機械を運用する者が中を読むことまでは防げません。締切の後に、組織の名前とともに構成員へ公開します。
vote-named-committee = 締切までは、どの構成員にも、{ -secretariat }にも見えません。ただし、機械を運用する者が中を読むことまでは防げません。締切の後に、組織の名前とともに{ -steering-member }と{ -secretariat }へ公開します。
vote-go = この内容で投票する
vote-back = 選び直す
votes-title = 票の確認
votes-good = 全ての票を数え直し、合計が合うことを確かめました
votes-good-text = { $n }票の署名、つながり、合計を、いま確かめました。
votes-bad = 票の記録が合いません
votes-bad-chain = 票のつながりが切れています。{ -secretariat }と全構成員に知らせてください。
votes-bad-signature = 署名の合わない票があります。{ -secretariat }と全構成員に知らせてください。
votes-bad-count = 合計か結果が、票と合いません。{ -secretariat }と全構成員に知らせてください。
votes-bad-vote = 封じた時と中身の違う票があります。{ -secretariat }と全構成員に知らせてください。
votes-own = あなたの組織の票（{ $choice }）は、数えられています
votes-own-text = { $no }番目に受け付けた票です。
votes-own-void = あなたの組織の票は、数えられていません
votes-own-void-text = 締切の時に構成員でなかったためです。
votes-own-missing = あなたの組織の票が、一覧にありません
votes-own-missing-text = 控えを保存して、{ -secretariat }と全構成員に知らせてください。
votes-count = 集計
votes-result = 結果
votes-opinions = 意見
votes-self = 自分の手元で確かめる
votes-self-text = 票のファイルと控えを保存すると、このシステムに頼らずに数え直せます。
votes-command = 確かめるコマンド
votes-file = 全ての票を保存する（JSON）
votes-limits = 保証すること：受け付けた票が消されたり変えられたりすれば、控えで分かります。保証しないこと：システムを運用する者は、締切の前に票を読むことができ、技術的には組織に代わって署名できます。
votes-all = 全ての票（{ $n }）
votes-more = ほか{ $n }票は、ファイルにあります。
draft-amendment = 規約の改正案
draft-resolution = 決議の案
draft-lead = 規約 第{ $version }版を、その場で書き換えてください。変えたところだけが、改正案になります。
draft-title = 議案の名前
draft-title-hint = 例：期限の改正
draft-reasons = 提案の理由
draft-reasons-hint = 何を、なぜ変えるのか。投票のページの初めに載ります
draft-effective = 施行の日時
draft-effective-hint = 招集の通知から投票までに{ $n }日以上かかります。投票の締切より後にしてください
draft-numbers-text = 変える数だけを書き換えてください。
draft-now = いま
draft-new = 改正後
draft-articles = 条文
draft-articles-text = 日本語と英語の両方を書き換えてください。
draft-called = 呼び名と一覧
draft-called-text = 機関や分類の呼び名、文の中での言い方、分野と正当な理由の一覧です。日本語と英語の両方を書き換えてください。
draft-called-open = 呼び名と一覧を書き換える
draft-called-new = 加える{ $n }（英小文字の識別子）
called-names = 呼び名
called-words = 文の中での言い方
called-sector = 分野
called-just_cause = 正当な理由
draft-pledge-text = 改めると、担当者全員にもう一度署名を求めます。
draft-pledge-open = 誓約を書き換える
draft-policies = 規則（Cedar）
draft-policies-text = 詳しい人のための欄です。条文だけを変えても、システムの動きは変わりません。
draft-policies-open = 規則を書き換える
draft-proof = 保存すると、誰が何をできるようになるかを機械が証明します。多数決でも奪えない性質が破れる案は、{ -assembly }に付せません。
draft-text = 決議の文
draft-text-hint = 可決されたときに効力を持つ文です
draft-go = 下書きを保存する
charter-since = 施行：
charter-old = これは、いまの規約ではありません
charter-go-current = いまの規約を読む
charter-read = 規約を読む
charter-policies = システムが実行する規則（Cedar）を見る
charter-history = 規約の歴史
charter-version = 第{ $version }版
charter-shown = 表示中
charter-compare = 第{ $version }版と比べる
charter-motion = 議案
charter-edition = 新しい版のソフトウェアに合わせて
compare-title = 規約を比べる
compare-from = もとの版
compare-to = 比べる版
compare-go = 比べる
done-voted = 投票しました。締切までは変えられます
done-motion-drafted = 下書きを保存しました
done-motion-noticed = 招集を通知しました
done-motion-dropped = 議案を取り下げました
replay-title = 過去12か月を、改正案で再現すると
replay-lead = この{ -council }の記録を、新旧の規約で一つずつ比べた結果です。件数は、5件きざみで示します。
replay-more = { $seat }は、{ $kind }{ $n }件について、いまは読めないところも読めました
replay-less = { $seat }は、{ $kind }{ $n }件について、いまは読めるところが読めませんでした
replay-kind-item = 情報
replay-kind-measure = 対策情報（または、それへの回答）
replay-kind-consultation = 相談
replay-earlier = 対策情報{ $n }件は、全構成員へ早く提供できました（中央値で{ $span }早く）
replay-later = 対策情報{ $n }件は、全構成員への提供が遅れるか、できませんでした
replay-answers = { -class2-short }の回答{ $n }件のうち、期限内は{ $old ->
    [0] 5件未満
   *[other] { $old }件
}から{ $new ->
    [0] 5件未満
   *[other] { $new }件
}になります
replay-answers-alike = { -class2-short }の回答およそ{ $n }件のうち、期限内のものの数は、5件きざみでは変わりません
replay-answers-text = 遅れた回答も、回答として受け付けます。5件きざみの数なので、数件の遅れは表れません。
replay-same = 再現しても、届く情報と時刻、回答の求めに違いはありません。
replay-few = ほかにも違いはありますが、どれも5件に満たないため、数は示しません。
replay-only-few = 違いはありますが、どれも5件に満たないため、数は示しません。
draft-committee = { -steering }の決議の案
assembly-committee = { -steering }の決議の案を作る
motion-kind-committee = { -steering }の決議
motion-soon-committee = 議案の文は、招集の通知で確定しました。投票できるのは、通知の時の{ -steering-member }です。
motion-early = 残りの票にかかわらず可否が決まると、その時に終わります。
motion-call-committee = 通知すると、議案の文は変えられません。{ -steering-member }にメールで知らせます。急ぐときは、投票の開始をいまにしてください。
amended-only-ja = 日本語の文だけが変わります。英語の文は前のままです。
amended-other = 英語の文の新旧を読む
amended-only-en = 英語の文だけが変わります。日本語の文は前のままです。
proof-group-gains = 新しくできるようになること（{ $n }件）
proof-group-loses = できなくなること（{ $n }件）
replay-asked = { $seat }が{ $question ->
    [early] 「来ているか」を尋ねられる対策情報は
   *[other] 専門的なフィードバックを求められる分析情報は
}、{ $old ->
    [0] 5件未満
   *[other] { $old }～{ $old_most }件
}から{ $new ->
    [0] 5件未満
   *[other] { $new }～{ $new_most }件
}になります
replay-asked-alike = { $seat }が{ $question ->
    [early] 「来ているか」を尋ねられる対策情報は
   *[other] 専門的なフィードバックを求められる分析情報は
}、{ $n ->
    [0] 前後とも5件未満ですが
   *[other] 前後とも{ $n }～{ $m }件ですが
}、対象が入れ替わります
replay-asked-more = { $seat }のうち、{ $question ->
    [early] 「来ているか」を尋ねられる組織が、対策情報{ $n }～{ $m }件で
   *[other] 専門的なフィードバックを求められる組織が、分析情報{ $n }～{ $m }件で
}増えます
replay-asked-less = { $seat }のうち、{ $question ->
    [early] 「来ているか」を尋ねられる組織が、対策情報{ $n }～{ $m }件で
   *[other] 専門的なフィードバックを求められる組織が、分析情報{ $n }～{ $m }件で
}減ります
replay-asked-begins = { $seat }は、{ $question ->
    [early] 「来ているか」を、いまは尋ねられません。改正案では、12か月に{ $n }～{ $m }件の対策情報について尋ねられました
   *[other] 専門的なフィードバックを、いまは求められません。改正案では、12か月に{ $n }～{ $m }件の分析情報について求められました
}
replay-asked-ends = { $seat }は、{ $question ->
    [early] 12か月に{ $n }～{ $m }件の対策情報について、「来ているか」を尋ねられました。改正案では、尋ねられません
   *[other] 12か月に{ $n }～{ $m }件の分析情報について、専門的なフィードバックを求められました。改正案では、求められません
}
replay-asked-text = それぞれの組織が、1件につき1回尋ねられます（提供者が除外した組織を除く）。
duty-own = { $begins ->
    [yes] { $question ->
        [early] 早い段階の対策情報のたびに、「来ている・来ていない・わからない」の回答を
       *[other] 分析情報が共有されるたびに、専門的なフィードバック（意見か「材料なし」）を
    }求められるようになります。期限は{ $within }です。{ $judged ->
        [yes] 期限までに答えた割合が、貢献として判定されます
       *[no] 答えたかどうかは、貢献の判定には関わりません
    }{ $known ->
        [yes] 。過去12か月なら、{ $n }～{ $m }件でした（いまは0件）
       *[no] {""}
    }
   *[no] { $question ->
        [early] 「来ている・来ていない・わからない」の回答を
       *[other] 専門的なフィードバックを
    }求められなくなります{ $judged ->
        [yes] 。求められないので、回答の貢献は判定されなくなります
       *[no] {""}
    }
}
duty-other = { $seat }は、{ $question ->
    [early] 早い段階の対策情報について、「来ている・来ていない・わからない」の回答を
   *[other] 共有された分析情報について、専門的なフィードバックを
}求められ{ $begins ->
    [yes] るようになります（期限{ $within }）
   *[no] なくなります
}
duty-ceased = { $question ->
    [early] 「来ているか」は、だれも尋ねられなくなります。新しい集計もなくなります
   *[other] 専門的なフィードバックは、だれも求められなくなります
}
impact-also-given = { $org }が出すものも、ほかの{ $seat }に読まれます。
impact-text-counts = 食い違うときに効力のある英語の文：
impact-texts-other = 英語の文の新旧は、下の「新旧の比較」にあります。
replay-reached = 全構成員に提供できる確度に達した分析は、{ $old ->
    [0] 5件未満
   *[other] およそ{ $old }件
}から{ $new ->
    [0] 5件未満
   *[other] およそ{ $new }件
}になります
replay-wrong = 提供できた分析のうち、後で誤りと分かったものは、{ $old ->
    [0] 5件未満
   *[other] およそ{ $old }件
}から{ $new ->
    [0] 5件未満
   *[other] およそ{ $new }件
}になります
impact-only-others = { $org }に許される操作と受け取る情報は、変わりません
impact-only-others-text = ほかの構成員に許される操作か、見える情報が変わります。下の「ほかの組織について変わること」を読んでください。
impact-apart = 第{ $number }条の規則が変わりますが、条の文は変わりません。文と動きが合わなくなることがあります
proof-breaks-scope = 提供者が決めた共有範囲の外で、新たに見えるようになる者がいる
proof-breaks-left_out = 提供者が除外した組織（監督官庁など）に、新たに見えるようになるものがある
proof-breaks-demand = 情報提供等を求めることができる場合が、広がる
proof-breaks-rights = 脱退する権利、議決する権利、取り下げる権利のどれかが、失われる
draft-hundredths = 100で1.00
