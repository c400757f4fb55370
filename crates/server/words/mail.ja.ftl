# メールの言葉。値：本文、.subject：件名。秘密の内容は書かない。

mail-greeting = { $name } 様
mail-link = 次のページを開いて、サインインしてください。開くだけでは何も変わりません。
    { $link }
mail-foot = このメールには秘密の内容を書いていません。心当たりがないときは、{ $council }の{ -secretariat }に電話してください。
    { $council }（自動送信）

mail-news = あなたの組織に関わる動きがありました。
    .subject = お知らせがあります
mail-analysis = 新しい分析が届きました。期限までに、意見または「材料なし」を回答してください。
    .subject = 分析への回答をお願いします
mail-addendum = ほかの枠組みで出た情報への補足が届きました。
    .subject = 補足の情報が届きました
mail-scope-asked = 提供した情報の共有範囲を広げてほしい、という依頼があります。広げるかどうかを決められるのは、あなたの組織だけです。
    .subject = 共有範囲を広げる依頼があります
mail-scope-granted = 依頼した情報の共有範囲を、提供者が引き直しました。
    .subject = 共有範囲が引き直されました
mail-scope-ended = あなたの組織が決めた期限が来たため、提供した情報の共有が終わりました。いま読めるのは、あなたの組織と{ -coordinator }だけです。引き直せば、また共有できます。
    .subject = 情報の共有が期限で終わりました
mail-scope-lapsed = 共有範囲を広げる依頼の期限が過ぎました。範囲は変わっていません。
    .subject = 共有範囲の依頼の期限が過ぎました
mail-consultation = 相談に動きがありました。
    .subject = 相談に動きがあります
mail-feedback = 対策情報について、回答が届きました。
    .subject = 回答が届きました
mail-inquiry = 照会が届いています。来ている・来ていない・わからない、のどれかで答えてください。
    .subject = 照会が届いています
mail-inquiry-soon = 照会への回答の期限が近づいています。わからない、も回答です。
    .subject = 照会の回答期限が近づいています
mail-inquiry-due = 相談者のための照会の回答期限が過ぎました。集まった回答から、結果を相談者に返してください。
    .subject = 照会の期限が過ぎました
mail-inquiry-over = 答えていただいた照会の結果を、尋ねた組織に返しました。
    .subject = 照会の結果を返しました
mail-item = 提供した情報、または担当する情報に動きがありました。
    .subject = 情報に動きがあります
mail-narrowed = ある情報の共有範囲を、提供者が狭めました。読めなくなったものがあります。
    .subject = 共有範囲が変わりました
mail-outcome = 提供していただいた情報の結果が出ました。
    .subject = 提供した情報の結果をお知らせします
mail-permission = 相談の内容の一部を使ってよいか、許可を求められています。許可があるまで使われません。
    .subject = 使用の許可を求められています
mail-proposal = 提供の提案があります。二人目の確認が必要です。
    .subject = 二人目の確認をお願いします
mail-feedback-complete = 早い段階の対策情報に、尋ねた組織のすべてが答えたか、回答を免除されました。回答を見て、確度を評価してください。
    .subject = 回答がそろいました
mail-permission-waits = 相談の内容を使ってよいか、お返事をお待ちしています。使う文面と、読む相手を確かめて、許可するかどうかを選んでください。
    .subject = 相談のお返事をお待ちしています
mail-permission-withdrawn = 相談の内容を使う許可の求めは、取り下げられました。返事は要りません。
    .subject = 許可の求めが取り下げられました
mail-help = 対策情報について、手助けを求める組織があります。一覧で相手と電話番号を確かめて、折り返してください。
    .subject = 手助けを求められています
mail-source-retracted = 提供した対策情報の元になった情報が、提供者に取り下げられました。対策情報を見直して、続報・訂正・取消のどれかを出してください。
    .subject = 元の情報が取り下げられました
mail-outgrown = 以前の分類のときに受け取った、早い段階の対策情報が変わりました。いまの分類では内容を読めません。それに基づいて行ったことがあれば、相談してください。
    .subject = 以前に受け取った対策情報が変わりました
mail-turned-down = 提案した提供は、二人目の確認で見送られたか、取り下げられました。理由は、提供前の確認のページにあります。
    .subject = 提供の提案が見送られました
mail-received = 新しい情報提供が届きました。受け付けるかどうかを決めてください。
    .subject = 情報提供が届きました
mail-retracted = 読めるようになっていた情報を、提供者が取り下げました。内容はもう読めません。
    .subject = 情報が取り下げられました
