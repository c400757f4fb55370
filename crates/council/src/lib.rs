//! The rules of the council, and nothing else.
//!
//! Everything here is a value or a function of values. There is no clock, no database, no network and no randomness in
//! this crate: times (unix microseconds), ids and facts come in as arguments, and what changed goes out as events. A rule
//! of the council that cannot be tested here in a millisecond is in the wrong place. (Builds that break a promise on purpose
//! ask the environment which one: `leak`.)
//!
//! What the assembly may amend is not here but in the charter (Cedar text and parameters). The rules here ask it through
//! the [`Law`] trait.
//!
//! | 規約の言葉 | English | type |
//! |---|---|---|
//! | 構成員 | member (organisation) | [`Org`] |
//! | 第一類・第二類・一般の構成員 | class 1, class 2, general member | [`Class`] |
//! | 連絡調整機関・事務局・運用者 | coordinator, secretariat, operator | [`Seat`] |
//! | 加入・停止・脱退・除名 | standing of a membership | [`standing::Membership`] |
//! | 事務従事者（取扱者）・誓約 | handler, pledge | [`Actor`], [`handler::State`] |
//! | 構成員の一覧 | list of members | [`listing::listed_to`] |
//! | 共有範囲 | sharing scope | [`Scope`], [`NamedScope`] |
//! | 情報の層 | layer of a thing | [`Layer`] |
//! | 確度 | confidence | [`confidence::Confidence`] |
//! | 相談・助言・照会 | consultation, advice, inquiry | [`consult::Consultation`] |
//! | 情報提供・分析情報・専門的フィードバック | submission, analysis, expert feedback | [`item::Item`] |
//! | 対策情報 | countermeasure | [`measure::Measure`] |
//! | 取り込み | import | [`import::Import`] |
//! | 来ている／来ていない／わからない | seen, not seen, unknown | [`answer::Verdict`] |
//! | 貢献・責務 | contribution, duty | [`contribution::Tally`] |
//! | 申込・分類の希望・除名 | cases before the committee | [`case::Case`] |
//! | 情報提供等協力の求め | demand for information | [`demand::Demand`], [`demand::answer::Given`] |
//! | 分類の見直し・弁明 | class review, explanation | [`contribution::Review`] |
//! | 年次報告 | annual report | [`report::Report`] |

pub mod action;
pub mod answer;
pub mod asking;
pub mod assembly;
pub mod case;
pub mod confidence;
pub mod consult;
pub mod contribution;
pub mod demand;
pub mod gate;
pub mod handler;
pub mod handling;
pub mod id;
pub mod import;
pub mod indicator;
pub mod item;
pub mod layer;
#[doc(hidden)]
pub mod leak;
pub mod listing;
pub mod measure;
pub mod member;
pub mod receipt;
pub mod refusal;
pub mod replay;
pub mod report;
pub mod scope;
pub mod standing;
pub mod terms;
pub mod thing;

pub use action::Action;
pub use gate::{Gate, Kept, Law, ReaderFacts, Subject};
pub use handling::{Handling, Pap, Tlp};
pub use id::{OrgId, PersonId, ThingId};
pub use layer::{Layer, LayerState, Sight};
pub use member::{Actor, Class, Org, Role, Roster, Seat, Standing, Text};
pub use refusal::Refusal;
pub use scope::{NamedScope, Scope};
pub use terms::Terms;
pub use thing::{Thing, View};

/// A moment: microseconds since 1970-01-01T00:00:00Z.
pub type Micros = i64;
