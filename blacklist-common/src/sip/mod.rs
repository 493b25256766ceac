//! Reading the text of a SIP message: its header block, its addresses, the numbers in them.

pub mod address;
pub(crate) mod class;
pub mod find;
pub mod message;
pub(crate) mod parameters;
pub mod scan;
pub mod text;
pub mod uri;
pub mod user_part;