mail-request = 低確度の対策情報が届きました。期限までに、来ている・来ていない・わからない、を回答してください。
    .subject = 回答をお願いします
mail-result = 相談への結果が届きました。
    .subject = 相談の結果が届きました
mail-request-soon = { -class2-short }への照会の回答期限が近づいています。来ている・来ていない・わからない、のどれかで答えてください。
    .subject = 回答の期限が近づいています
mail-request-overdue = { -class2-short }への照会の回答期限が過ぎました。わからない、も回答です。遅れても受け付けます。
    .subject = 回答の期限が過ぎました
mail-analysis-soon = 分析への回答の期限が近づいています。意見または「材料なし」を回答してください。
    .subject = 分析への回答の期限が近づいています
mail-analysis-overdue = 分析への回答の期限が過ぎました。意見または「材料なし」を回答してください。遅れても受け付けます。
    .subject = 分析への回答の期限が過ぎました
mail-answers-missing = 期限を過ぎても回答のない組織があります。確かめてください。
    .subject = 回答のない組織があります
mail-confirm-soon = 伏せ字の文を確認する期限が近づいています。期限までに返事がないときは、共有されません。
    .subject = 伏せ字の文の確認をお願いします
mail-confirm-lapsed = 伏せ字の文の確認の期限が過ぎました。共有されず、{ -coordinator }にとどまります。
    .subject = 確認の期限が過ぎました
mail-review = 予防的に提供した対策情報の見直しの期限です。見直しの結果を記録してください。
    .subject = 見直しをお願いします
mail-silence = 相談に、しばらく動きがありません。このまま動きがなければ、終了します。あとから再開できます。
    .subject = 相談をまもなく終了します
mail-early-update = { -class2-short }に提供された対策情報の続報が届きました。確認してください。
    .subject = 続報が届きました
mail-early-correction = { -class2-short }に提供された対策情報が訂正されました。前の内容のままにせず、読んで、確認したことを返してください。
    .subject = 訂正が届きました
mail-early-cancellation = { -class2-short }に提供された対策情報が取り消されました。確認したことを返してください。
    .subject = 取消が届きました
mail-early-all-clear = { -class2-short }に提供された対策情報が終わりました。
    .subject = 終了のお知らせ
mail-early-expired = { -class2-short }に提供された対策情報の有効期間が終わりました。
    .subject = 有効期間が終わりました
mail-suspended = 組織の参加が一時停止されました。その間は、情報の閲覧と操作ができません。いつまでかは、組織のページに書いてあります。
    .subject = 参加が一時停止されました
mail-reinstated = 組織の一時停止が終わりました。これまでどおり閲覧と操作ができます。
    .subject = 一時停止が終わりました
mail-contribution-notice = 貢献に足りないところがあったとして、{ -secretariat }から通知がありました。弁明の期限があります。内容を読んでください。
    .subject = 貢献についての通知があります
mail-contribution-explained = 分類の見直しについて、弁明が届きました。
    .subject = 弁明が届きました
mail-contribution-heard = 分類の見直しについて、弁明の期限が過ぎました。決定までは、弁明を書き加えられます。
    .subject = 弁明の期限が過ぎました
mail-contribution-decided = 分類の見直しについて、{ -steering }の決定が記録されました。理由とともに読んでください。
    .subject = 分類の見直しの決定がありました
mail-member-stepped-down = 構成員が、自ら{ -general }になりました。どの組織かは、構成員の名簿に書いてあります。
    .subject = 構成員の分類が変わりました
mail-member-left = 構成員が、届出により脱退しました。どの組織かは、構成員の名簿に書いてあります。
    .subject = 構成員が脱退しました

mail-notice-first = 緊急の対策情報が届きました。確認して、対応状況を報告してください。
    .subject = 緊急：対策情報が届きました
mail-notice-update = 対策情報の続報が届きました。確認してください。
    .subject = 続報：対策情報が更新されました
mail-notice-correction = 対策情報が訂正されました。前の内容のままにせず、もう一度確認してください。
    .subject = 訂正：対策情報が訂正されました
mail-notice-cancellation = 対策情報が取り消されました。確認してください。
    .subject = 取消：対策情報が取り消されました
mail-notice-all-clear = 対策情報が終わりました。確認してください。
    .subject = 解除：対策情報が終わりました
mail-notice-again = まだ確認されていない対策情報があります。確認して、対応状況を報告してください。
    .subject = 再通知：まだ確認されていません
mail-open-first = { $title }

    { $body }
    .subject = 緊急：{ $title }
