//! Every key of the configuration, once: name, default, words. File, environment, flags and help are made from this table.

use crate::lang::Lang;

/// One key.
#[derive(Debug)]
pub struct Key {
    /// Its name in the file, with a dot for the table it stands in.
    pub name: &'static str,
    /// What is used where nobody says otherwise; empty for "unset".
    pub default: &'static str,
    /// What stands for the value in the help.
    pub value: &'static str,
    /// Not in the help: for tests.
    pub hidden: bool,
    /// 何のための設定か.
    pub ja: &'static str,
    /// What it is for.
    pub en: &'static str,
}

impl Key {
    /// The environment variable: `limits.body` is `NOROSHI_LIMITS_BODY`.
    #[must_use]
    pub fn env(&self) -> String {
        format!("NOROSHI_{}", self.name.replace('.', "_").to_ascii_uppercase())
    }

    /// The flag without its dashes: `limits.body` is `limits-body`.
    #[must_use]
    pub fn flag(&self) -> String {
        self.name.replace(['.', '_'], "-")
    }

    /// What it is for, in words.
    #[must_use]
    pub fn about(&self, lang: Lang) -> &'static str {
        lang.pick(self.ja, self.en)
    }
}

/// The key of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

const fn key(
    name: &'static str,
    default: &'static str,
    value: &'static str,
    ja: &'static str,
    en: &'static str,
) -> Key {
    Key { name, default, value, hidden: false, ja, en }
}

/// All keys, in the order in which they are shown.
pub static KEYS: &[Key] = &[
    key("data_dir", "", "DIR", "データを置くディレクトリ", "the directory that holds the council's data"),
    key(
        "database",
        "",
        "URL",
        "データベース（空なら data_dir の noroshi.db。例 postgres://noroshi@db/noroshi）",
        "the database (empty: noroshi.db in data_dir; or postgres://noroshi@db/noroshi)",
    ),
    key(
        "database_password_file",
        "",
        "FILE",
        "PostgreSQLのパスワードを1行で書いたファイル",
        "a file with the PostgreSQL password in one line",
    ),
    key("listen", "127.0.0.1:8080", "ADDR:PORT", "待ち受けるアドレス", "the address to listen on"),
    key(
        "debug_listen",
        "off",
        "ADDR:PORT",
        "運用者用の待ち受け（/metrics）。この機械の中だけ。off で無し",
        "the operator's listener (/metrics), on this machine only; off for none",
    ),
    key(
        "public_url",
        "",
        "URL",
        "構成員から見えるURL（例 https://noroshi.example.jp）",
        "the URL that members use (https://noroshi.example.jp)",
    ),
    key(
        "trusted_proxies",
        "",
        "IP,…",
        "X-Forwarded-For を信じてよい中継サーバーのアドレス",
        "addresses of the proxies whose X-Forwarded-For is believed",
    ),
    key("tls.cert", "", "FILE", "証明書（PEM、中間証明書も）", "the certificate chain (PEM)"),
    key("tls.key", "", "FILE", "証明書の秘密鍵（PEM）", "the certificate's private key (PEM)"),
    key(
        "tls.at_proxy",
        "no",
        "yes|no",
        "TLSは前段の中継サーバーが終端する（yes なら、暗号化なしでほかの機械から待ち受ける）",
        "a proxy in front ends TLS (yes lets other machines reach us without encryption)",
    ),
    key("smtp.host", "", "HOST", "メールを渡すサーバー", "the mail server that takes our mail"),
    key("smtp.port", "587", "PORT", "そのポート", "its port"),
    key("smtp.tls", "starttls", "starttls|tls|none", "その暗号化", "how it is encrypted"),
    key("smtp.user", "", "NAME", "その利用者名", "the user name there"),
    key(
        "smtp.password_file",
        "",
        "FILE",
        "そのパスワードを1行で書いたファイル",
        "a file with the password in one line",
    ),
    key("smtp.from", "", "MAIL", "差出人のメールアドレス", "the address that mail comes from"),
    key(
        "limits.body",
        "1MiB",
        "SIZE",
        "1回の送信の大きさの上限（サインインした人が様式に書く分は8MiB）",
        "the largest request body (what somebody signed in types into a form: 8MiB)",
    ),
    key("limits.upload", "25MiB", "SIZE", "ファイルの送信の大きさの上限", "the largest upload of files"),
    key("limits.connections", "12000", "N", "同時の接続の上限", "how many connections at a time"),
    key(
        "limits.header_timeout",
        "5s",
        "TIME",
        "要求の見出しを待つ時間",
        "how long the head of a request may take",
    ),
    key("limits.body_timeout", "10s", "TIME", "遅い送信を待つ時間", "how long a slow sender is waited for"),
    key(
        "limits.handler_timeout",
        "30s",
        "TIME",
        "1つの処理にかけてよい時間",
        "how long an answer may take to begin",
    ),
    key(
        "limits.write_timeout",
        "10s",
        "TIME",
        "受け取らない相手を待つ時間",
        "how long a slow reader is waited for",
    ),
    key(
        "limits.idle_timeout",
        "60s",
        "TIME",
        "HTTP/2で何もない接続を保つ時間",
        "how long an idle HTTP/2 connection is kept",
    ),
    key(
        "language",
        "ja",
        "ja|en",
        "利用者が選んでいないときの言語",
        "the language where the user has not chosen one",
    ),
    key("zone", "Asia/Tokyo", "ZONE", "画面とメールの時刻の時間帯", "the time zone of screens and mail"),
    key(
        "log",
        "info",
        "LEVEL",
        "記録の細かさ（error warn info debug）",
        "how much is logged (error, warn, info, debug)",
    ),
    Key {
        name: "test_clock",
        default: "",
        value: "FILE",
        hidden: true,
        ja: "試験用の時計：秒のずれ（+3600）または時刻を書いたファイル",
        en: "a clock for tests: a file with an offset in seconds (+3600) or a moment",
    },
];
