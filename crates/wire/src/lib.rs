//! What crosses the border of the council: STIX 2.1 and TAXII 2.1, as formats and nothing else.
//!
//! No database, no network and no clock: bytes come in through `Read`, values go out. Nothing here knows what a council
//! is; what a member may read was decided before anything gets here.

pub mod stix;
pub mod taxii;
pub mod time;