mail-open-update = 対策情報の続報です。変わったこと：
    { $note }

    今の内容：
    { $title }

    { $body }
    .subject = 続報：{ $title }
mail-open-correction = 対策情報が訂正されました。前の内容のままにせず、もう一度確認してください。訂正したこと：
    { $note }

    訂正後の内容：
    { $title }

    { $body }
    .subject = 訂正：{ $title }
mail-open-cancellation = 次の対策情報は取り消されました。もう行わないでください。取り消す理由：
    { $note }

    取り消された内容：
    { $title }

    { $body }
    .subject = 取消：{ $title }
mail-open-all-clear = 次の対策情報は終わりました。終わる理由：
    { $note }

    終わった内容：
    { $title }

    { $body }
    .subject = 解除：{ $title }

mail-precautionary = 確度が「高」になる前の、予防的な提供です。費用が小さく元に戻せる行動なので、先にお知らせします。
mail-exercise = 【訓練】これは訓練です。実際の攻撃の知らせではありません。
    .subject = 【訓練】

mail-invitation = { $council }の取扱者として指名されました。次のページで誓約の内容を読み、署名して、パスワードを決めてください。このリンクはあなた専用です。ほかの人に渡さないでください。
    .subject = 取扱者として招待されました
mail-motion-noticed = { -assembly }の招集通知です。議案の文と、あなたの組織への影響を読んで、締切までに投票してください。
    .subject = { -assembly }の招集通知
mail-motion-opened = 投票が始まりました。締切までは、何度でも変えられます。
    .subject = 投票が始まりました
mail-motion-closes = { -assembly }の投票が、もうすぐ締め切られます。投票が済んでいれば、何もしなくてかまいません。締切までは、何度でも変えられます。
    .subject = もうすぐ投票の締切です
mail-motion-closed = 投票が締め切られました。結果と、全ての票を確かめられます。
    .subject = 投票の結果
mail-motion-dropped = 招集を通知した議案が、投票の前に取り下げられました。
    .subject = 議案が取り下げられました
mail-charter-changed = 改正された規約が、今日から効力を生じました。
    .subject = 規約が改正されました
mail-amendment-stopped = 可決された改正が、施行できませんでした。理由は、議案のページにあります。
    .subject = 改正を施行できませんでした
mail-demand-issued = 情報提供の求めが届いています。サインインして、内容と回答の期限を確かめてください。
    .subject = 情報提供の求めが届いています
mail-demand-soon = まだ回答していない求めの期限が近づいています。
    .subject = 求めの回答期限が近づいています
mail-demand-overdue = 求めの回答期限を過ぎました。期限のあとでも回答できます。
    .subject = 求めの回答期限を過ぎました
mail-demand-ended = 情報提供の求めが終わりました。
    .subject = 情報提供の求めが終わりました
mail-demand-regarded = 正当な理由について、{ -steering }の見解が記録されました。
    .subject = { -steering }の見解が記録されました
mail-demand-reported = 終わった情報提供の求めについて、報告があります。
    .subject = 情報提供の求めの報告があります
mail-case-filed = 加入の申込、または分類の希望が届いています。
    .subject = 構成員の件が届いています
mail-expulsion-proposed = 除名が提案されました。サインインして、理由と弁明の期限を確かめてください。弁明か期限を待たずに決まることはありません。サインインできない場合は、{ -secretariat }に書面で弁明できます。
    .subject = 重要：除名が提案されました
mail-charge-answered = 除名の提案に、構成員が弁明しました。
    .subject = 弁明が届きました
mail-charge-heard = 弁明の期限が過ぎました。{ -steering }に付せます。
    .subject = 弁明の期限が過ぎました
mail-case-decided = 申し出た件、または提案された件について、結果が出ました。
    .subject = 件の結果が出ました
mail-link-own = 進み具合の確認と取下げは、次のページで行います。このアドレスはあなた専用です。ほかの人に渡さないでください。
    { $link }
mail-application = 加入の申込を受け付けました。結果が出たら、メールでお知らせします。
    .subject = 加入の申込を受け付けました
mail-application-decided = 加入の申込の審査が終わりました。受付のメールにあるページで、結果を確かめてください。
    .subject = 加入の申込の審査が終わりました
mail-case-retracted = 加入の申込が取り下げられました。
    .subject = 加入の申込が取り下げられました
mail-contribution-retracted = 貢献についての通知が、理由とともに取り消されました。分類は変わりません。
    .subject = 貢献についての通知が取り消されました
